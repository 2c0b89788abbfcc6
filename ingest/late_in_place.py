"""Late fixes of a batch in their place: which devices have some, what running them again changes in the batch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from ingest.batches import Batch
from ingest.columns import moment_of
from ingest.directory import KnownDevice
from spatial.fences.engine import USES, Decisions, EngineStates, decide_device
from spatial.fences.late_fixes import DeviceWork, put_late_right
from spatial.fences.queries import SiteFences
from spatial.fences.rules import Decision, DeviceState, FixUse
from spatial.fences.zone_index import PlanFix

_LATE = USES.index(FixUse.LATE)


def note_works(
    batch: Batch,
    fences: SiteFences,
    known: Sequence[KnownDevice],
    device: NDArray[np.int64],
    rows: NDArray[np.int64],
    before: EngineStates,
    decisions: Decisions,
    limits: Sequence[tuple[float | None, Any]],
) -> None:
    """Note the devices that were at a zone, or have late fixes, with all their fixes and their states."""
    late = np.zeros(len(known), dtype=bool)
    late[device[decisions.uses == _LATE]] = True
    for number in np.flatnonzero(late | (decisions.touched > 0)).tolist():
        one, own = known[number], np.flatnonzero(device == number)
        fixes = [plan_fix(batch.columns.rows[row]) for row in rows[own]]
        uses = [(fix, FixUse.LATE) for fix, use in zip(fixes, decisions.uses[own], strict=True) if use == _LATE]
        state = decisions.states.device_state(number)
        batch.before[one.pk], batch.after[one.pk] = before.device_state(number), state
        batch.works_at_fences.append(
            DeviceWork(
                device_id=one.pk,
                projected_srid=batch.columns.sites[one.site_id].projected_srid,
                fixes=tuple(fixes),
                before=batch.before[one.pk],
                decision=Decision(state, tuple(uses), (), bool(decisions.touched[number])),
                index=fences.index,
                decide=partial(_decide, fences, limits[number]),
            )
        )


def put_late_in_place(batch: Batch) -> None:
    """Run the devices again that have late fixes, and put their states and findings into the batch."""
    batch.corrections = put_late_right(works=batch.works_at_fences)
    if not batch.corrections:
        return
    batch.found = [item for item in batch.found if item[0] not in batch.corrections]
    for device_id, correction in batch.corrections.items():
        batch.after[device_id] = correction.state
        batch.found += [(device_id, finding) for finding in correction.found]
        _take_newest(batch, device_id, correction.state.last)


def plan_fix(row: np.void) -> PlanFix:
    """Return a placed fix in its readable form."""
    return PlanFix(
        moment_of(row["time_us"]),
        float(row["east_m"]),
        float(row["north_m"]),
        float(row["height_m"]),
        float(row["accuracy_m"]),
        float(row["height_accuracy_m"]),
    )


def _take_newest(batch: Batch, device_id: UUID, last: PlanFix | None) -> None:
    batch.newest.pop(device_id, None)
    number = batch.columns.number[device_id]
    for row in batch.chosen[batch.columns.device[batch.chosen] == number].tolist():
        if last is not None and plan_fix(batch.columns.rows[row]) == last:
            batch.newest[device_id] = row


def _decide(
    fences: SiteFences, limits: tuple[float | None, Any], state: DeviceState, fixes: Iterable[PlanFix]
) -> Decision:
    return decide_device(state, list(fixes), fences.compiled, max_speed_m_s=limits[0], silence=limits[1])
