"""Import a file of devices: all of it or nothing; the preview does the same work and takes it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from spatial.devices.equipment import record_calibration, record_paper
from spatial.devices.models import Device
from spatial.devices.operations import place_device, register_device, revise_device
from spatial.devices.rules import DeviceRefused
from spatial.places.operations import PlaceRefused

from .reading import DeviceRow, Problem


@dataclass
class Outcome:
    """What an import did: devices registered with their passwords, changed, and left as they were."""

    passwords: dict[str, str] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)


class ImportRefused(ValueError):
    """Rows that cannot be imported; nothing was written."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("; ".join(str(problem) for problem in self.problems[:5]))


class _TakenBack(Exception):
    """Ends the preview's transaction."""


def preview_devices(
    *, site: Any, rows: Sequence[DeviceRow], actor: Any | None, now: datetime
) -> tuple[Outcome, list[Problem]]:
    """This function will return what importing the rows would do, and what is wrong; nothing is written."""
    outcome, problems = Outcome(), list[Problem]()
    try:
        with transaction.atomic():
            outcome, problems = _take(site, rows, actor, now)
            raise _TakenBack
    except _TakenBack:
        return outcome, problems


@transaction.atomic
def import_devices(*, site: Any, rows: Sequence[DeviceRow], actor: Any | None, now: datetime) -> Outcome:
    """This function will register and change devices; raises ImportRefused, and nothing is written, for any problem.

    A code that is on the site already is changed: facts, place, and papers that it does not have yet.
    """
    outcome, problems = _take(site, rows, actor, now)
    if problems:
        raise ImportRefused(problems)
    return outcome


def _take(site: Any, rows: Sequence[DeviceRow], actor: Any | None, now: datetime) -> tuple[Outcome, list[Problem]]:
    there = {
        device.code: device
        for device in Device.objects.filter(code__in=[row.code for row in rows]).select_related(
            "site", "organisation", "anchor"
        )
    }
    outcome, problems = Outcome(), list[Problem]()
    for row in rows:
        try:
            with transaction.atomic():
                _take_row(site, row, there.get(row.code), outcome, actor, now)
        except (DeviceRefused, PlaceRefused) as refused:
            text = str(refused)
            name, _, rest = text.partition(": ")
            at = _FIELD_OF.get(name, "code")
            problems.append(Problem(row.row, at, "%(why)s", {"why": rest if name in _FIELD_OF else text}))
    return outcome, problems


_FIELD_OF = {
    "serial_number": "serial_number",
    "terminal_number": "terminal_number",
    "add_ons": "add_ons",
    "expires_on": "paper_expires_on",
    "due_on": "calibration_due_on",
    "done_on": "calibrated_on",
    "scale": "calibration_scale",
    "name": "name",
}


def _take_row(
    site: Any, row: DeviceRow, device: Device | None, outcome: Outcome, actor: Any | None, now: datetime
) -> None:
    by: dict[str, Any] = {"actor": actor, "now": now}
    if device is None:
        device, password = register_device(
            site=site, code=row.code, name=row.name, kind=row.kind, report_interval_s=row.report_interval_s,
            facts=row.facts, add_ons=row.add_ons, **by,
        )  # fmt: skip
        _complete(device, row, by)
        outcome.passwords[row.code] = password
        return
    if device.site_id != site.pk or not device.active:
        raise DeviceRefused(f"The code {row.code} is taken by a device of another site, or one out of use.")
    if device.kind != row.kind:
        raise DeviceRefused(f"The device {row.code} is of kind {device.kind}; a kind cannot be changed.")
    changed = revise_device(
        device=device, name=row.name, report_interval_s=row.report_interval_s, facts=row.facts, **by
    )
    changed = _complete(device, row, by) or changed
    (outcome.changed if changed else outcome.same).append(row.code)


def _complete(device: Device, row: DeviceRow, by: dict[str, Any]) -> bool:
    """Give a device its place, paper and calibration where it has not got them yet; tell whether anything was new."""
    changed = False
    if row.place is not None and not _stands_there(device, row.place):
        lon, lat, height = row.place
        place_device(device=device, lon=lon, lat=lat, height_m=height, **by)
        changed = True
    paper, calibration = row.paper, row.calibration
    if paper is not None and not device.papers.filter(kind=paper.kind, number=paper.number).exists():
        record_paper(
            device=device, kind=paper.kind, number=paper.number, issued_on=paper.since, expires_on=paper.until, **by
        )
        changed = True
    if (
        calibration is not None
        and not device.calibrations.filter(quantity=calibration.kind, certificate_number=calibration.number).exists()
    ):
        record_calibration(
            device=device, quantity=calibration.kind, scale=calibration.scale, offset=calibration.offset,
            done_on=calibration.since, due_on=calibration.until, certificate_number=calibration.number, **by,
        )  # fmt: skip
        changed = True
    return changed


def _stands_there(device: Device, place: tuple[float, float, float | None]) -> bool:
    if device.anchor is None:
        return False
    point = device.anchor.geometry.centroid
    lon, lat, height = place
    height_held = device.anchor.geometry.z if device.anchor.geometry.geom_type == "Point" else None
    same_height = height is None or height_held is None or abs(height - height_held) < 0.005
    return abs(point.x - lon) < 1e-8 and abs(point.y - lat) < 1e-8 and same_height
