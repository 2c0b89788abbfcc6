"""Let the simulator play the demo's boxes of other makers, so that they go on measuring while the demo runs."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from ingest.simulator.fleet_file import BoxPlan
from spatial.devices.models import Device
from spatial.devices.operations import renew_password
from spatial.places.models import Site
from webmap.demo.devices import BOXES, DemoBox
from webmap.demo.loading.private_files import read_json, write_json


def plan_of(box: DemoBox, password: str) -> BoxPlan:
    """This function will return how the simulator plays a box."""
    return BoxPlan(box.code, password, box.interval_s, box.speaks, box.waves, box.body)


def ensure_boxes(site: Site, fleet_file: Path, now: datetime) -> int:
    """This function will add the boxes to the fleet file; one whose password the file has lost gets a new one."""
    content = read_json(fleet_file) or {}
    known = {row["code"]: row["password"] for row in content.get("boxes", [])}
    there = {device.code: device for device in Device.objects.filter(site=site, code__in=[box.code for box in BOXES])}
    entries: list[dict[str, Any]] = []
    for box in BOXES:
        password = known.get(box.code) or renew_password(device=there[box.code], actor=None, now=now)
        entries.append({
            "code": box.code, "password": password, "interval_s": box.interval_s, "speaks": box.speaks,
            "waves": list(box.waves), "body": box.body,
        })  # fmt: skip
    if content.get("boxes") != entries:
        write_json(fleet_file, {**content, "boxes": entries})
    return len(entries)
