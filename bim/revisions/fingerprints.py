"""How alike two elements are, and the best pairing of those that no GlobalId pairs."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from .snapshot import Array, Snapshot

WEIGHTS = {"shape": 0.3, "place": 0.3, "name": 0.1, "type": 0.1, "storey": 0.1, "neighbours": 0.1}
"""Ours, not a standard's (decision 0010): shape and place together outweigh all names."""
BLOCK = 1_500
NEIGHBOURS = 6
LEAST = 0.5
SHOWN = 5
_FAR_M = 1.0
_SAME_M = 0.001


@dataclass(frozen=True)
class Candidate:
    """A new row that may be an old one; `reasons` has each part of the similarity, 0 to 1."""

    new: int
    confidence: float
    reasons: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Assigned:
    """A pair of the optimal assignment; `margin` is its lead over the next best of either side."""

    old: int
    new: int
    confidence: float
    margin: float


def class_family(ifc_class: str) -> str:
    """Return the class without the suffixes that say nothing of what a thing is (IfcWallStandardCase is a wall)."""
    return ifc_class.removesuffix("StandardCase").removesuffix("ElementedCase")


def surroundings(snapshot: Snapshot, rows: list[int]) -> dict[int, frozenset[str]]:
    """Return what stands around each row: class, size and direction (to 1 cm) of its nearest elements with a box."""
    centres = snapshot.centres
    known = np.flatnonzero(np.isfinite(snapshot.boxes[:, 0])) if len(snapshot) else np.array([], dtype=int)
    wanted = [row for row in rows if np.isfinite(centres[row]).all()]
    if len(known) < 2 or not wanted:
        return {}
    count = min(NEIGHBOURS + 1, len(known))
    from scipy.spatial import cKDTree  # here: a second that every process would pay at its start

    _, nearest = cKDTree(centres[known]).query(centres[wanted], k=count)
    found = {}
    for row, places in zip(wanted, nearest, strict=True):
        others = [int(known[place]) for place in places if known[place] != row][:NEIGHBOURS]
        found[row] = frozenset(
            f"{class_family(snapshot.bodies[other].ifc_class)}"
            f"{np.round(snapshot.sizes[other], 2) + 0.0}{np.round(centres[other] - centres[row], 2) + 0.0}"
            for other in others
        )
    return found


def similarity(old: Snapshot, new: Snapshot, olds: list[int], news: list[int], shift: Array) -> Array:
    """Return how alike old and new rows of the same length are, pair by pair (n,)."""
    if not olds:
        return np.zeros(0)
    around_old, around_new = surroundings(old, olds), surroundings(new, news)
    scores = np.zeros(len(olds))
    for at, (one, other) in enumerate(zip(olds, news, strict=True)):
        parts = similarity_parts(old, new, [one], [other], shift, around_old, around_new)
        scores[at] = sum(WEIGHTS[name] * part[0, 0] for name, part in parts.items())
    return scores


def similarity_parts(
    old: Snapshot,
    new: Snapshot,
    olds: list[int],
    news: list[int],
    shift: Array,
    around_old: dict[int, frozenset[str]],
    around_new: dict[int, frozenset[str]],
) -> dict[str, Array]:
    """Return each part of the similarity of every old with every new row, (olds, news), 0 to 1."""
    return {
        "shape": _shapes(old, new, olds, news),
        "place": _places(old, new, olds, news, shift),
        "name": _equal([old.bodies[row].name for row in olds], [new.bodies[row].name for row in news]),
        "type": _equal([old.bodies[row].type_name for row in olds], [new.bodies[row].type_name for row in news]),
        "storey": _equal([old.bodies[row].storey for row in olds], [new.bodies[row].storey for row in news]),
        "neighbours": _neighbours(olds, news, around_old, around_new),
    }


def _equal(olds: list[str], news: list[str]) -> Array:
    numbers: dict[str, int] = {}
    one = np.array([numbers.setdefault(text, len(numbers)) for text in olds])
    other = np.array([numbers.setdefault(text, len(numbers)) for text in news])
    return (one[:, None] == other[None, :]).astype(float)


def _shapes(old: Snapshot, new: Snapshot, olds: list[int], news: list[int]) -> Array:
    """Return 1 for the same shape (key, or all measures), less by the worst ratio of sizes and volume, 0.5 unknown."""
    sizes = (np.sort(old.sizes[olds], axis=1)[:, None], np.sort(new.sizes[news], axis=1)[None])
    ratio = _ratio(np.maximum(sizes[0], _SAME_M), np.maximum(sizes[1], _SAME_M)).min(axis=2)
    measures = _ratio(old.measures[olds][:, None], new.measures[news][None])
    ratio = np.fmin(ratio, np.fmin(measures[..., 0], measures[..., 1]))
    close = np.abs(sizes[0] - sizes[1]).max(axis=2) <= _SAME_M
    same = close & ~(measures < 0.999).any(axis=2)
    alike = np.where(same, 1.0, 0.8 * ratio)
    unknown = np.isnan(sizes[0]).any(axis=2) | np.isnan(sizes[1]).any(axis=2)
    alike = np.where(unknown, 0.5, alike)
    keys_old, keys_new = [old.bodies[row].shape_key for row in olds], [new.bodies[row].shape_key for row in news]
    known = np.array([bool(key) for key in keys_old])[:, None] & np.array([bool(key) for key in keys_new])[None, :]
    return np.where(known & (_equal(keys_old, keys_new) > 0), 1.0, alike)


def _ratio(one: Array, other: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio: Array = np.minimum(np.abs(one), np.abs(other)) / np.maximum(np.abs(one), np.abs(other))
    return ratio


def _places(old: Snapshot, new: Snapshot, olds: list[int], news: list[int], shift: Array) -> Array:
    """Return 1 in the same place, falling with the distance of the centres or the share of the common box."""
    centre_old, centre_new = old.centres[olds] + shift, new.centres[news]
    distance = np.linalg.norm(centre_old[:, None] - centre_new[None], axis=2)
    near = np.exp(-np.maximum(distance - _SAME_M, 0.0) / _FAR_M)
    one, other = old.boxes[olds] + np.tile(shift, 2), new.boxes[news]
    low = np.maximum(one[:, None, :3], other[None, :, :3])
    high = np.minimum(one[:, None, 3:], other[None, :, 3:])
    common = np.clip(high - low + _SAME_M, 0.0, None).prod(axis=2)
    volumes = ((box[:, 3:] - box[:, :3] + _SAME_M).prod(axis=1) for box in (one, other))
    first, second = volumes
    share = common / (first[:, None] + second[None] - common)
    return np.nan_to_num(np.fmax(near, share), nan=0.5)


def _neighbours(
    olds: list[int], news: list[int], around_old: dict[int, frozenset[str]], around_new: dict[int, frozenset[str]]
) -> Array:
    result = np.full((len(olds), len(news)), 0.5)
    columns: dict[str, list[int]] = defaultdict(list)
    lengths = np.array([len(around_new.get(row, ())) for row in news], dtype=float)
    for at, row in enumerate(news):
        for thing in around_new.get(row, ()):
            columns[thing].append(at)
    for at, row in enumerate(olds):
        things = around_old.get(row)
        if not things:
            continue
        shared = np.zeros(len(news))
        for thing in things:
            shared[columns.get(thing, [])] += 1
        result[at] = np.where(lengths > 0, shared / np.maximum(len(things) + lengths - shared, 1), 0.5)
    return result


def assign(
    old: Snapshot,
    new: Snapshot,
    left_old: list[int],
    left_new: list[int],
    shift: Array,
    around_old: dict[int, frozenset[str]],
    around_new: dict[int, frozenset[str]],
) -> tuple[list[Assigned], dict[int, list[Candidate]]]:
    """Return the best pairing of the rows that are left, class by class, and the candidates of every old one."""
    assigned: list[Assigned] = []
    candidates: dict[int, list[Candidate]] = {}
    for olds, news in _blocks(old, new, left_old, left_new):
        parts = similarity_parts(old, new, olds, news, shift, around_old, around_new)
        scores = np.zeros((len(olds), len(news)))
        for name, part in parts.items():
            scores += WEIGHTS[name] * part
        assigned += _assigned(scores, olds, news)
        for at, row in enumerate(olds):
            best = np.argsort(-scores[at], kind="stable")[:SHOWN]
            ranked = [
                Candidate(
                    news[column],
                    round(float(scores[at, column]), 4),
                    {name: round(float(part[at, column]), 3) for name, part in parts.items()},
                )
                for column in best
                if scores[at, column] >= LEAST
            ]
            if ranked:
                candidates[row] = ranked
    return assigned, candidates


def _assigned(scores: Array, olds: list[int], news: list[int]) -> list[Assigned]:
    from scipy.optimize import linear_sum_assignment  # here, as above

    rows, columns = linear_sum_assignment(-scores)
    found = []
    for row, column in zip(rows, columns, strict=True):
        score = float(scores[row, column])
        if score < LEAST:
            continue
        others = np.concatenate((np.delete(scores[row], column), np.delete(scores[:, column], row)))
        margin = score - float(others.max()) if len(others) else 1.0
        found.append(Assigned(olds[row], news[column], score, margin))
    return found


def _blocks(
    old: Snapshot, new: Snapshot, left_old: list[int], left_new: list[int]
) -> list[tuple[list[int], list[int]]]:
    """Return groups of old and new rows of one class; a large one is parted by storey, then along the building."""
    groups = _grouped(old, new, left_old, left_new, "class")
    blocks = []
    for olds, news in groups:
        if max(len(olds), len(news)) <= BLOCK:
            blocks.append((olds, news))
            continue
        for some_olds, some_news in _grouped(old, new, olds, news, "storey"):
            blocks += _strips(old, new, some_olds, some_news)
    return blocks


def _grouped(
    old: Snapshot, new: Snapshot, olds: list[int], news: list[int], by: str
) -> list[tuple[list[int], list[int]]]:
    sides: list[dict[str, list[int]]] = [defaultdict(list), defaultdict(list)]
    for side, snapshot, rows in ((sides[0], old, olds), (sides[1], new, news)):
        for row in rows:
            body = snapshot.bodies[row]
            side[class_family(body.ifc_class) if by == "class" else body.storey].append(row)
    return [(rows, sides[1][key]) for key, rows in sides[0].items() if key in sides[1]]


def _strips(old: Snapshot, new: Snapshot, olds: list[int], news: list[int]) -> list[tuple[list[int], list[int]]]:
    """Return strips along x with at most BLOCK old rows; a new row is in the strip where its centre is."""
    if max(len(olds), len(news)) <= BLOCK:
        return [(olds, news)]
    along_old = np.nan_to_num(old.centres[olds, 0], nan=0.0)
    along_new = np.nan_to_num(new.centres[news, 0], nan=0.0)
    pieces = -(-max(len(olds), len(news)) // BLOCK)
    cuts = np.quantile(np.concatenate((along_old, along_new)), np.linspace(0, 1, pieces + 1)[1:-1])
    in_old, in_new = np.searchsorted(cuts, along_old), np.searchsorted(cuts, along_new)
    strips = []
    for piece in range(pieces):
        some = [row for row, at in zip(olds, in_old, strict=True) if at == piece]
        other = [row for row, at in zip(news, in_new, strict=True) if at == piece]
        for start in range(0, len(some), BLOCK):
            if other:
                strips.append((some[start : start + BLOCK], other[: 4 * BLOCK]))
    return strips
