"""Steps of the pipeline: take messages once, put their fixes side by side, ask what may be kept, and store it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import numpy as np

from ingest.batches import KEPT, Batch, Columns
from ingest.columns import UNKNOWN_BATTERY, microseconds, moment_of
from ingest.hearing import heard_at
from spatial.alarms.queries import calls_for_help
from spatial.attendance.operations import note_presence
from spatial.attendance.presence_columns import presence_of
from spatial.musters.queries import rolls_of_running
from spatial.privacy.operations import count_untracked
from spatial.privacy.track_columns import FATES, judge_columns
from spatial.tracks.operations import (
    mark_implausible,
    note_heard,
    store_positions,
    take_messages,
    taken_before,
)

CALLS_FOR_HELP = frozenset({"sos", "fall"})
ALWAYS_US, NEVER_US = np.iinfo(np.int64).min, np.iinfo(np.int64).max


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
    batch.inside, batch.person = np.zeros(len(columns.rows), dtype=bool), np.full(len(columns.rows), None, dtype=object)
    for work, end in zip(batch.taken, columns.ends, strict=True):
        if work.decided:
            rows = slice(end - len(work.received.placed), end)
            batch.plausible[rows], batch.late[rows] = work.plausible, work.late
            batch.held |= work.held
            if work.judged is not None:
                known = work.judged
                batch.fates[rows], batch.inside[rows], batch.person[rows] = known.fates, known.inside, known.person


def respect_privacy(batch: Batch) -> None:
    """Find the fixes of people that are only counted: off shift or outside the site. Danger zones see them all.

    Of a message that was decided this is known since.
    """
    columns = batch.columns
    helpless = _call_for_help(batch)
    musters = rolls_of_running(columns.sites)
    of_site = columns.site_of_device
    for number, (site_id, site) in enumerate(columns.sites.items()):
        own = batch.chosen[of_site[columns.device[batch.chosen]] == number]
        if not len(own):
            continue
        members = np.flatnonzero(of_site == number)
        rows, devices = columns.rows[own], [columns.devices[member] for member in members.tolist()]
        found = judge_columns(
            site.row,
            {known.pk: known.person_id for known in devices},
            device=np.searchsorted(members, columns.device[own]),
            time_us=rows["time_us"],
            east_m=rows["east_m"],
            north_m=rows["north_m"],
            accuracy_m=rows["accuracy_m"],
            called_for_help=helpless[own],
            muster=musters.get(site_id),
        )
        batch.fates[own], batch.inside[own] = found.fate, found.inside
        batch.person[own] = np.array([*found.people, None], dtype=object)[found.person]


def _call_for_help(batch: Batch) -> np.ndarray:
    """Return which fixes are of devices that call for help in this batch, or whose call is not over."""
    columns = batch.columns
    since_us = np.full(len(columns.devices), NEVER_US)
    for device_id, since in calls_for_help(columns.sites).items():
        if device_id in columns.number:
            since_us[columns.number[device_id]] = microseconds(since)
    for work in batch.taken:
        for part, signal in work.received.message.signals:
            device = work.received.devices[part]
            if device is not None and signal.kind in CALLS_FOR_HELP and not signal.ended:
                since_us[columns.number[device.pk]] = ALWAYS_US
    return columns.rows["time_us"] >= since_us[columns.device]


def store_fixes(batch: Batch) -> None:
    """Store every fix, late ones too, by binary COPY; whether one is implausible is marked once it is known.

    Device by device in the order of the index, so that the rows of one device go to one of its pages.
    """
    columns = batch.columns
    kept = np.flatnonzero(batch.fates == KEPT)
    place = np.empty(len(columns.devices), dtype=np.int64)
    place[sorted(range(len(place)), key=lambda number: columns.devices[number].pk.int)] = np.arange(len(place))
    kept = kept[np.lexsort((columns.rows["time_us"][kept], place[columns.device[kept]]))]
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


def note_attendance(batch: Batch) -> None:
    """Note when people were inside the site and outside it, by the fixes that are not doubted."""
    columns = batch.columns
    worn = np.array([person is not None for person in batch.person], dtype=bool)
    rows = np.flatnonzero(worn & batch.plausible)
    note_presence(
        seen=presence_of(
            sites=[columns.sites[columns.devices[device].site_id].row for device in columns.device[rows].tolist()],
            people=batch.person[rows].tolist(),
            time_us=columns.rows["time_us"][rows],
            inside=batch.inside[rows],
            east_m=columns.rows["east_m"][rows],
            north_m=columns.rows["north_m"][rows],
        )
    )


def note_who_was_heard(batch: Batch) -> None:
    """Note that every device of the batch was heard, with its battery, whether or not it had a newer fix."""
    heard: dict[UUID, tuple[datetime, int | None]] = {}
    for work in batch.taken:
        received = work.received
        for part, (device, battery) in enumerate(zip(received.devices, received.message.batteries, strict=True)):
            if device is None or device.pk in batch.newest or (at := heard_at(work, part)) is None:
                continue
            known = None if battery == UNKNOWN_BATTERY or received.held_back else battery
            before = heard.get(device.pk, (at, None))
            heard[device.pk] = (max(at, before[0]), before[1] if known is None else known)
    note_heard(heard=heard)
