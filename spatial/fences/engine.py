"""Columns of fixes through the fences of a site: the interface of the compiled engine. Pure, event time, no clock.

    states = EngineStates.of(device_states, index)          # or kept from the batch before
    decisions = evaluate(columns, states, index, limits)
    decisions.uses, decisions.findings, decisions.states

`rules.decide` is the readable reference; `tests/spatial/fences/test_engine.py` proves both equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np
import shapely
from numpy.typing import NDArray

from spatial.fences.compiled_index import EPOCH, CompiledIndex, Floats, to_us
from spatial.fences.engine_kernel import run_columns
from spatial.fences.fix_order import NEVER_US
from spatial.fences.rules import Decision, DeviceState, Finding, FindingKind, FixUse, ZoneState
from spatial.fences.zone_index import FenceZone, PlanFix
from spatial.fences.zone_steps import KINDS

USES = (FixUse.USED, FixUse.LATE, FixUse.IMPLAUSIBLE)
NO_SILENCE_US = 1 << 61
_NAMES: tuple[FindingKind, ...] = KINDS  # type: ignore[assignment]


@dataclass(frozen=True)
class FixColumns:
    """Fixes as columns of one length; `device` numbers the rows of the states, in any order of time.

    Heights of NaN are not known; a height accuracy of 0 says that the source states none.
    """

    device: NDArray[np.int32]
    fix_time_us: NDArray[np.int64]
    east_m: Floats
    north_m: Floats
    height_m: Floats
    accuracy_m: Floats
    height_accuracy_m: Floats | None = None

    @staticmethod
    def of(fixes: Sequence[tuple[int, PlanFix]]) -> FixColumns:
        """This function will return (device number, fix) pairs as columns."""
        rows = np.array([fix_numbers(fix) for _, fix in fixes], np.float64).reshape(-1, 5)
        return FixColumns(
            np.array([device for device, _ in fixes], np.int32),
            np.array([to_us(fix.fix_time) for _, fix in fixes], np.int64),
            *rows.T.copy(),
        )


@dataclass(frozen=True)
class Limits:
    """Per device: the speed (m/s) beyond which a fix is doubted (infinity: never), and the silence (us) after which
    it is lost inside a zone."""

    max_speed_m_s: Floats
    silence_us: NDArray[np.int64]

    @staticmethod
    def of(rows: Sequence[tuple[float | None, timedelta | None]]) -> Limits:
        """This function will return (speed, silence) pairs as columns; None sets no limit."""
        speeds = [np.inf if speed is None else speed for speed, _ in rows]
        silences = [NO_SILENCE_US if quiet is None else quiet // timedelta(microseconds=1) for _, quiet in rows]
        return Limits(np.array(speeds, np.float64), np.array(silences, np.int64))


@dataclass(frozen=True)
class EngineStates:
    """What the engine remembers of devices, as columns: last and doubted fix, and slots (device, zone) with
    (inside, run, near, closer, distance, dwelt), ordered by device. `zone_ids` names the zones by number; those past
    the index are fences that were taken away."""

    last_us: NDArray[np.int64]
    last: Floats
    doubted_us: NDArray[np.int64]
    doubted: Floats
    slot_start: NDArray[np.int64]
    slot_zone: NDArray[np.int32]
    slot_since: NDArray[np.int64]
    slot_state: Floats
    zone_ids: tuple[UUID, ...]

    @staticmethod
    def of(states: Sequence[DeviceState], index: CompiledIndex) -> EngineStates:
        """This function will return states of devices as columns for an index."""
        zone_ids = [zone.zone_id for zone in index.zones]
        numbers = dict(index.numbers)
        slots: list[tuple[int, int]] = []
        rows: list[tuple[float, ...]] = []
        starts = [0]
        for state in states:
            for zone_id, zone in sorted(state.zones.items()):
                if zone.idle:
                    continue
                if zone_id not in numbers:
                    numbers[zone_id] = len(zone_ids)
                    zone_ids.append(zone_id)
                slots.append((numbers[zone_id], NEVER_US if zone.since is None else to_us(zone.since)))
                rows.append((zone.inside, zone.run, zone.near, zone.closer, zone.distance_m, zone.dwelt))
            starts.append(len(slots))
        columns = np.array(slots, np.int64).reshape(-1, 2)
        return EngineStates(
            *_fix_columns([state.last for state in states]),
            *_fix_columns([state.doubted for state in states]),
            np.array(starts, np.int64),
            columns[:, 0].astype(np.int32),
            columns[:, 1].copy(),
            np.array(rows, np.float64).reshape(-1, 6),
            tuple(zone_ids),
        )

    def device_state(self, number: int) -> DeviceState:
        """This function will return the state of one device in its readable form."""
        zones = {}
        for slot in range(self.slot_start[number], self.slot_start[number + 1]):
            inside, run, near, closer, distance_m, dwelt = self.slot_state[slot].tolist()
            since = _moment(int(self.slot_since[slot]))
            zones[self.zone_ids[self.slot_zone[slot]]] = ZoneState(
                bool(inside), int(run), since, bool(near), int(closer), distance_m, bool(dwelt)
            )
        last = _fix(int(self.last_us[number]), self.last[number])
        return DeviceState(last, _fix(int(self.doubted_us[number]), self.doubted[number]), zones)


@dataclass(frozen=True)
class FindingColumns:
    """What was found, ordered by device, event and zone; `row` is the row of the deciding fix in the columns given.

    `lost` happened `silence` after the fix before it: its time and place (east, north, height, accuracy, height
    accuracy) are given for every finding.
    """

    device: NDArray[np.int32]
    kind: NDArray[np.uint8]
    zone: NDArray[np.int32]
    row: NDArray[np.int32]
    time_us: NDArray[np.int64]
    value: Floats
    possible: NDArray[np.uint8]
    place: Floats
    zone_ids: tuple[UUID, ...]

    def __len__(self) -> int:
        return len(self.device)

    def finding(self, number: int) -> Finding:
        """This function will return one finding in its readable form."""
        value = float(self.value[number])
        fix = _fix(int(self.time_us[number]), self.place[number])
        assert fix is not None
        return Finding(
            kind=_NAMES[self.kind[number]],
            zone_id=self.zone_ids[self.zone[number]],
            fix=fix,
            value=None if np.isnan(value) else value,
            possible=bool(self.possible[number]),
        )


@dataclass(frozen=True)
class Decisions:
    """`uses` numbers USES for every row given; `states` are those of all devices afterwards, `touched` those that were
    at a zone at some point (see `rules.Decision`)."""

    uses: NDArray[np.uint8]
    findings: FindingColumns
    states: EngineStates
    touched: NDArray[np.uint8]


def evaluate(columns: FixColumns, states: EngineStates, index: CompiledIndex, limits: Limits) -> Decisions:
    """This function will run columns of fixes, in whatever order, through the fences of a site.

    Rows of one device are taken in event order (`rules.event_order`). Devices far from every fence cost one look into
    the grid per fix. `states` is not changed. A row that is LATE (older than what was used before) decides nothing:
    run its device again from before it (`spatial.fences.replay`).
    """
    order = _event_order(columns)
    heights = _height_accuracy(columns)
    fix = np.column_stack([columns.east_m, columns.north_m, columns.height_m, columns.accuracy_m, heights])[order]
    times = columns.fix_time_us[order]
    last_us, last = states.last_us.copy(), states.last.copy()
    doubted_us, doubted = states.doubted_us.copy(), states.doubted.copy()
    device = columns.device[order]
    first, final = (int(times.min()), int(times.max())) if times.size else (0, 0)
    uses, found, touched, slots = run_columns(
        device, times, fix, (last_us, last, doubted_us, doubted, limits.max_speed_m_s, limits.silence_us),
        (states.slot_start, states.slot_zone, states.slot_state, states.slot_since), len(index.zones),
        index.plan.for_closeness(), index.rules.between(first, final),
    )  # fmt: skip
    given_uses = np.empty_like(uses)
    given_uses[order] = uses
    moved = replace(states, last_us=last_us, last=last, doubted_us=doubted_us, doubted=doubted)
    findings = _findings(found, order, states.zone_ids)
    return Decisions(given_uses, findings, _with_slots(moved, device, slots), touched)


def decide_device(
    state: DeviceState,
    fixes: Sequence[PlanFix],
    index: CompiledIndex,
    *,
    max_speed_m_s: float | None,
    silence: timedelta | None,
) -> Decision:
    """This function will do what `rules.decide` does, for one device; `uses` come in the order given."""
    limits = Limits.of([(max_speed_m_s, silence)])
    got = evaluate(FixColumns.of([(0, fix) for fix in fixes]), EngineStates.of([state], index), index, limits)
    uses = tuple((fix, USES[use]) for fix, use in zip(fixes, got.uses.tolist(), strict=True))
    findings = tuple(got.findings.finding(number) for number in range(len(got.findings)))
    return Decision(got.states.device_state(0), uses, findings, bool(got.touched[0]))


def warm() -> None:
    """This function will load the machine code (compile it on the first run of an account), so that the first
    message does not wait."""
    zone = FenceZone(UUID(int=1), shapely.box(0, 0, 10, 10), approach_m=3.0)
    index = CompiledIndex([zone])
    fixes = [(0, PlanFix(EPOCH + timedelta(seconds=n), 2.0 + n, 5.0, 0.0, 0.3)) for n in range(3)]
    evaluate(FixColumns.of(fixes), EngineStates.of([DeviceState()], index), index, Limits.of([(12.0, None)]))
    here = np.array([5.0])
    index.covering(here, here, here)
    index.distances(here, here, here)


def _event_order(columns: FixColumns) -> NDArray[np.int64]:
    """Return the rows by device and event order; the long comparison only where a device has two fixes of a moment."""
    order = np.lexsort((columns.fix_time_us, columns.device))
    device, times = columns.device[order], columns.fix_time_us[order]
    if not ((device[1:] == device[:-1]) & (times[1:] == times[:-1])).any():
        return order
    heights = np.where(np.isnan(columns.height_m), -np.inf, columns.height_m)
    keys = (_height_accuracy(columns), heights, columns.north_m, columns.east_m, columns.accuracy_m)
    return np.lexsort((*keys, columns.fix_time_us, columns.device))


def _height_accuracy(columns: FixColumns) -> Floats:
    given = columns.height_accuracy_m
    return np.zeros(columns.device.size) if given is None else given


def _findings(found: tuple, order: NDArray[np.int64], zone_ids: tuple[UUID, ...]) -> FindingColumns:
    device, kind, zone, row, time_us, value, possible, place = found
    sort = np.lexsort((np.arange(row.size), zone, row))
    given = order[row[sort]].astype(np.int32)
    return FindingColumns(
        device[sort], kind[sort], zone[sort], given, time_us[sort], value[sort], possible[sort], place[sort], zone_ids
    )


def _with_slots(states: EngineStates, occurring: NDArray[np.int32], slots: tuple) -> EngineStates:
    """Return states whose occurring devices have new slots, and the others those that they had."""
    device, zone, since, state = slots
    old_device = np.repeat(np.arange(states.last_us.size, dtype=np.int32), np.diff(states.slot_start))
    seen = np.zeros(states.last_us.size, bool)
    seen[occurring] = True
    kept = ~seen[old_device]
    devices = np.concatenate([old_device[kept], device])
    zones = np.concatenate([states.slot_zone[kept], zone])
    sort = np.lexsort((zones, devices))
    counts = np.bincount(devices, minlength=states.last_us.size)
    return replace(
        states,
        slot_start=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        slot_zone=zones[sort],
        slot_since=np.concatenate([states.slot_since[kept], since])[sort],
        slot_state=np.concatenate([states.slot_state[kept], state])[sort],
    )


def fix_numbers(fix: PlanFix) -> tuple[float, ...]:
    """This function will return east, north, height, accuracy and height accuracy of a fix."""
    return (fix.east_m, fix.north_m, fix.height_m, fix.accuracy_m, fix.height_accuracy_m)


def _fix_columns(fixes: Sequence[PlanFix | None]) -> tuple[NDArray[np.int64], Floats]:
    times = [NEVER_US if fix is None else to_us(fix.fix_time) for fix in fixes]
    rows = [(0.0,) * 5 if fix is None else fix_numbers(fix) for fix in fixes]
    return np.array(times, np.int64), np.array(rows, np.float64).reshape(-1, 5)


def _moment(us: int) -> datetime | None:
    return None if us == NEVER_US else EPOCH + timedelta(microseconds=us)


def _fix(us: int, numbers: Floats) -> PlanFix | None:
    moment = _moment(us)
    return None if moment is None else PlanFix(moment, *numbers.tolist())
