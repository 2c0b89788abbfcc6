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

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, OperationalError, transaction
from psycopg.errors import DeadlockDetected

from ingest.batches import KEPT, Batch, Judged, Work
from ingest.deciding import (
    evaluate_fences,
    follow_with_alarms,
    keep_newest_fixes,
    lock_sites,
    recall_devices,
    remember_zones,
    write_findings,
)
from ingest.hearing import note_sightings_of
from ingest.machinery import follow_moving_zones, lock_moving_zones
from ingest.saying import follow_what_was_said, store_what_was_measured
from ingest.taking import (
    gather_columns,
    mark_implausible_fixes,
    note_attendance,
    note_who_was_heard,
    respect_privacy,
    skip_taken_messages,
    store_fixes,
    take_new_messages,
)

Step = Callable[[Batch], None]
CONFLICTS = 4  # how often a batch is tried that meets others
_log = logging.getLogger(__name__)

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
    store_what_was_measured,
    lock_sites,
    lock_moving_zones,
    recall_devices,
    evaluate_fences,
    mark_implausible_fixes,
    note_attendance,
    keep_newest_fixes,
    note_who_was_heard,
    note_sightings_of,
    remember_zones,
    write_findings,
    follow_with_alarms,
    follow_what_was_said,
    follow_moving_zones,
)


def decide_now(works: Sequence[Work], now: datetime) -> Batch:
    """This function will run messages through the fences and commit what follows; their storing comes later."""
    batch = _run(DECIDE_NOW, works, now)
    columns = batch.columns
    found = (batch.plausible, batch.late, batch.fates, batch.inside, batch.person)
    for work, plausible, late, *judged in zip(batch.taken, *map(columns.split, found), strict=True):
        work.decided, work.plausible, work.late, work.judged = True, plausible, late, Judged(*judged)
        work.held = {one.pk: batch.held[one.pk] for one in work.received.devices if one and one.pk in batch.held}
    return batch


def store(works: Sequence[Work], now: datetime) -> Batch:
    """This function will take messages and store them whole, with whatever was not decided before."""
    return _run(STORE, works, now)


def _run(steps: Sequence[Step], works: Sequence[Work], now: datetime) -> Batch:
    """Run a batch in one transaction; one that met another one halfway is run again, for then it sees what that did."""
    for left in reversed(range(CONFLICTS)):
        batch = Batch(works, now)
        try:
            with transaction.atomic():
                for step in steps:
                    step(batch)
            break
        except (IntegrityError, OperationalError) as error:
            if not left or not is_conflict(error):
                raise
            _log.warning("A batch met another one (%s); it is run again.", str(error).partition("\n")[0])
    return batch


def is_conflict(error: Exception) -> bool:
    """Whether two transactions met on the same rows, so that one of them has only to be run again."""
    return isinstance(error, IntegrityError) or isinstance(error.__cause__, DeadlockDetected)


def moved(batch: Batch) -> dict[UUID, int]:
    """This function will return how many devices and machines moved, per site, for the live pages."""
    counts: dict[UUID, int] = defaultdict(int, batch.machines_moved)
    for device_id, row in batch.newest.items():
        if batch.fates[row] == KEPT:
            counts[batch.device(device_id).site_id] += 1
    return counts
