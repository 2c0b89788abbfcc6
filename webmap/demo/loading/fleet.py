"""Devices of the demo, and the fleet file that the simulator drives them from."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

from bim.models import Revision
from spatial.devices.models import Device
from spatial.devices.operations import register_device, renew_password
from spatial.people.models import Person
from spatial.places.models import Site
from webmap.demo.cast import monitors
from webmap.demo.loading.private_files import read_json, write_json
from webmap.demo.loading.risks import anchor_on_element
from webmap.demo.routes import INTRUDERS, Walk, demo_walks

MONITOR_INTERVAL_S = 60
FAULTS = {"late_share": 0.02, "duplicate_share": 0.02, "garbage_share": 0.005}
"""Shares of messages that come late, twice, or as garbage, on every tenth helmet three times as often."""


def ensure_helmets(
    site: Site, people: dict[str, Person], fleet_file: Path, mqtt: tuple[str, int], now: datetime
) -> int:
    """This function will register the helmets and write the fleet file; returns how many helmets it drives.

    A helmet whose broker password the file has lost gets a new one.
    """
    before = read_json(fleet_file) or {}
    known = {entry["code"]: entry["password"] for entry in before.get("devices", [])}
    there = {device.code: device for device in Device.objects.filter(site=site, kind=Device.Kind.HELMET)}
    entries = []
    for number, walk in enumerate(demo_walks()):
        password = known.get(walk.code)
        if walk.code not in there:
            person = people[walk.code]
            _, password = register_device(
                site=site,
                code=walk.code,
                name=f"{person.full_name}的安全帽",
                kind=Device.Kind.HELMET,
                report_interval_s=_batch(walk) * _interval_s(walk),
                person=person,
                actor=None,
                now=now,
            )
        elif password is None:
            password = renew_password(device=there[walk.code], actor=None, now=now)
        entries.append(_entry(walk, password, number))
    own = {entry["code"] for entry in entries}
    others = [entry for entry in before.get("devices", []) if entry["code"] not in own]
    address = {"host": mqtt[0], "port": mqtt[1]}
    content = {**before, "site": site.code, "mqtt": address, "devices": [*entries, *others]}
    if before != content:
        write_json(fleet_file, content)
    return len(entries)


def _interval_s(walk: Walk) -> int:
    return 1 if walk.source == "UWB" else 2


def _batch(walk: Walk) -> int:
    return 1 if walk.code in INTRUDERS else 2


def _entry(walk: Walk, password: str, number: int) -> dict[str, Any]:
    random = Random(f"fleet/{walk.code}")
    intruder = walk.code in INTRUDERS
    factor = 0 if intruder else 3 if number % 10 == 9 else 1
    return {
        "code": walk.code,
        "password": password,
        "interval_s": _interval_s(walk),
        "batch": _batch(walk),
        "source": walk.source,
        "accuracy_m": walk.accuracy_m,
        "start_offset_s": 0.0 if intruder else round(random.uniform(0.0, 120.0), 1),
        "route": [waypoint.row() for waypoint in walk.waypoints],
        "loop": True,
        "faults": {name: round(share * factor, 4) for name, share in FAULTS.items()},
    }


def ensure_monitors(site: Site, revision: Revision, now: datetime) -> int:
    """This function will register the fixed devices on their elements, and return how many there are."""
    there = set(Device.objects.filter(site=site).values_list("code", flat=True))
    for monitor in monitors():
        if monitor.code not in there:
            register_device(
                site=site,
                code=monitor.code,
                name=monitor.name,
                kind=monitor.kind,
                report_interval_s=MONITOR_INTERVAL_S,
                anchor=anchor_on_element(site, revision, monitor.element, monitor.at),
                actor=None,
                now=now,
            )
    return len(monitors())
