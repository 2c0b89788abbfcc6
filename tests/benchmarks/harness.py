"""One row of a measurement: ours and a peer in turn (A B A B ...) in the same run, medians of the pairs."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Measure = Callable[[], float]
Better = Literal["less", "more"]


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

    def sentence(self) -> str:
        """Return the row as a line for people."""
        goal = "" if self.goal is None else f"  goal {self.goal:g} {'holds' if self.holds else 'DOES NOT HOLD'}"
        return (
            f"{self.name}: {self.ours:g} {self.unit} against {self.peer:g} {self.unit} ({self.peer_name}), "
            f"ratio {self.ratio:g} over {self.pairs} {'pair' if self.pairs == 1 else 'pairs'}{goal}"
        )


@dataclass(frozen=True)
class Unmeasured:
    """A row that could not be measured, with the cause; it never holds."""

    name: str
    cause: str
    holds: bool = False

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def sentence(self) -> str:
        return f"{self.name}: NOT MEASURED, {self.cause}"


def seconds_of(work: Callable[[], object]) -> float:
    """Return how long one run of the work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def machine() -> str:
    """Return cores, memory and load averages: what a figure depends on besides the code."""
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"{os.cpu_count()} cores, {memory_gb:.0f} GB, load averages {load}"


def row_of(
    *,
    name: str,
    unit: str,
    measured: Sequence[tuple[float, float]],
    peer_name: str,
    goal: float | None = None,
    better: Better = "less",
) -> Row:
    """Return the row of (ours, peer) pairs that were measured in turn; without a goal the row holds."""
    if not measured:
        raise ValueError("A comparison needs at least one pair.")
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
        pairs=len(measured),
        holds=goal is None or ratio <= goal,
    )


def compare(
    *,
    name: str,
    unit: str,
    ours: Measure,
    peer: Measure,
    peer_name: str,
    pairs: int,
    goal: float | None = None,
    better: Better = "less",
) -> Row:
    """Measure ours and the peer in turn and return the row; without a goal the row holds."""
    measured = [(ours(), peer()) for _ in range(pairs)]
    return row_of(name=name, unit=unit, measured=measured, peer_name=peer_name, goal=goal, better=better)
