"""One row of a measurement: ours and a peer in turn (A B A B ...) in the same run, medians of the pairs."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

Measure = Callable[[], float]


@dataclass(frozen=True)
class Row:
    """A finished measurement. `ratio` is ours / peer, or peer / ours where more is better; smaller is better always."""

    name: str
    unit: str
    ours: float
    peer: float
    peer_name: str
    ratio: float
    goal: float | None
    pairs: int
    holds: bool

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def seconds_of(work: Callable[[], object]) -> float:
    """Return how long one run of the work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def compare(
    *,
    name: str,
    unit: str,
    ours: Measure,
    peer: Measure,
    peer_name: str,
    pairs: int,
    goal: float | None = None,
    better: Literal["less", "more"] = "less",
) -> Row:
    """Measure ours and the peer in turn and return the row; without a goal the row holds."""
    if pairs < 1:
        raise ValueError("A comparison needs at least one pair.")
    measured = [(ours(), peer()) for _ in range(pairs)]
    ratios = [a / b if better == "less" else b / a for a, b in measured]
    ratio = statistics.median(ratios)
    return Row(
        name=name,
        unit=unit,
        ours=round(statistics.median(a for a, _ in measured), 4),
        peer=round(statistics.median(b for _, b in measured), 4),
        peer_name=peer_name,
        ratio=round(ratio, 4),
        goal=goal,
        pairs=pairs,
        holds=goal is None or ratio <= goal,
    )
