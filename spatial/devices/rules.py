"""What a device may be called, how its password is stored, and when it counts as silent. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

# The code is user name, client id and topic level at the broker: none of +, #, /, $, nor a dot (service accounts).
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{1,39}")
PASSWORD_BYTES = 24
_ITERATIONS = 101  # mosquitto_passwd's own count: these passwords are 192 random bits, not chosen by people
_SALT_BYTES = 12
MIN_SILENCE_S = 120
TERMINAL_REGISTRATION = timedelta(hours=24)
_TERMINAL_NUMBER = re.compile(r"[0-9]{11,20}")


class DeviceRefused(ValueError):
    """A device cannot be registered; the message says why."""


def check_code(code: str) -> None:
    """This function will refuse a code that the broker could read as a wildcard or as a service account."""
    if not _CODE.fullmatch(code):
        raise DeviceRefused(
            f"{code!r} cannot be a device code: 2 to 40 letters, digits, - and _, beginning with a letter or digit."
        )


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """What is known of a device beside its code, kind and place."""

    maker: str = ""
    model: str = ""
    serial_number: str = ""
    firmware: str = ""
    note: str = ""
    protocol: str = "twinwall"
    datum: str = "WGS84"
    terminal_number: str = ""


def check_facts(facts: DeviceFacts) -> None:
    """This function will refuse facts that contradict each other or cannot be kept."""
    for name, limit in (("maker", 80), ("model", 80), ("serial_number", 80), ("firmware", 60), ("note", 300)):
        if len(getattr(facts, name)) > limit:
            raise DeviceRefused(f"{name}: {len(getattr(facts, name))} characters, more than {limit}.")
    if facts.terminal_number and not _TERMINAL_NUMBER.fullmatch(facts.terminal_number):
        raise DeviceRefused(f"terminal_number: {facts.terminal_number!r} is not 11 to 20 digits.")
    if (facts.protocol == "jt808") != bool(facts.terminal_number):
        raise DeviceRefused(
            "terminal_number: a JT/T 808 terminal needs the number in its message headers (11 to 20 digits); "
            "devices of other protocols have none."
        )


def bare_terminal_number(number: str) -> str:
    """This function will return a terminal number without the zeros that headers put in front of it."""
    return number.lstrip("0")


def new_password() -> str:
    """This function will return a random password of 192 bits for a machine to keep."""
    return secrets.token_urlsafe(PASSWORD_BYTES)


def broker_hash(password: str, *, salt: bytes | None = None, iterations: int = _ITERATIONS) -> str:
    """This function will return a password in mosquitto's `$7$` form: PBKDF2-SHA512, base64 salt and key."""
    salt = secrets.token_bytes(_SALT_BYTES) if salt is None else salt
    key = hashlib.pbkdf2_hmac("sha512", password.encode(errors="surrogatepass"), salt, iterations)
    return f"$7${iterations}${base64.b64encode(salt).decode()}${base64.b64encode(key).decode()}"


def is_password(password: str, stored: str) -> bool:
    """This function will tell whether a password has this `$7$` hash."""
    _, _, iterations, salt, _ = stored.split("$")
    again = broker_hash(password, salt=base64.b64decode(salt), iterations=int(iterations))
    return hmac.compare_digest(again, stored)


def silence_limit(report_interval_s: int) -> timedelta:
    """This function will return after how long without a packet a device is silent: 3 report intervals, at
    least 120 s (spec 07, P-10 and 7.2)."""
    return timedelta(seconds=max(3 * report_interval_s, MIN_SILENCE_S))


def is_stale(last: datetime | None, report_interval_s: int, now: datetime) -> bool:
    """This function will tell whether a device last heard of at `last` (None: never) is silent at `now`."""
    return last is None or now - last > silence_limit(report_interval_s)
