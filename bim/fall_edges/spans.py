"""Spans along a line: (from, to) in metres from its start. Pure."""

from __future__ import annotations

from collections.abc import Iterable

Span = tuple[float, float]


def joined(spans: Iterable[Span], gap_m: float = 0.0) -> list[Span]:
    """Return the spans in order, those that overlap or are at most `gap_m` apart as one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1] + gap_m:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((start, end))
    return found


def within(whole: Span, parts: Iterable[Span], least_m: float = 0.001) -> list[Span]:
    """Return the parts of a span that the others cover; what is shorter than `least_m` is left out."""
    cut = ((max(start, whole[0]), min(end, whole[1])) for start, end in joined(parts))
    return [(start, end) for start, end in cut if end - start >= least_m]


def without(whole: Span, holes: Iterable[Span], least_m: float = 0.001) -> list[Span]:
    """Return what the holes leave of a span; what is shorter than `least_m` is left out."""
    found, at = [], whole[0]
    for start, end in joined(holes):
        if start - at >= least_m:
            found.append((at, min(start, whole[1])))
        at = max(at, end)
        if at >= whole[1]:
            break
    if whole[1] - at >= least_m:
        found.append((at, whole[1]))
    return found
