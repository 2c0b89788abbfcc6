"""What happens to a batch of messages, in order. Messages taken before are duplicates: they change nothing, but are
acknowledged like the others.

Two transactions share the work, so that an alarm never waits for the storing of positions. `decide_now` runs what
could touch a danger zone through the fences at once: findings, alarms and the newest fixes are committed, the
message is not taken yet. `store` takes messages, copies their positions and whatever else is left, every 200 ms;
the broker and the device hear of a message only after it. A message whose decision was committed and whose storing
was not comes again, and decides nothing new: its fixes are late by then, and the findings of a device are a
function of the set of its fixes (decision 0027).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection, transaction

from ingest.batches import KEPT, Batch, Columns, Work
from ingest.columns import UNKNOWN_BATTERY, moment_of
from spatial import crs
from spatial.alarms.operations import follow_fence_events
from spatial.alarms.rules import LATE_AFTER
from spatial.devices.models import Device
from spatial.devices.rules import silence_limit
from spatial.fences.queries import judged, site_fences, zone_states
from spatial.fences.recording import record_findings, remember_states
from spatial.fences.rules import MAX_SPEED_ON_FOOT_M_S, DeviceState, FixUse, changed_states, decide
from spatial.fences.zone_index import PlanFix
from spatial.places.queries import storey_of_height
from spatial.privacy.operations import count_untracked
from spatial.privacy.track_columns import FATES, judge_columns
from spatial.tracks.grids import number as positioning_number
from spatial.tracks.operations import (
    NewestFixes,
    doubt_fixes,
    keep_newest,
    mark_implausible,
    note_heard,
    store_positions,
    take_messages,
    taken_before,
)
from spatial.tracks.queries import HeldFix, locked_latest
from spatial.tracks.storey_rules import likely_storey

WORN_ON_FOOT = frozenset({Device.Kind.HELMET, Device.Kind.TAG})
CALLS_FOR_HELP = frozenset({"sos", "fall"})
Step = Callable[[Batch], None]


def take_new_messages(batch: Batch) -> None:
    """Keep the messages that were never taken before."""
    first = {work.key: work for work in reversed(batch.works)}
    new = take_messages(keys=first, received_at=batch.now)
    batch.taken = [work for work in batch.works if work.key in new and first[work.key] is work]


def skip_taken_messages(batch: Batch) -> None:
    """Leave out the messages that were taken before, without taking the others."""
    old = taken_before(keys=[work.key for work in batch.works])
    batch.taken = [work for work in batch.works if work.key not in old]


def gather_columns(batch: Batch) -> None:
    """Put the fixes of the messages side by side; `chosen` are those that the fences have not seen."""
    columns = batch.columns = Columns(batch.taken)
    empty = [np.empty(0, dtype=bool)]
    decided = np.concatenate([*empty, *(np.full(len(w.received.placed), w.decided) for w in batch.taken)])
    batch.chosen = np.flatnonzero(~decided)
    batch.fates = np.zeros(len(columns.rows), dtype=np.int8)
    batch.plausible, batch.late = np.ones(len(columns.rows), dtype=bool), np.zeros(len(columns.rows), dtype=bool)
    for work, end in zip(batch.taken, columns.ends, strict=True):
        if work.decided:
            rows = slice(end - len(work.received.placed), end)
            batch.fates[rows], batch.plausible[rows], batch.late[rows] = work.fates, work.plausible, work.late


def respect_privacy(batch: Batch) -> None:
    """Find the fixes of people that are only counted: off shift or outside the site. Danger zones see them all."""
    columns, chosen = batch.columns, batch.chosen
    registered = {known.pk: known.person_id for known in columns.devices}
    helpless = _called_for_help(batch)
    site_of = np.array([known.site_id for known in columns.devices], dtype=object)[columns.device[chosen]]
    for site_id, site in columns.sites.items():
        own = chosen[site_of == site_id]
        rows = columns.rows[own]
        batch.fates[own] = judge_columns(
            site.row,
            registered,
            device=columns.device[own],
            time_us=rows["time_us"],
            east_m=rows["east_m"],
            north_m=rows["north_m"],
            accuracy_m=rows["accuracy_m"],
            called_for_help=helpless[columns.device[own]],
        )


def _called_for_help(batch: Batch) -> np.ndarray:
    helpless = np.zeros(len(batch.columns.devices), dtype=bool)
    for work in batch.taken:
        for part, signal in work.received.message.signals:
            device = work.received.devices[part]
            if device is not None and signal.kind in CALLS_FOR_HELP and not signal.ended:
                helpless[batch.columns.number[device.pk]] = True
    return helpless


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


def store_fixes(batch: Batch) -> None:
    """Store every fix, late ones too, by binary COPY; whether one is implausible is marked once it is known."""
    columns = batch.columns
    kept = np.flatnonzero(batch.fates == KEPT)
    store_positions(rows=columns.positions(kept, batch.plausible[kept]))
    gone = np.flatnonzero(batch.fates != KEPT)
    count_untracked(
        fates=(
            (columns.devices[device].site_id, moment_of(time_us), FATES[fate])
            for device, time_us, fate in zip(
                columns.device[gone].tolist(),
                columns.rows["time_us"][gone].tolist(),
                batch.fates[gone].tolist(),
                strict=True,
            )
        )
    )


def mark_implausible_fixes(batch: Batch) -> None:
    """Mark the stored fixes of this batch that failed the speed check."""
    columns = batch.columns
    doubted = batch.chosen[~batch.plausible[batch.chosen]]
    mark_implausible(
        fixes=[
            (
                columns.devices[int(columns.device[row])].pk,
                moment_of(columns.rows["time_us"][row]),
                moment_of(columns.received_us[row]),
            )
            for row in doubted
        ]
    )


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


def note_who_was_heard(batch: Batch) -> None:
    """Note that every device of the batch was heard, with its battery, whether or not it had a newer fix."""
    heard: dict[UUID, int | None] = {}
    for work in batch.taken:
        for device, battery in zip(work.received.devices, work.received.message.batteries, strict=True):
            if device is not None and device.pk not in batch.newest:
                heard[device.pk] = None if battery == UNKNOWN_BATTERY else battery
    note_heard(heard=heard, received_at=max((w.received.arrival.received_at for w in batch.taken), default=batch.now))


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
    batch.models = Device.objects.select_related("site", "site__organisation", "organisation", "person").in_bulk(
        concerned
    )
    received = _received_at(batch)
    found = [
        (batch.models[device_id], finding, received[device_id])
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
    received = _received_at(batch)
    return {
        device_id
        for device_id, decision in batch.decisions.items()
        if batch.device(device_id).site_id == site_id
        and any(zone.inside for zone in decision.state.zones.values())
        and decision.state.last is not None
        and received[device_id] - decision.state.last.fix_time <= LATE_AFTER
    }


def _received_at(batch: Batch) -> dict[UUID, datetime]:
    return {
        device.pk: work.received.arrival.received_at
        for work in batch.taken
        for device in work.received.devices
        if device is not None
    }


DECIDE: tuple[Step, ...] = (
    lock_sites,
    recall_devices,
    evaluate_fences,
    keep_newest_fixes,
    remember_zones,
    write_findings,
    follow_with_alarms,
)
DECIDE_NOW: tuple[Step, ...] = (skip_taken_messages, gather_columns, respect_privacy, *DECIDE)
STORE: tuple[Step, ...] = (
    take_new_messages,
    gather_columns,
    respect_privacy,
    store_fixes,
    *DECIDE[:3],
    mark_implausible_fixes,
    DECIDE[3],
    note_who_was_heard,
    *DECIDE[4:],
)


def decide_now(works: Sequence[Work], now: datetime) -> Batch:
    """This function will run messages through the fences and commit what follows; their storing comes later."""
    batch = _run(DECIDE_NOW, works, now)
    columns = batch.columns
    split = (columns.split(batch.fates), columns.split(batch.plausible), columns.split(batch.late))
    for work, fates, plausible, late in zip(batch.taken, *split, strict=True):
        work.decided, work.fates, work.plausible, work.late = True, fates, plausible, late
    return batch


def store(works: Sequence[Work], now: datetime) -> Batch:
    """This function will take messages and store them whole, with whatever was not decided before."""
    return _run(STORE, works, now)


def _run(steps: Sequence[Step], works: Sequence[Work], now: datetime) -> Batch:
    batch = Batch(works, now)
    with transaction.atomic():
        for step in steps:
            step(batch)
    return batch


def moved(batch: Batch) -> dict[UUID, int]:
    """This function will return how many devices moved, per site, for the live pages."""
    counts: dict[UUID, int] = defaultdict(int)
    for device_id, row in batch.newest.items():
        if batch.fates[row] == KEPT:
            counts[batch.device(device_id).site_id] += 1
    return counts


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
