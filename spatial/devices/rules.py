"""What a device may be called, how its password is stored, and when it counts as silent. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from datetime import datetime, timedelta

# The code is user name, client id and topic level at the broker: none of +, #, /, $, nor a dot (service accounts).
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{1,39}")
PASSWORD_BYTES = 24
_ITERATIONS = 101  # mosquitto_passwd's own count: these passwords are 192 random bits, not chosen by people
_SALT_BYTES = 12
MIN_SILENCE_S = 120


class DeviceRefused(ValueError):
    """A device cannot be registered; the message says why."""


def check_code(code: str) -> None:
    """This function will refuse a code that the broker could read as a wildcard or as a service account."""
    if not _CODE.fullmatch(code):
        raise DeviceRefused(
            f"{code!r} cannot be a device code: 2 to 40 letters, digits, - and _, beginning with a letter or digit."
        )


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
