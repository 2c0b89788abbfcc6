"""The demo's gateway: it stands beside the simulator, and the pit's helmets reach the platform by it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from spatial.devices.models import Device
from spatial.devices.operations import register_device, renew_password
from spatial.places.models import Site
from webmap.demo.loading.private_files import read_json, write_json

CODE, NAME = "ZD-GW1", "基坑网关"
HELMETS = 6
PORT_BASE, PORTS = 10_000, 10_000  # below the ports that systems give to connections of their own


def gateway_port(http_port: int) -> int:
    """This function will return where the demo's gateway listens: never the site's own port, and two demos on one
    machine do not meet."""
    return PORT_BASE + (http_port + PORTS // 2) % PORTS


def ensure_gateway(site: Site, folder: Path, mqtt: tuple[str, int], http_port: int, now: datetime) -> int:
    """This function will register the gateway, write its file, and put some helmets on its cables; returns how many."""
    file, fleet_file = folder / "gateway.json", folder / "fleet.json"
    before = read_json(file) or {}
    device, password = Device.objects.filter(code=CODE).first(), before.get("password")
    if device is None:
        device, password = register_device(site=site, code=CODE, name=NAME, kind=Device.Kind.GATEWAY,
                                           report_interval_s=5, actor=None, now=now)  # fmt: skip
    elif password is None:
        password = renew_password(device=device, actor=None, now=now)
    port = gateway_port(http_port)
    content: dict[str, Any] = {
        "site": site.code,
        "gateway": CODE,
        "password": password,
        "form": "binary",
        "broker": {"host": mqtt[0], "port": mqtt[1]},
        "listen": {"host": "127.0.0.1", "port": port},
        "journal": {"file": "gateway-journal.sqlite3", "max_mib": 64},
    }
    if before != content:
        write_json(file, content)
    fleet = read_json(fleet_file) or {}
    codes = [entry["code"] for entry in fleet.get("devices", [])][-HELMETS:]
    cables = {"host": "127.0.0.1", "port": port, "devices": codes}
    if fleet.get("gateway") != cables:
        write_json(fleet_file, {**fleet, "gateway": cables})
    return len(codes)
