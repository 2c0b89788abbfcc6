"""How the cost of a batch of 10,000 positions grows with helmets, zones and sites: each against the smallest."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import numpy as np
import shapely

from ingest.arrivals import Arrival, read_arrivals
from ingest.batches import Work
from ingest.directory import Directory
from ingest.pipeline import decide_now, store
from spatial.fences.compiled_index import CompiledIndex
from spatial.fences.engine import EngineStates, FixColumns, Limits, evaluate
from spatial.fences.rules import DeviceState
from spatial.fences.zone_index import FenceZone

from ..harness import Row, Unmeasured, row_of, seconds_of
from .ground import EAST_M, NORTH_M, SMALL, Ground, batches, fixes_of, make_ground

FIXES = 10_000
HELMETS = (500, 2_000) if SMALL else (1_000, 10_000, 100_000)
ZONES = (100, 1_000) if SMALL else (100, 10_000, 100_000)
SITES = (1, 5) if SMALL else (1, 20, 200)


def _works(grounds: list[Ground], boot: int) -> list[Work]:
    """Return ten messages of a thousand fixes, taken in turn from the sites' gateways."""
    arrivals = []
    for number in range(10):
        ground = grounds[number % len(grounds)]
        (payload,) = batches(ground, count=1, fixes=1000, parts=min(200, len(ground.codes)), boot=boot * 100 + number)
        arrivals.append(Arrival(ground.topic, payload, datetime.now(UTC)))
    received, refused = read_arrivals(arrivals, Directory(time.monotonic))
    if refused:
        raise ValueError(refused[0].reason)
    return [Work(item) for item in received]


def _batch_seconds(grounds: list[Ground], boot: int) -> float:
    works = _works(grounds, boot)

    def both() -> None:
        decide_now(works, datetime.now(UTC))
        store(works, datetime.now(UTC))

    return seconds_of(both)


def _by_helmets(pairs: int) -> Iterator[Row]:
    grounds = {count: make_ground(helmets=count) for count in HELMETS}
    for count in HELMETS[1:]:
        measured = []
        for pair in range(pairs + 1):
            pair_of = (
                _batch_seconds([grounds[count]], boot=pair),
                _batch_seconds([grounds[HELMETS[0]]], boot=count + pair),
            )
            measured += [pair_of] if pair else []
        yield row_of(name=f"10,000 positions decided and stored, {count:,} helmets registered", unit="s",
                     measured=measured, peer_name=f"{HELMETS[0]:,} helmets")  # fmt: skip


def _by_sites(pairs: int) -> Iterator[Row]:
    grounds = [make_ground(helmets=200) for _ in range(max(SITES))]
    for count in SITES[1:]:
        chosen = grounds[:: max(1, len(grounds) // count)][:count]
        measured = [
            (_batch_seconds(chosen, boot=500 + pair), _batch_seconds(grounds[:1], boot=700 + 10 * count + pair))
            for pair in range(pairs)
        ]
        yield row_of(name=f"10,000 positions decided and stored, from {min(count, 10)} of {count} sites", unit="s",
                     measured=measured, peer_name="one site")  # fmt: skip


def _evaluation_seconds(count: int) -> float:
    rng = np.random.default_rng(1)
    side = 30.0 * max(1, int(count**0.5))
    corners = rng.uniform(0, side, (count, 2)) + np.array([EAST_M, NORTH_M])
    boxes = shapely.box(corners[:, 0], corners[:, 1], corners[:, 0] + 12, corners[:, 1] + 12)
    index = CompiledIndex([FenceZone(UUID(int=n + 1), box, 90.0, 120.0) for n, box in enumerate(boxes)])
    fixes = fixes_of(FIXES, 1_000, seed=2, end_us=10**15)
    columns = FixColumns(fixes["part"].copy(), fixes["time_us"].copy(), rng.uniform(0, side, FIXES) + EAST_M,
                         rng.uniform(0, side, FIXES) + NORTH_M, np.full(FIXES, 96.0), np.full(FIXES, 0.3))  # fmt: skip
    states = EngineStates.of([DeviceState()] * 1_000, index)
    limits = Limits.of([(None, None)] * 1_000)
    evaluate(columns, states, index, limits)
    return seconds_of(lambda: evaluate(columns, states, index, limits))


def rows(pairs: int) -> Iterator[Row | Unmeasured]:
    """Yield the growth rows."""
    yield from _by_helmets(pairs)
    base = ZONES[0]
    for count in ZONES[1:]:
        measured = [(_evaluation_seconds(count), _evaluation_seconds(base)) for _ in range(pairs)]
        yield row_of(name=f"10,000 positions through {count:,} zones", unit="s", measured=measured,
                     peer_name=f"{base:,} zones")  # fmt: skip
    yield from _by_sites(pairs)
