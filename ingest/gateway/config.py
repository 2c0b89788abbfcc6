"""The gateway's one file: who it is, where the broker is, where devices reach it, and where its journal lies."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_CODE = re.compile(r"[A-Za-z0-9_-]{1,40}")
_FIELDS = {"site", "gateway", "password", "broker", "listen", "journal", "form", "status_file"}
FORMS = ("json", "binary")
DEFAULT_MAX_MIB = 1024


class ConfigRefused(ValueError):
    """A configuration that cannot be used; names the file and the field."""


@dataclass(frozen=True, slots=True)
class GatewayConfig:
    """What the file says; `journal_max_bytes` bounds what the gateway holds back for the platform."""

    site: str
    gateway: str
    password: str
    broker_host: str
    broker_port: int
    broker_ca: Path | None
    listen_host: str
    listen_port: int
    journal_file: Path
    journal_max_bytes: int
    status_file: Path
    form: str = "json"


def load_config(file: Path) -> GatewayConfig:
    """This function will read a configuration file. Raises ConfigRefused."""
    try:
        body = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigRefused(f"{file} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise ConfigRefused(f"{file} is not JSON: {error}.") from error
    try:
        return _read(body, file.resolve().parent)
    except ConfigRefused as refusal:
        raise ConfigRefused(f"{file}: {refusal}") from None


def _read(body: Any, folder: Path) -> GatewayConfig:
    if not isinstance(body, dict):
        raise ConfigRefused("the top must be an object.")
    if unknown := sorted(set(body) - _FIELDS):
        raise ConfigRefused(f"{unknown[0]} is not a field; there are {', '.join(sorted(_FIELDS))}.")
    broker, listen, journal = (_part(body, name) for name in ("broker", "listen", "journal"))
    journal_file = folder / _text(journal, "journal.file")
    status_file, form = body.get("status_file"), body.get("form", "json")
    if form not in FORMS:
        raise ConfigRefused(f"form must be one of {', '.join(FORMS)}.")
    return GatewayConfig(
        site=_code(body, "site"),
        gateway=_code(body, "gateway"),
        password=_text(body, "password"),
        broker_host=_text(broker, "broker.host"),
        broker_port=_whole(broker, "broker.port", 1, 65535, 1883),
        broker_ca=folder / _text(broker, "broker.ca_file") if "ca_file" in broker else None,
        listen_host=_text(listen, "listen.host"),
        listen_port=_whole(listen, "listen.port", 1, 65535),
        journal_file=journal_file,
        journal_max_bytes=_whole(journal, "journal.max_mib", 1, 1024 * 1024, DEFAULT_MAX_MIB) * 2**20,
        status_file=folder / status_file if status_file else journal_file.with_suffix(".status.json"),
        form=form,
    )


def _part(body: dict[str, Any], name: str) -> dict[str, Any]:
    part = body.get(name)
    if not isinstance(part, dict):
        raise ConfigRefused(f"{name} must be an object.")
    return part


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name.rpartition(".")[2])
    if not isinstance(value, str) or not value:
        raise ConfigRefused(f"{name} must be a text.")
    return value


def _code(body: dict[str, Any], name: str) -> str:
    value = _text(body, name)
    if not _CODE.fullmatch(value):
        raise ConfigRefused(f"{name} must be a code of 1 to 40 letters, digits, _ or -.")
    return value


def _whole(body: dict[str, Any], name: str, low: int, high: int, default: int | None = None) -> int:
    value = body.get(name.rpartition(".")[2], default)
    if type(value) is not int or not low <= value <= high:
        raise ConfigRefused(f"{name} must be a whole number from {low} to {high}.")
    return value
