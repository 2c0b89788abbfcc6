"""What becomes of an anchor whose element changed: follow, wait for a person, or declared gone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from .fingerprints import Candidate, class_family
from .rules import DOUBT_FROM, Pair
from .snapshot import Array, Body

FOLLOWED, QUEUED, GONE = "followed", "queued", "gone"
REACH_M = 0.5


@dataclass(frozen=True)
class Verdict:
    """An outcome with its confidence, and the candidates (best first) where it waits."""

    outcome: str
    confidence: float
    reason: str = ""
    candidates: list[Candidate] = field(default_factory=list)


def decide(pair: Pair | None, candidates: list[Candidate]) -> Verdict:
    """Return the outcome of an anchor on an element: paired surely, else what its candidates are worth."""
    if pair is not None and pair.is_sure:
        return Verdict(FOLLOWED, pair.confidence)
    if not candidates or candidates[0].confidence < DOUBT_FROM:
        return Verdict(GONE, candidates[0].confidence if candidates else 0.0, "no_candidate")
    best = candidates[0].confidence
    return Verdict(QUEUED, best, "several" if len(candidates) > 1 else "unlike", candidates)


def still_on(point: Array, old: Body, new: Body, parts: Iterable[Body]) -> list[Body] | None:
    """Return the new elements of the class that took the anchor's part of a cut element, None where it stands well.

    `point` is in project metres. It stands well on its element unless the element held it before within half a metre,
    does so no longer, and another new element of the class does.
    """
    if _outside_m(point, old) > REACH_M or _outside_m(point, new) <= REACH_M:
        return None
    if _moved_whole(old, new):
        return None
    family = class_family(old.ifc_class)
    found = [part for part in parts if class_family(part.ifc_class) == family and _outside_m(point, part) <= REACH_M]
    return found or None


def _moved_whole(old: Body, new: Body) -> bool:
    before, after = np.array(old.box), np.array(new.box)
    return bool(np.abs((before[3:] - before[:3]) - (after[3:] - after[:3])).max() <= 0.001)


def _outside_m(point: Array, body: Body) -> float:
    """Return how far (m) a point is from the element's box, 0 inside."""
    if body.box is None:
        return 0.0
    box = np.array(body.box)
    return float(np.linalg.norm(np.maximum(0.0, np.maximum(box[:3] - point, point - box[3:]))))
