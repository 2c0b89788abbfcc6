"""Steps of the pipeline: run fixes through the danger zones of their site, and commit what follows from it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection

from ingest.batches import KEPT, Batch
from ingest.columns import UNKNOWN_BATTERY, moment_of
from spatial import crs
from spatial.alarms.fence_events import follow_fence_events
from spatial.alarms.rules import LATE_AFTER
from spatial.devices.models import Device
from spatial.devices.rules import silence_limit
from spatial.fences.queries import judged, site_fences, zone_states
from spatial.fences.recording import record_findings, remember_states
from spatial.fences.rules import MAX_SPEED_ON_FOOT_M_S, DeviceState, FixUse, changed_states, decide
from spatial.fences.zone_index import PlanFix
from spatial.places.queries import storey_of_height
from spatial.tracks.grids import number as positioning_number
from spatial.tracks.operations import NewestFixes, doubt_fixes, keep_newest
from spatial.tracks.queries import HeldFix, locked_latest
from spatial.tracks.storey_rules import likely_storey

WORN_ON_FOOT = frozenset({Device.Kind.HELMET, Device.Kind.TAG})


def lock_sites(batch: Batch) -> None:
    """Let one transaction at a time decide on a site, in whichever worker or lane it runs."""
    with connection.cursor() as cursor:
        for site_id in sorted(_undecided_sites(batch)):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", [str(site_id)])


def _undecided_sites(batch: Batch) -> set[UUID]:
    devices = np.unique(batch.columns.device[batch.chosen]).tolist()
    return {batch.columns.devices[number].site_id for number in devices}


def recall_devices(batch: Batch) -> None:
    """Load where each device was last and in which zones, and the fences of the sites."""
    columns = batch.columns
    for site_id, site in columns.sites.items():
        batch.fences[site_id] = site_fences(site.row)
    ids = [columns.devices[number].pk for number in np.unique(columns.device[batch.chosen]).tolist()]
    latest, zones = locked_latest(ids), zone_states(ids)
    for device_id in ids:
        srid = columns.sites[batch.device(device_id).site_id].projected_srid
        batch.before[device_id] = _device_state(srid, latest.get(device_id), zones.get(device_id, {}))


def evaluate_fences(batch: Batch) -> None:
    """Run each device's fixes through the fences of its site, in event order."""
    columns = batch.columns
    order = batch.chosen[np.argsort(columns.device[batch.chosen], kind="stable")]
    starts = np.flatnonzero(np.diff(columns.device[order], prepend=-1))
    for rows in np.split(order, starts[1:]) if len(order) else ():
        device = columns.devices[int(columns.device[rows[0]])]
        plan = [_plan_fix(columns.rows[row]) for row in rows]
        row_of = {id(fix): int(row) for fix, row in zip(plan, rows, strict=True)}
        decision = batch.decisions[device.pk] = decide(
            batch.before[device.pk],
            plan,
            batch.fences[device.site_id].index,
            max_speed_m_s=MAX_SPEED_ON_FOOT_M_S if device.kind in WORN_ON_FOOT else None,
            silence=silence_limit(device.report_interval_s),
        )
        for fix, use in decision.uses:
            batch.plausible[row_of[id(fix)]] = use is not FixUse.IMPLAUSIBLE
            batch.late[row_of[id(fix)]] = use is FixUse.LATE
        if (last := decision.state.last) is not None and id(last) in row_of:
            batch.newest[device.pk] = row_of[id(last)]


def keep_newest_fixes(batch: Batch) -> None:
    """Keep the newest used fix of each device, and the fix that is doubted since."""
    columns = batch.columns
    newest = np.array([row for row in batch.newest.values() if batch.fates[row] == KEPT], dtype=np.int64)
    works = [batch.taken[number] for number in columns.message[newest].tolist()]
    parts = columns.rows["part"][newest].tolist()
    batteries = [work.received.message.batteries[part] for work, part in zip(works, parts, strict=True)]
    storeys = [_storey(batch, row) for row in newest.tolist()]
    keep_newest(
        fixes=NewestFixes(
            rows=columns.positions(newest, batch.plausible[newest]),
            batteries=[None if battery == UNKNOWN_BATTERY else battery for battery in batteries],
            worn=[None if worn < 0 else bool(worn) for worn in columns.rows["worn"][newest].tolist()],
            storey_ids=[storey_id for storey_id, _ in storeys],
            storey_probabilities=[probability for _, probability in storeys],
        )
    )
    doubts = {device_id: decision.state.doubted for device_id, decision in batch.decisions.items()}
    doubt_fixes(doubted={device_id: _doubt_json(fix) for device_id, fix in doubts.items() if fix})


def _storey(batch: Batch, row: int) -> tuple[UUID | None, float | None]:
    """Return the storey of a fix and how sure that is; a height of stated error is weighed, another taken as it is."""
    columns = batch.columns
    height_m, r95_m = float(columns.rows["height_m"][row]), float(columns.rows["height_accuracy_m"][row])
    storeys = batch.fences[columns.devices[int(columns.device[row])].site_id].storeys
    if np.isnan(height_m) or not storeys:
        return None, None
    if r95_m == 0.0:
        exact = storey_of_height(storeys, height_m)
        return (exact.pk, None) if exact else (None, None)
    guess = likely_storey(storeys, height_m, r95_m)
    if guess is None or guess.probability < positioning_number("storey_probability"):
        return None, None
    return storeys[guess.number].pk, round(guess.probability, 4)


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
    concerned = [device_id for device_id, decision in batch.decisions.items() if decision.findings]
    if not concerned:
        return
    models, received = batch.load_models(concerned), batch.received_at()
    found = [
        (models[device_id], finding, received[device_id])
        for device_id in concerned
        for finding in batch.decisions[device_id].findings
    ]
    batch.findings = judged(found, batch.fences)
    record_findings(findings=batch.findings)


def follow_with_alarms(batch: Batch) -> None:
    """Raise and clear alarms. Last, because their durable events must be the last rows of the transaction."""
    by_organisation = sorted(batch.columns.sites.values(), key=lambda site: (site.row.organisation_id, site.pk))
    for site in by_organisation:
        findings, inside = batch.findings_of(site.pk), _inside_now(batch, site.pk)
        if findings or inside:
            follow_fence_events(findings=findings, fences=batch.fences[site.pk], inside_now=inside)


def _inside_now(batch: Batch, site_id: UUID) -> set[UUID]:
    """Return the devices of a site whose newest fix came in this batch, is fresh, and is inside a fence."""
    received = batch.received_at()
    return {
        device_id
        for device_id, decision in batch.decisions.items()
        if batch.device(device_id).site_id == site_id
        and any(zone.inside for zone in decision.state.zones.values())
        and decision.state.last is not None
        and received[device_id] - decision.state.last.fix_time <= LATE_AFTER
    }


def _plan_fix(row: np.void) -> PlanFix:
    return PlanFix(
        moment_of(row["time_us"]),
        float(row["east_m"]),
        float(row["north_m"]),
        float(row["height_m"]),
        float(row["accuracy_m"]),
        float(row["height_accuracy_m"]),
    )


def _device_state(srid: int, held: HeldFix | None, zones: dict) -> DeviceState:
    if held is None:
        return DeviceState(zones=zones)
    east, north = crs.transform_point(held.lon, held.lat, from_srid=crs.STORAGE_SRID, to_srid=srid)
    last = PlanFix(held.fix_time, east, north, held.height_m, held.accuracy_m)
    doubted = PlanFix(**{**held.doubted, "fix_time": _moment(held.doubted["fix_time"])}) if held.doubted else None
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
