"""Judge late fixes in their place: load what is known of a device since before them, run it again, say what differs.

Runs in the transaction of an ingest batch, after the fixes that came in order were decided. What is known of a device
at a danger zone is in `FenceTrace` (a day) and in checkpoints of the engine; what is known of one that was far from all
of them is in the stored positions.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection, transaction
from django.db.models import Max

from spatial import crs
from spatial.fences.compiled_index import to_us
from spatial.fences.engine import EngineStates, fix_numbers
from spatial.fences.fix_order import NEVER_US
from spatial.fences.memory import device_from_json, device_json, fix_from_json, fix_json
from spatial.fences.models import FenceCheckpoint, FenceEvent, FenceMemory, FenceTrace
from spatial.fences.recording import DeviceFinding
from spatial.fences.replay import (
    REEVALUATED,
    Correction,
    Decide,
    History,
    Key,
    correct,
    newest_time,
    too_old,
)
from spatial.fences.rules import Decision, DeviceState, Finding, FixUse, ZoneState
from spatial.fences.zone_index import PlanFix, ZoneIndex
from spatial.fences.zone_steps import KINDS
from spatial.tracks.models import Position
from spatial.tracks.position_rows import UNKNOWN_HEIGHT_ACCURACY
from spatial.tracks.queries import StoredFix, folded_fixes


@dataclass(frozen=True)
class DeviceWork:
    """A device's fixes of one batch, and what was decided of them in order."""

    device_id: UUID
    projected_srid: int
    fixes: tuple[PlanFix, ...]
    before: DeviceState
    decision: Decision
    index: ZoneIndex
    decide: Decide

    def late_fixes(self) -> list[PlanFix]:
        """Return the fixes that came too late for the run in order and are young enough to be judged."""
        late = [fix for fix, use in self.decision.uses if use is FixUse.LATE]
        return [fix for fix in late if not too_old(self.before, fix)]


def with_memories(states: EngineStates, device_ids: Sequence[UUID]) -> EngineStates:
    """Return states with the engine's own last fix of devices at zones where it is newer than the open record's.

    It is newer where the open record may not be kept (a person off shift), and where a fix was doubted.
    """
    at_zones = {device_ids[number]: number for number in np.flatnonzero(np.diff(states.slot_start)).tolist()}
    rows = FenceMemory.objects.in_bulk(list(at_zones)) if at_zones else {}
    last_us, last = states.last_us.copy(), states.last.copy()
    doubted_us, doubted = states.doubted_us.copy(), states.doubted.copy()
    for device_id, row in rows.items():
        number, fix, doubt = at_zones[device_id], fix_from_json(row.last), fix_from_json(row.doubted)
        if fix is not None and to_us(fix.fix_time) >= last_us[number]:
            last_us[number], last[number] = to_us(fix.fix_time), fix_numbers(fix)
            doubted_us[number] = NEVER_US if doubt is None else to_us(doubt.fix_time)
            doubted[number] = 0.0 if doubt is None else fix_numbers(doubt)
    return replace(states, last_us=last_us, last=last, doubted_us=doubted_us, doubted=doubted)


@transaction.atomic
def put_late_right(*, works: Sequence[DeviceWork]) -> dict[UUID, Correction]:
    """This function will run the devices again that have late fixes, and return what has to be put right, by device.

    A device whose late fixes are far from every zone, and that was at none since, is left as it is. Checkpoints after
    the earliest late fix are made anew; recording the findings is left to the caller.
    """
    late = {work.device_id: fixes for work in works if (fixes := work.late_fixes())}
    earliest = {device_id: min(fix.fix_time for fix in fixes) for device_id, fixes in late.items()}
    at_zones = _at_zones_since(earliest)
    corrections = {}
    for work in works:
        own = late.get(work.device_id, [])
        if own and (
            work.device_id in at_zones or work.decision.touched or any(work.index.closeness(fix) for fix in own)
        ):
            corrections[work.device_id] = _run_again(work, earliest[work.device_id])
    return corrections


def _at_zones_since(moments: Mapping[UUID, datetime]) -> set[UUID]:
    """Return those of some devices that were at a zone at a moment of their own or after it; one query for all."""
    if not moments:
        return set()
    rows = FenceTrace.objects.filter(device_id__in=list(moments), fix_time__gte=min(moments.values()))
    newest = rows.values("device_id").annotate(newest=Max("fix_time")).values_list("device_id", "newest")
    return {device_id for device_id, at in newest if at >= moments[device_id]}


def with_corrections(
    findings: Iterable[DeviceFinding],
    corrections: Mapping[UUID, Correction],
    before: Mapping[UUID, DeviceState],
    devices: Mapping[UUID, Any],
    received: Mapping[UUID, datetime],
) -> list[DeviceFinding]:
    """Return findings, those of before a device's newest fix marked late, and after them what is withdrawn."""
    told = []
    for item in findings:
        newest = newest_time(before[item.device.pk]) if item.device.pk in corrections else None
        late = newest is not None and item.finding.fix.fix_time <= newest
        told.append(replace(item, late=late))
    for device_id, correction in corrections.items():
        for zone_id, kind, at in sorted(correction.withdrawn):
            row = FenceEvent.objects.get(
                device_id=device_id, zone_id=zone_id, kind=kind, fix_time=at, withdrawn_at__isnull=True
            )
            device = devices[device_id]
            east, north = crs.transform_point(
                row.point.x, row.point.y, from_srid=crs.STORAGE_SRID, to_srid=device.site.projected_srid
            )
            fix = PlanFix(at, east, north, float(row.point.z or 0.0), 0.0)
            finding = Finding(row.kind, zone_id, fix, row.value, row.possible)  # type: ignore[arg-type]
            told.append(
                DeviceFinding(
                    device, finding, received[device_id], row.rule, tuple(row.breaches), late=True, withdrawn=True
                )
            )
    return told


@transaction.atomic
def keep_traces(*, works: Sequence[DeviceWork], corrections: Mapping[UUID, Correction]) -> None:
    """This function will keep the fixes of devices that were at a zone, their newest memory, and checkpoints at the
    begin and the end of every visit."""
    touched = [work for work in works if work.decision.touched or work.device_id in corrections]
    if not touched:
        return
    _copy_traces((work.device_id, fix) for work in touched for fix in work.fixes)
    memories, checkpoints = [], []
    for work in touched:
        correction = corrections.get(work.device_id)
        state = correction.state if correction else work.decision.state
        memories.append(
            FenceMemory(device_id=work.device_id, last=fix_json(state.last), doubted=fix_json(state.doubted))
        )
        began, ended = not work.before.zones and bool(state.zones), bool(work.before.zones) and not state.zones
        for wanted, at_state in ((began and not correction, work.before), (ended or correction, state)):
            at = newest_time(at_state)
            if wanted and at is not None:
                checkpoints.append(_checkpoint_row(work.device_id, at, at_state))
    FenceMemory.objects.bulk_create(
        memories, update_conflicts=True, unique_fields=["device"], update_fields=["last", "doubted"]
    )
    _keep_checkpoints(checkpoints)


def _run_again(work: DeviceWork, earliest: datetime) -> Correction:
    start = _start(work, earliest)
    since = newest_time(start) or earliest - REEVALUATED
    zones = _as_they_were(work, since)
    start = replace(start, zones={**start.zones, **zones})
    fixes = {fix for fix in _traces(work.device_id, since) if fix.fix_time > since}
    known = {(fix.fix_time, round(fix.accuracy_m, 6)) for fix in (*fixes, *work.fixes)}
    fixes |= {fix for fix in _positions(work, since) if (fix.fix_time, round(fix.accuracy_m, 6)) not in known}
    times = {_milliseconds(fix) for fix in (*fixes, *work.fixes)}  # a folded fix has lost a little of its accuracy
    folded = (_unfolded(fix, work.projected_srid) for fix in folded_fixes(work.device_id, since))
    fixes |= {fix for fix in folded if _milliseconds(fix) not in times}
    correction = correct(History(start, frozenset(fixes), _recorded(work, since)), work.fixes, work.decide)
    FenceCheckpoint.objects.filter(device_id=work.device_id, at__gte=earliest).delete()
    _keep_checkpoints([_checkpoint_row(work.device_id, at, state) for at, state in correction.checkpoints])
    return correction


def _start(work: DeviceWork, earliest: datetime) -> DeviceState:
    """Return the last state before a moment: of a checkpoint, or far from all zones at the last stored position."""
    held = FenceCheckpoint.objects.filter(device_id=work.device_id, at__lt=earliest).order_by("-at").first()
    state = device_from_json(held.state) if held else DeviceState()
    if state.zones:
        return state
    at = newest_time(state)
    rows = Position.objects.filter(device_id=work.device_id, fix_time__lt=earliest, plausible=True)
    rows = rows.filter(fix_time__gt=at) if at else rows.filter(fix_time__gte=earliest - REEVALUATED)
    row = rows.order_by("-fix_time").first()
    newest = _plan_fix(row, work.projected_srid) if row else None
    folded = _newest_folded(work, earliest, max(at or earliest - REEVALUATED, earliest - REEVALUATED))
    if folded is not None and (newest is None or newest.fix_time < folded.fix_time):
        newest = folded
    if (
        newest is None
        or FenceTrace.objects.filter(
            device_id=work.device_id, fix_time__lte=newest.fix_time, fix_time__gt=at or newest.fix_time - REEVALUATED
        ).exists()
    ):
        return state
    return DeviceState(last=newest)


def _newest_folded(work: DeviceWork, before: datetime, after: datetime) -> PlanFix | None:
    """Return the newest plausible fix of a device between two moments that was folded; the last hour is asked first."""
    for start in (max(after, before - timedelta(hours=1)), after):
        fixes = [fix for fix in folded_fixes(work.device_id, start, before) if fix.plausible]
        if fixes:
            return _unfolded(fixes[-1], work.projected_srid)
    return None


def _as_they_were(work: DeviceWork, since: datetime) -> dict[UUID, ZoneState]:
    """Return whether the device was inside zones that changed after the start, when they changed: that is not decided
    again."""
    changed = {
        zone.zone_id: zone.valid_from
        for zone in work.index.zones
        if zone.valid_from is not None and zone.valid_from > since
    }
    found: dict[UUID, ZoneState] = {}
    rows = FenceEvent.objects.filter(
        device_id=work.device_id, zone_id__in=list(changed), kind__in=("entered", "left"), withdrawn_at__isnull=True
    )
    for row in rows.order_by("fix_time"):
        if row.fix_time < changed[row.zone_id]:
            found[row.zone_id] = ZoneState(inside=row.kind == "entered", since=row.fix_time)
    return {zone_id: state for zone_id, state in found.items() if state.inside}


def _recorded(work: DeviceWork, since: datetime) -> frozenset[Key]:
    rows = FenceEvent.objects.filter(
        device_id=work.device_id, kind__in=KINDS, withdrawn_at__isnull=True, fix_time__gt=since
    )
    valid = {zone.zone_id: zone.valid_from for zone in work.index.zones}
    keys = set()
    for zone_id, kind, at in rows.values_list("zone_id", "kind", "fix_time"):
        settled = valid.get(zone_id)
        if zone_id in valid and (settled is None or at >= settled):
            keys.add((zone_id, kind, at))
    return frozenset(keys)


def _traces(device_id: UUID, since: datetime) -> list[PlanFix]:
    rows = FenceTrace.objects.filter(device_id=device_id, fix_time__gte=since)
    return [
        PlanFix(at, east, north, math.nan if height is None else height, accuracy, height_accuracy)
        for at, east, north, height, accuracy, height_accuracy in rows.values_list(
            "fix_time", "east_m", "north_m", "height_m", "accuracy_m", "height_accuracy_m"
        )
    ]


def _positions(work: DeviceWork, since: datetime) -> list[PlanFix]:
    rows = Position.objects.filter(device_id=work.device_id, fix_time__gt=since)
    return [_plan_fix(row, work.projected_srid) for row in rows]


def _milliseconds(fix: PlanFix) -> int:
    return round(fix.fix_time.timestamp() * 1000)


def _unfolded(fix: StoredFix, projected_srid: int) -> PlanFix:
    east, north = crs.transform_point(fix.lon, fix.lat, from_srid=crs.STORAGE_SRID, to_srid=projected_srid)
    return PlanFix(fix.fix_time, east, north, fix.height_m, fix.accuracy_m, 0.0)


def _plan_fix(row: Position, projected_srid: int) -> PlanFix:
    east, north = crs.transform_point(row.point.x, row.point.y, from_srid=crs.STORAGE_SRID, to_srid=projected_srid)
    stated = float(getattr(row, "height_accuracy_m", 0.0))
    unknown = stated == UNKNOWN_HEIGHT_ACCURACY
    height_m = math.nan if unknown else float(row.point.z or 0.0)
    return PlanFix(row.fix_time, east, north, height_m, row.accuracy_m, 0.0 if unknown else stated)


def _copy_traces(rows: Iterable[tuple[UUID, PlanFix]]) -> None:
    columns = "device_id, fix_time, east_m, north_m, height_m, accuracy_m, height_accuracy_m"
    table = FenceTrace._meta.db_table
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for device_id, fix in rows:
            height_m = None if math.isnan(fix.height_m) else fix.height_m
            plan = (fix.east_m, fix.north_m, height_m, fix.accuracy_m, fix.height_accuracy_m)
            copy.write_row((device_id, fix.fix_time, *plan))


def _checkpoint_row(device_id: UUID, at: datetime, state: DeviceState) -> FenceCheckpoint:
    return FenceCheckpoint(device_id=device_id, at=at, state=device_json(state))


def _keep_checkpoints(rows: Iterable[FenceCheckpoint]) -> None:
    by_key = {(row.device_id, row.at): row for row in rows}
    FenceCheckpoint.objects.bulk_create(
        by_key.values(), update_conflicts=True, unique_fields=["device", "at"], update_fields=["state"]
    )
