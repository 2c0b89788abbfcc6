"""What happens to a batch of readings, in order: STEPS is the list, `commit_batch` runs it in one
transaction.

A batch is of one organisation, so that its transaction takes one chain of the ledger. Messages that were
taken before are duplicates: nothing happens for them, but they are acknowledged like the others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from ingest.arrivals import Reading
from ingest.decoders.positions_json import Fix
from spatial import crs
from spatial.alarms.operations import follow_fence_events
from spatial.alarms.rules import LATE_AFTER
from spatial.attendance.operations import Seen, note_presence
from spatial.devices.models import Device
from spatial.devices.rules import silence_limit
from spatial.fences.queries import SiteFences, judged, site_fences, zone_states
from spatial.fences.recording import DeviceFinding, record_findings, remember_states
from spatial.fences.rules import MAX_SPEED_ON_FOOT_M_S, Decision, DeviceState, FixUse, changed_states, decide
from spatial.fences.zone_index import PlanFix
from spatial.places.queries import storey_of_height
from spatial.privacy.operations import count_untracked
from spatial.privacy.rules import Tracking
from spatial.privacy.tracking import Judged, Moment, judge
from spatial.tracks.models import LatestPosition
from spatial.tracks.operations import (
    MessageKey,
    NewestFix,
    doubt_fixes,
    keep_newest,
    store_positions,
    take_messages,
)
from spatial.tracks.position_rows import PositionRow
from spatial.tracks.queries import locked_latest


@dataclass
class Batch:
    """The working state of one batch, filled step by step."""

    readings: Sequence[Reading]
    received_at: datetime
    taken: list[Reading] = field(default_factory=list)
    devices: dict[UUID, Device] = field(default_factory=dict)
    fences: dict[UUID, SiteFences] = field(default_factory=dict)
    before: dict[UUID, DeviceState] = field(default_factory=dict)
    decisions: dict[UUID, Decision] = field(default_factory=dict)
    received: dict[UUID, datetime] = field(default_factory=dict)
    judged: list[tuple[Device, PlanFix, Judged]] = field(default_factory=list)
    withheld: set[tuple[UUID, PlanFix]] = field(default_factory=set)

    findings: list[DeviceFinding] = field(default_factory=list)

    def findings_of(self, site_id: UUID) -> list[DeviceFinding]:
        """Return what was found of the devices of a site."""
        return [item for item in self.findings if item.device.site_id == site_id]

    def inside_now(self, site_id: UUID) -> set[UUID]:
        """Return the devices of a site whose newest fix came in this batch, is fresh, and is inside a fence."""
        return {
            device_id
            for device_id, decision in self.decisions.items()
            if self.devices[device_id].site_id == site_id
            and any(zone.inside for zone in decision.state.zones.values())
            and decision.state.last is not None
            and self.received[device_id] - decision.state.last.fix_time <= LATE_AFTER
        }


def take_new_messages(batch: Batch) -> None:
    """Keep the messages that were never taken before."""
    keys = {_key(reading): reading for reading in reversed(batch.readings)}
    new = take_messages(keys=keys, received_at=batch.received_at)
    batch.taken = [reading for reading in batch.readings if _key(reading) in new and keys[_key(reading)] is reading]
    batch.devices = {reading.device.pk: reading.device for reading in batch.taken}
    for reading in batch.taken:
        batch.received[reading.device.pk] = reading.arrival.received_at


def recall_devices(batch: Batch) -> None:
    """Load where each device was last and in which zones, and the fences of the sites."""
    for device in batch.devices.values():
        if device.site_id not in batch.fences:
            batch.fences[device.site_id] = site_fences(device.site)
    latest = locked_latest(batch.devices)
    zones = zone_states(batch.devices)
    for device_id, device in batch.devices.items():
        row = latest.get(device_id)
        batch.before[device_id] = _device_state(device, row, zones.get(device_id, {}))


def respect_privacy(batch: Batch) -> None:
    """Find the fixes of people that are only counted: off shift or outside the site. Danger zones see them all."""
    placed = [(reading.device, plan) for reading in batch.taken for plan in reading.plan]
    judged = judge(
        [Moment(device, plan.fix_time, plan.east_m, plan.north_m, plan.accuracy_m) for device, plan in placed]
    )
    batch.judged = [(device, plan, one) for (device, plan), one in zip(placed, judged, strict=True)]
    batch.withheld = {(device.pk, plan) for device, plan, one in batch.judged if one.tracking is not Tracking.KEPT}
    count_untracked(fates=((device.site_id, plan.fix_time, one.tracking) for device, plan, one in batch.judged))


def evaluate_fences(batch: Batch) -> None:
    """Run each device's fixes through the fences of its site, in event order."""
    fixes: dict[UUID, list[PlanFix]] = defaultdict(list)
    for reading in batch.taken:
        fixes[reading.device.pk] += reading.plan
    for device_id, plan in fixes.items():
        device = batch.devices[device_id]
        on_foot = device.kind == Device.Kind.HELMET
        batch.decisions[device_id] = decide(
            batch.before[device_id],
            plan,
            batch.fences[device.site_id].index,
            max_speed_m_s=MAX_SPEED_ON_FOOT_M_S if on_foot else None,
            silence=silence_limit(device.report_interval_s),
        )


def note_attendance(batch: Batch) -> None:
    """Note when people were inside the site and outside it, by the fixes that are not doubted."""
    doubted = _doubted(batch)
    note_presence(
        seen=[
            Seen(device.site, one.person_id, plan.fix_time, one.inside, plan.east_m, plan.north_m)
            for device, plan, one in batch.judged
            if one.person_id is not None and (device.pk, plan) not in doubted
        ]
    )


def store_fixes(batch: Batch) -> None:
    """Store every fix that may be kept, late and implausible ones too (marked), by binary COPY."""
    doubted = _doubted(batch)
    rows = [
        _row(reading, fix, plausible=(reading.device.pk, plan) not in doubted)
        for reading in batch.taken
        for fix, plan in zip(reading.message.fixes, reading.plan, strict=True)
        if (reading.device.pk, plan) not in batch.withheld
    ]
    store_positions(rows=rows)


def keep_newest_fixes(batch: Batch) -> None:
    """Keep the newest used fix of each device, and the fix that is doubted since."""
    newest = []
    for reading in batch.taken:
        last = batch.decisions[reading.device.pk].state.last
        for fix, plan in zip(reading.message.fixes, reading.plan, strict=True):
            if plan == last and (reading.device.pk, plan) not in batch.withheld:
                storey = storey_of_height(batch.fences[reading.device.site_id].storeys, fix.height_m)
                row = _row(reading, fix, plausible=True)
                battery = reading.message.battery_percent
                newest.append(NewestFix(row, battery, fix.worn, storey.pk if storey else None))
    keep_newest(fixes=newest)
    doubts = {device_id: decision.state.doubted for device_id, decision in batch.decisions.items()}
    doubt_fixes(doubted={device_id: _doubt_json(fix) for device_id, fix in doubts.items() if fix})


def remember_zones(batch: Batch) -> None:
    """Store the engine's memory where it changed."""
    remember_states(
        states={
            device_id: changed_states(batch.before[device_id], decision.state)
            for device_id, decision in batch.decisions.items()
        }
    )


def write_findings(batch: Batch) -> None:
    """Write what happened at which zone, and which rules it breaks."""
    found = [
        (batch.devices[device_id], finding, batch.received[device_id])
        for device_id, decision in batch.decisions.items()
        for finding in decision.findings
    ]
    batch.findings = judged(found, batch.fences)
    record_findings(findings=batch.findings)


def follow_with_alarms(batch: Batch) -> None:
    """Raise and clear alarms. Last, because their durable events must be the last rows of the transaction."""
    for site_id, fences in batch.fences.items():
        findings, inside = batch.findings_of(site_id), batch.inside_now(site_id)
        if findings or inside:
            follow_fence_events(findings=findings, fences=fences, inside_now=inside)


STEPS = (
    take_new_messages,
    recall_devices,
    respect_privacy,
    evaluate_fences,
    note_attendance,
    store_fixes,
    keep_newest_fixes,
    remember_zones,
    write_findings,
    follow_with_alarms,
)


def commit_batch(readings: Sequence[Reading], received_at: datetime) -> Batch:
    """This function will run the steps for readings of one organisation in one transaction."""
    batch = Batch(readings, received_at)
    with transaction.atomic():
        for step in STEPS:
            step(batch)
    return batch


def position_items(batch: Batch) -> dict[UUID, list[dict[str, Any]]]:
    """This function will return what moved, per site, in the form of the live stream's `positions` items."""
    items: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for device_id, decision in batch.decisions.items():
        last = decision.state.last
        if last is None or last == batch.before[device_id].last or (device_id, last) in batch.withheld:
            continue
        device = batch.devices[device_id]
        lon, lat = crs.transform_point(
            last.east_m, last.north_m, from_srid=device.site.projected_srid, to_srid=crs.STORAGE_SRID
        )
        inside = sorted(str(zone_id) for zone_id, zone in decision.state.zones.items() if zone.inside)
        items[device.site_id].append(
            {
                "id": str(device_id),
                "code": device.code,
                "name": device.person.full_name if device.person else device.name,
                "lon": round(lon, 9),
                "lat": round(lat, 9),
                "h": round(last.height_m, 3),
                "t": int(last.fix_time.timestamp() * 1000),
                "stale": False,
                "zone_ids": inside,
            }
        )
    return items


def _doubted(batch: Batch) -> set[tuple[UUID, PlanFix]]:
    return {
        (device_id, plan)
        for device_id, decision in batch.decisions.items()
        for plan, use in decision.uses
        if use is FixUse.IMPLAUSIBLE
    }


def _key(reading: Reading) -> MessageKey:
    return MessageKey(reading.device.pk, reading.message.boot_id, reading.message.sequence)


def _row(reading: Reading, fix: Fix, *, plausible: bool) -> PositionRow:
    device = reading.device
    return PositionRow(
        organisation_id=device.organisation_id,
        site_id=device.site_id,
        device_id=device.pk,
        fix_time=fix.fix_time,
        received_at=reading.arrival.received_at,
        lon=fix.lon,
        lat=fix.lat,
        height_m=fix.height_m,
        accuracy_m=fix.accuracy_m,
        source=fix.source,
        plausible=plausible,
    )


def _device_state(device: Device, row: LatestPosition | None, zones: dict) -> DeviceState:
    if row is None:
        return DeviceState(zones=zones)
    srid = device.site.projected_srid
    east, north = crs.transform_point(row.point.x, row.point.y, from_srid=crs.STORAGE_SRID, to_srid=srid)
    last = PlanFix(row.fix_time, east, north, float(row.point.z or 0.0), row.accuracy_m)
    doubted = PlanFix(**{**row.doubted, "fix_time": _moment(row.doubted["fix_time"])}) if row.doubted else None
    return DeviceState(last=last, doubted=doubted, zones=zones)


def _doubt_json(fix: PlanFix) -> dict[str, Any]:
    return {
        "fix_time": fix.fix_time.isoformat(),
        "east_m": fix.east_m,
        "north_m": fix.north_m,
        "height_m": fix.height_m,
        "accuracy_m": fix.accuracy_m,
        "height_accuracy_m": fix.height_accuracy_m,
    }


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
