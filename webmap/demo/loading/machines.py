"""Register the demo's machines with their devices, papers, runs and obstacles, and let the simulator play them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.contrib.gis.geos import Polygon

from bim.ifc.demo_project import dimensions as d
from spatial.devices.models import Device
from spatial.devices.operations import register_device, renew_password
from spatial.machines.dangers import add_obstacle, describe_pit_edge, forbid_swing
from spatial.machines.models import Machine, SwingBan
from spatial.machines.operations import (
    attach_device,
    begin_operation,
    check_machine,
    end_operation,
    file_document,
    register_machine,
)
from spatial.people.models import Certificate, Person, User
from spatial.places.models import Site
from spatial.zones.models import Zone
from webmap.demo.loading.private_files import read_json, write_json
from webmap.demo.machines import (
    CRANE_QUANTITIES,
    HOIST_QUANTITIES,
    DemoMachine,
    crane_frames,
    demo_machines,
    hoist_frames,
)
from webmap.demo.placing import corners, point_z, to_lon_lat, to_ring

INTERVAL_S = 1
FIX_ACCURACY_M = 0.5
SCHOOL = ((-75.0, 38.0), (-42.0, 38.0), (-42.0, 78.0), (-75.0, 78.0))
PIT_ZONE, PIT_DEPTH_M = "Z01", 6.0
HOUSES = (("裙房", d.PODIUM, d.LEVEL["F04"].elevation_m), ("塔楼", d.TOWER, d.LEVEL["F13"].elevation_m))
"""What is cast: outline and the height of the highest slab, under which people are sheltered."""
DRIVERS = ("魏建国", "孟凡林", "鲁小波", "段春梅")
DEVICE_KIND = {"tower_crane": "crane", "hoist": "hoist"}


def ensure_machines(site: Site, users: dict[str, User], fleet_file: Path, now: datetime) -> int:
    """This function will register the machines that are missing and add all to the fleet file; returns how many."""
    drivers = _drivers(site, now)
    entries: list[dict[str, Any]] = []
    routes: list[dict[str, Any]] = []
    known = _passwords(fleet_file)
    for machine in demo_machines():
        device, password = _device(site, machine, known.get(machine.device), now)
        if not Machine.objects.filter(site=site, code=machine.code).exists():
            _register(site, machine, device, users, drivers, now)
        if machine.route:
            routes.append(_route_entry(machine, password))
        else:
            entries.append(_cycle_entry(machine, password))
    _ensure_ground(site, now)
    content = read_json(fleet_file) or {}
    others = [entry for entry in content.get("devices", []) if entry["code"] not in {row["code"] for row in routes}]
    changed = {**content, "devices": [*others, *routes], "machines": entries}
    if changed != content:
        write_json(fleet_file, changed)
    return len(entries) + len(routes)


def _passwords(fleet_file: Path) -> dict[str, str]:
    content = read_json(fleet_file) or {}
    return {row["code"]: row["password"] for part in ("devices", "machines") for row in content.get(part, [])}


def _device(site: Site, machine: DemoMachine, password: str | None, now: datetime) -> tuple[Device, str]:
    device = Device.objects.filter(code=machine.device).first()
    if device is None:
        return register_device(
            site=site,
            code=machine.device,
            name=machine.device_name,
            kind=DEVICE_KIND.get(machine.kind, "vehicle"),
            report_interval_s=INTERVAL_S,
            actor=None,
            now=now,
        )
    return device, password or renew_password(device=device, actor=None, now=now)


def _register(
    site: Site, machine: DemoMachine, device: Device, users: dict[str, User], drivers: Sequence[Person], now: datetime
) -> None:
    safety = users["safety_officer"]
    row = register_machine(
        site=site,
        code=machine.code,
        name=machine.name,
        kind=machine.kind,
        place=point_z(*machine.at) if machine.at else None,
        crane=machine.crane,
        vehicle=machine.vehicle,
        actor=safety,
        now=now - timedelta(days=3),
        **machine.facts,
    )
    attach_device(machine=row, device=device, actor=safety, now=now - timedelta(days=3))
    for kind, days in machine.due_days.items():
        day = now.date()
        file_document(
            machine=row,
            kind=kind,
            number=f"{machine.code}-{kind[:3].upper()}-{day.year}",
            done_on=day - timedelta(days=200),
            valid_until=day + timedelta(days=days),
            actor=safety,
            now=now - timedelta(days=3),
        )
    _records(row, machine, drivers, safety, now)


def _records(row: Machine, machine: DemoMachine, drivers: Sequence[Person], safety: User, now: datetime) -> None:
    """Two runs of yesterday and one that goes on, with checks before them; the third crane's driver is not verified."""
    number = int(machine.code[1:]) - 1 if machine.code[0] == "T" else 3
    driver = drivers[number % len(drivers)]
    for hours, work in ((26, "吊运钢筋、模板"), (20, "吊运混凝土料斗"), (2, "楼层材料转运")):
        begun = now - timedelta(hours=hours)
        bad = ["钢丝绳与滑轮"] if machine.code == "T3" and hours == 26 else []
        check_machine(machine=row, kind="daily", items=8, findings=bad, done_by=driver.full_name, actor=safety,
                      now=begun - timedelta(minutes=15))  # fmt: skip
        verified = "" if machine.code == "T3" and hours == 2 else "人脸识别"
        run = begin_operation(machine=row, person=driver, verified_by=verified, work=work, actor=safety, now=begun)
        if hours > 2:
            end_operation(record=run, actor=safety, now=begun + timedelta(hours=4))


def _drivers(site: Site, now: datetime) -> list[Person]:
    """The drivers, each with a certificate of the trade."""
    found = []
    for number, name in enumerate(DRIVERS):
        kind, trade = ("hoist_driver", "施工升降机司机") if number == 3 else ("tower_crane_driver", "塔吊司机")
        person, made = Person.objects.get_or_create(
            site=site, full_name=name, defaults={"organisation_id": site.organisation_id, "trade": trade}
        )
        if made:
            Certificate.objects.create(
                organisation_id=site.organisation_id,
                site=site,
                person=person,
                kind=kind,
                number=f"豫A042{number:04d}",
                valid_from=now.date() - timedelta(days=300),
                valid_until=now.date() + timedelta(days=430),
            )
        found.append(person)
    return found


def _ensure_ground(site: Site, now: datetime) -> None:
    """A school beside the site that no load may cross, and the depth of the pit."""
    if not SwingBan.objects.filter(site=site).exists():
        outline = Polygon(to_ring(SCHOOL), srid=4490)
        forbid_swing(site=site, name="实验小学", outline=outline, actor=None, now=now)
        for name, rectangle, top in HOUSES:
            bottom_m, top_m = (point_z(0.0, 0.0, level)[2] for level in (d.LEVEL["B01"].elevation_m, top))
            box = Polygon(to_ring(corners(rectangle)), srid=4490)
            add_obstacle(site=site, name=name, outline=box, bottom_m=bottom_m, top_m=top_m, actor=None, now=now)
        pit = Zone.objects.filter(site=site, code=PIT_ZONE).first()
        if pit is not None:
            describe_pit_edge(zone=pit, depth_m=PIT_DEPTH_M, supported=True, actor=None, now=now)


def _cycle_entry(machine: DemoMachine, password: str) -> dict[str, Any]:
    hoist = machine.kind == "hoist"
    return {
        "code": machine.device,
        "password": password,
        "interval_s": INTERVAL_S,
        "start_offset_s": 0.0,
        "quantities": list(HOIST_QUANTITIES if hoist else CRANE_QUANTITIES),
        "frames": hoist_frames() if hoist else crane_frames(machine),
    }


def _route_entry(machine: DemoMachine, password: str) -> dict[str, Any]:
    route = []
    for x, y, speed, pause in machine.route:
        lon, lat = to_lon_lat(x, y)
        route.append([lon, lat, point_z(x, y, 1.5)[2], speed, pause])
    return {
        "code": machine.device,
        "password": password,
        "interval_s": INTERVAL_S,
        "batch": 1,
        "source": "GNSS",
        "accuracy_m": FIX_ACCURACY_M,
        "start_offset_s": 0.0,
        "route": route,
        "loop": True,
        "faults": {},
    }
