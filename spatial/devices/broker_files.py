"""The broker's password and access files, written from the registered devices.

`mosquitto.passwd` and `mosquitto.acl` lie in the instance's secrets folder, mode 600; whoever runs the broker
hands it copies and tells it when they change (deploy/broker.py looks twice a second). Device passwords are not
here: the database and the file hold their hashes only. The ingest service has an account of its own, whose
password lies in `ingest.json`.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from spatial.devices.models import Device
from spatial.devices.rules import broker_hash, new_password

SERVICE_ACCOUNT = "twinwall.ingest"  # a device code has no dot, so no device can be called this
PASSWORD_FILE = "mosquitto.passwd"
ACCESS_FILE = "mosquitto.acl"
SERVICE_FILE = "ingest.json"
# What a device sends, each also with /backfill behind it for what it held back (the slow lane).
INBOUND = ("positions", "messages", "binary", "sensorthings", "mapped")
BACKFILL = "backfill"
# What the platform sends to a device: acknowledgements, and commands that the device answers with receipts.
OUTBOUND = ("ack", "commands")
RECEIPTS = "receipts"


def access_text(gateways: Iterable[tuple[str, str]]) -> str:
    """Return the access file: a device may publish and read under its own name (%u) only; a gateway also carries
    commands and receipts of the devices of its site."""
    sent = [*INBOUND, *(f"{kind}/{BACKFILL}" for kind in INBOUND), RECEIPTS]
    lines = ["# Written by Twinwall. A device may publish and read under its own name (%u) only."]
    lines += [f"pattern write tw/v1/+/%u/{kind}" for kind in sent]
    lines += [f"pattern read tw/v1/+/%u/{kind}" for kind in OUTBOUND]
    for code, site in gateways:
        lines += ["", f"user {code}", f"topic read tw/v1/{site}/+/commands", f"topic write tw/v1/{site}/+/{RECEIPTS}"]
    lines += ["", f"user {SERVICE_ACCOUNT}"]
    lines += [f"topic readwrite tw/v1/+/+/{kind}" for kind in sent]
    lines += [f"topic readwrite tw/v1/+/+/{kind}" for kind in OUTBOUND]
    return "\n".join(lines) + "\n"


def service_credentials(folder: Path) -> tuple[str, str]:
    """This function will return user name and password of the ingest service, made at the first call."""
    file = folder / SERVICE_FILE
    if not file.exists():
        write_private(file, json.dumps({"username": SERVICE_ACCOUNT, "password": new_password()}) + "\n")
    held = json.loads(file.read_text(encoding="utf-8"))
    return held["username"], held["password"]


def write_broker_files(folder: Path) -> int:
    """This function will write both files from the devices in use and return how many devices may connect."""
    folder.mkdir(parents=True, exist_ok=True)
    username, password = service_credentials(folder)
    devices = Device.objects.filter(active=True).exclude(credential_hash="").order_by("code")
    lines = [f"{code}:{stored}" for code, stored in devices.values_list("code", "credential_hash")]
    service = f"{username}:{broker_hash(password)}"
    write_private(folder / PASSWORD_FILE, "\n".join([service, *lines]) + "\n")
    gateways = devices.filter(kind=Device.Kind.GATEWAY).values_list("code", "site__code")
    write_private(folder / ACCESS_FILE, access_text(gateways))
    return len(lines)


def write_private(file: Path, text: str) -> None:
    """This function will replace a file in one step, readable by its owner only (mode 600)."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
