"""Steps of the pipeline: run fixes through the danger zones of their site, and commit what follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from ingest.batches import KEPT, Batch
from ingest.columns import UNKNOWN_BATTERY, microseconds, moment_of
from ingest.directory import KnownDevice
from ingest.late_in_place import note_works, put_late_in_place
from spatial import crs
from spatial.alarms.fence_events import follow_fence_events
from spatial.alarms.rules import LATE_AFTER
from spatial.devices.models import Device
from spatial.devices.rules import silence_limit
from spatial.fences.compiled_index import NEVER_US, CompiledIndex
from spatial.fences.counting import follow_counts
from spatial.fences.engine import USES, EngineStates, FixColumns, Limits, evaluate
from spatial.fences.late_fixes import keep_traces, with_corrections, with_memories
from spatial.fences.memory import fix_from_json, fix_json
from spatial.fences.queries import judged, site_fences, zone_states
from spatial.fences.recording import record_findings, remember_states
from spatial.fences.rules import MAX_SPEED_ON_FOOT_M_S, DeviceState, FixUse, changed_states
from spatial.ledger.operations import lock_ledgers
from spatial.places.queries import storey_of_height
from spatial.tracks.grids import number as positioning_number
from spatial.tracks.operations import NewestFixes, doubt_fixes, keep_newest
from spatial.tracks.queries import locked_latest
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
    """Load where each undecided device was last and in which zones, and the fences of the sites.

    The newest fixes of all devices are locked, in order and before any other row that two transactions may want
    (marks of presence, sightings): whoever stores decided messages only waits here and not in the middle.
    """
    columns = batch.columns
    for site_id, site in columns.sites.items():
        batch.fences[site_id] = site_fences(site.row)
    ids = {columns.devices[number].pk for number in np.unique(columns.device[batch.chosen]).tolist()}
    held = locked_latest(sorted(known.pk for known in columns.devices))
    batch.held |= {device_id: fix for device_id, fix in held.items() if device_id in ids}
    batch.zones = zone_states(ids)


def evaluate_fences(batch: Batch) -> None:
    """Run the undecided fixes of each site through its fences, all devices at once."""
    columns, chosen = batch.columns, batch.chosen
    own_site = columns.site_of_device[columns.device[chosen]]
    for number, site_id in enumerate(columns.sites):
        rows = chosen[own_site == number]
        if len(rows):
            _evaluate_site(batch, site_id, rows)
    put_late_in_place(batch)


def _evaluate_site(batch: Batch, site_id: UUID, rows: NDArray[np.int64]) -> None:
    columns = batch.columns
    numbers, device = np.unique(columns.device[rows], return_inverse=True)
    known = [columns.devices[number] for number in numbers.tolist()]
    index = batch.fences[site_id].compiled
    before = _states(batch, known, columns.sites[site_id].projected_srid, index)
    placed = columns.rows[rows]
    fixes = FixColumns(
        device.astype(np.int32),
        placed["time_us"].copy(),
        *(placed[name].copy() for name in ("east_m", "north_m", "height_m", "accuracy_m", "height_accuracy_m")),
    )
    limits = [
        (MAX_SPEED_ON_FOOT_M_S if one.kind in WORN_ON_FOOT else None, silence_limit(one.report_interval_s))
        for one in known
    ]
    decisions = evaluate(fixes, before, index, Limits.of(limits))
    batch.plausible[rows] = decisions.uses != USES.index(FixUse.IMPLAUSIBLE)
    batch.late[rows] = decisions.uses == USES.index(FixUse.LATE)
    used = np.flatnonzero(decisions.uses == USES.index(FixUse.USED))
    order = used[np.lexsort((fixes.fix_time_us[used], device[used]))]
    last = np.flatnonzero(np.diff(device[order], append=len(known)))
    batch.newest |= {known[device[row]].pk: int(rows[row]) for row in order[last].tolist()}
    _note_states(batch, known, before, decisions.states)
    note_works(batch, batch.fences[site_id], known, device, rows, before, decisions, limits)
    found = decisions.findings
    batch.found += [(known[found.device[number]].pk, found.finding(number)) for number in range(len(found))]


def _note_states(batch: Batch, known: Sequence[KnownDevice], before: EngineStates, after: EngineStates) -> None:
    """Keep the states that have zones before or after, or a doubted fix, in their readable form."""
    slots = (np.diff(before.slot_start) > 0) | (np.diff(after.slot_start) > 0)
    doubted = after.doubted_us != NEVER_US
    for number in np.flatnonzero(slots | doubted).tolist():
        device_id = known[number].pk
        batch.before[device_id] = before.device_state(number)
        batch.after[device_id] = after.device_state(number)


def _states(batch: Batch, known: Sequence[KnownDevice], srid: int, index: CompiledIndex) -> EngineStates:
    """Return what is remembered of devices of one site, as columns."""
    held = [batch.held.get(one.pk) for one in known]
    doubted = [fix_from_json(one.doubted) if one else None for one in held]
    empty = EngineStates.of(
        [DeviceState(None, fix, batch.zones.get(one.pk, {})) for one, fix in zip(known, doubted, strict=True)], index
    )
    placed = np.array([(h.lon, h.lat, h.height_m, h.accuracy_m) if h else (np.nan,) * 4 for h in held]).reshape(-1, 4)
    east, north = crs.transformer(crs.STORAGE_SRID, srid).transform(placed[:, 0], placed[:, 1])
    last_us = np.array([microseconds(h.fix_time) if h else NEVER_US for h in held], dtype=np.int64)
    last = np.column_stack([east, north, placed[:, 2], placed[:, 3], np.zeros(len(held))])
    states = replace(empty, last_us=last_us, last=np.where(last_us[:, None] == NEVER_US, 0.0, last))
    return with_memories(states, [one.pk for one in known])


def keep_newest_fixes(batch: Batch) -> None:
    """Keep the newest used fix of each device, and the fix that is doubted since."""
    columns = batch.columns
    newest = np.array([row for row in batch.newest.values() if batch.fates[row] == KEPT], dtype=np.int64)
    works = [batch.taken[number] for number in columns.message[newest].tolist()]
    parts = columns.rows["part"][newest].tolist()
    batteries = [work.received.message.batteries[part] for work, part in zip(works, parts, strict=True)]
    storeys = [_storey(batch, row) for row in newest.tolist()]
    now = [
        w.received.speaks_now(columns.devices[d]) for w, d in zip(works, columns.device[newest].tolist(), strict=True)
    ]
    rows = columns.positions(newest, batch.plausible[newest])
    heard_us = np.where(np.array(now, dtype=bool), rows.received_us, np.minimum(rows.received_us, rows.time_us))
    keep_newest(
        fixes=NewestFixes(
            rows=replace(rows, received_us=heard_us),
            batteries=[None if battery == UNKNOWN_BATTERY else battery for battery in batteries],
            worn=[None if worn < 0 else bool(worn) for worn in columns.rows["worn"][newest].tolist()],
            storey_ids=[storey_id for storey_id, _ in storeys],
            storey_probabilities=[probability for _, probability in storeys],
        )
    )
    doubts = {device_id: state.doubted for device_id, state in batch.after.items() if state.doubted}
    doubt_fixes(doubted={device_id: kept for device_id, fix in doubts.items() if (kept := fix_json(fix))})


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
    """Store the engine's memory where it changed, and the fixes of devices that were at a zone."""
    keep_traces(works=batch.works_at_fences, corrections=batch.corrections)
    remember_states(
        states={device_id: changed_states(batch.before[device_id], state) for device_id, state in batch.after.items()}
    )


def write_findings(batch: Batch) -> None:
    """Write what happened at which zone, which rules it breaks, what was found late, what is withdrawn, and what the
    head-counts bring about."""
    concerned = {device_id for device_id, _ in batch.found}
    concerned |= {device_id for device_id, correction in batch.corrections.items() if correction.withdrawn}
    if concerned:
        models, received = batch.load_models(concerned), batch.received_at()
        found = [(models[device_id], finding, received[device_id]) for device_id, finding in batch.found]
        findings = judged(found, batch.fences)
        batch.findings = with_corrections(findings, batch.corrections, batch.before, models, received)
        record_findings(findings=batch.findings)
    received_at = max((work.received.arrival.received_at for work in batch.taken), default=batch.now)
    for site_id, fences in batch.fences.items():
        site, findings = batch.columns.sites[site_id].row, batch.findings_of(site_id)
        batch.findings += follow_counts(
            site=site,
            fences=fences,
            findings=findings,
            received_at=received_at,
            newest=_newest_of(batch, site_id),
        )


def _newest_of(batch: Batch, site_id: UUID) -> datetime | None:
    """Return the newest fix of a site in this batch that is not doubted, kept or not."""
    columns = batch.columns
    of_site = np.array([known.site_id == site_id for known in columns.devices] or [False])
    if not len(columns.rows):
        return None
    times = columns.rows["time_us"][of_site[columns.device] & batch.plausible]
    return moment_of(times.max()) if len(times) else None


def follow_with_alarms(batch: Batch) -> None:
    """Raise and clear alarms. Last, because their durable events must be the last rows of the transaction."""
    sites = sorted(batch.columns.sites.values(), key=lambda site: site.pk)
    if len(organisations := {site.row.organisation_id for site in sites}) > 1:
        lock_ledgers(organisations)  # all of them before the first act, whichever organisation has one
    for site in sites:
        findings, inside = batch.findings_of(site.pk), _inside_now(batch, site.pk)
        if findings or inside:
            follow_fence_events(findings=findings, fences=batch.fences[site.pk], inside_now=inside)


def _inside_now(batch: Batch, site_id: UUID) -> set[UUID]:
    """Return the devices of a site whose newest fix came in this batch, is fresh, and is inside a fence."""
    received = batch.received_at()
    return {
        device_id
        for device_id, state in batch.after.items()
        if batch.device(device_id).site_id == site_id
        and any(zone.inside for zone in state.zones.values())
        and state.last is not None
        and received[device_id] - state.last.fix_time <= LATE_AFTER
    }
