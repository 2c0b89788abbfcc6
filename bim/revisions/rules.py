"""Pair the elements of two revisions and say what became of each."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .fingerprints import Candidate, assign, class_family, similarity, surroundings
from .motion import SAME_M, distance_moved, rigid_motion
from .snapshot import Array, Body, Snapshot, with_keys_of_one_kind

ADDED, REMOVED, MOVED, RESHAPED, PROPERTIES, KEPT = "added", "removed", "moved", "reshaped", "properties", "kept"
KINDS = (ADDED, REMOVED, MOVED, RESHAPED, PROPERTIES, KEPT)
FOLLOW_FROM = 0.9
DOUBT_FROM = 0.5
CLEAR_MARGIN = 0.05
_MEASURE_TOLERANCE = 1e-3


@dataclass(frozen=True)
class Pair:
    """An old and a new row that are the same element; `margin` is how far the next best pairing lies behind."""

    old: int
    new: int
    confidence: float = 1.0
    margin: float = 1.0
    by_global_id: bool = True

    @property
    def is_sure(self) -> bool:
        return self.by_global_id or (self.confidence >= FOLLOW_FROM - 1e-9 and self.margin >= CLEAR_MARGIN)


@dataclass(frozen=True)
class Change:
    """What became of one element; `old` is None for an added, `new` for a removed one."""

    kind: str
    old: int | None
    new: int | None
    confidence: float = 1.0
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass
class Comparison:
    """The result: pairs by old row, changes in the order of the new revision, candidates of old rows in doubt."""

    pairs: dict[int, Pair]
    changes: list[Change]
    counts: dict[str, int]
    candidates: dict[int, list[Candidate]]
    shift: tuple[float, float, float] | None = None


def compare(old: Snapshot, new: Snapshot) -> Comparison:
    """This function will pair two revisions' elements and list every change.

    GlobalIds pair first; what they leave goes by fingerprint, equal ones at once, the others by optimal assignment. A
    pairing that is not sure counts as removed and added; its candidates are kept for whoever stands on the element.
    """
    old, new = with_keys_of_one_kind(old, new)
    pairs = pair_by_global_id(old, new)
    left_old, left_new = _left(len(old), {p.old for p in pairs}), _left(len(new), {p.new for p in pairs})
    shift = common_shift(old, new, pairs, left_old, left_new)
    candidates: dict[int, list[Candidate]] = {}
    if left_old and left_new:
        found, candidates = pair_by_fingerprint(old, new, left_old, left_new, shift)
        pairs += found
    sure = {pair.old: pair for pair in pairs if pair.is_sure}
    taken = {pair.new for pair in sure.values()}
    candidates = {
        row: free
        for row, ranked in candidates.items()
        if row not in sure and (free := [one for one in ranked if one.new not in taken])
    }
    changes = list(_changes(old, new, sure, shift))
    counts = Counter(change.kind for change in changes)
    listed = [change for change in changes if change.kind != KEPT]
    whole = None if shift is None else (float(shift[0]), float(shift[1]), float(shift[2]))
    return Comparison(sure, listed, {kind: counts[kind] for kind in KINDS}, candidates, whole)


def _left(count: int, taken: set[int]) -> list[int]:
    return [row for row in range(count) if row not in taken]


def pair_by_global_id(old: Snapshot, new: Snapshot) -> list[Pair]:
    """Return the pairs with one GlobalId (the n-th with the n-th where a file repeats it).

    A GlobalId that names a thing of another class, name and place is a new thing under an old name: not a pair.
    """
    rows: dict[str, list[int]] = defaultdict(list)
    for row in range(len(old) - 1, -1, -1):
        rows[old.bodies[row].global_id].append(row)
    pairs = []
    for row, body in enumerate(new.bodies):
        waiting = rows.get(body.global_id)
        if waiting and not _is_another(old.bodies[waiting[-1]], body):
            pairs.append(Pair(waiting.pop(), row))
    return pairs


def _is_another(old: Body, new: Body) -> bool:
    if class_family(old.ifc_class) == class_family(new.ifc_class) or old.name == new.name:
        return False
    if old.box is None or new.box is None:
        return True
    low, high = np.maximum(old.box[:3], new.box[:3]), np.minimum(old.box[3:], new.box[3:])
    return bool((low > high).any())


def common_shift(
    old: Snapshot, new: Snapshot, pairs: list[Pair], left_old: list[int], left_new: list[int]
) -> Array | None:
    """Return the shift (3,) in project metres that more than half of the elements share (a new base point), or None."""
    if pairs:
        olds, news = [pair.old for pair in pairs], [pair.new for pair in pairs]
    else:
        olds, news = _unique_matches(old, new, left_old, left_new, _without_place(old), _without_place(new))
    if len(olds) < 3:
        return None
    steps = new.centres[news] - old.centres[olds]
    steps = steps[np.isfinite(steps).all(axis=1)]
    if len(steps) < 3:
        return None
    rounded, counts = np.unique(np.round(steps / SAME_M).astype(np.int64), axis=0, return_counts=True)
    top = int(counts.argmax())
    if counts[top] * 2 <= len(steps) or not rounded[top].any():
        return None
    alike = (np.round(steps / SAME_M).astype(np.int64) == rounded[top]).all(axis=1)
    shared: Array = np.median(steps[alike], axis=0)
    return shared


def _without_place(snapshot: Snapshot) -> Callable[[int], Hashable]:
    sizes = _millimetres(snapshot.sizes)

    def key(row: int) -> Hashable:
        body = snapshot.bodies[row]
        return class_family(body.ifc_class), body.type_name, body.name, body.shape_key, tuple(sizes[row])

    return key


def _with_place(snapshot: Snapshot, shift: Array, *, named: bool) -> Callable[[int], Hashable]:
    """Return the key of equal fingerprints: place (to 1 mm), size, shape, and what the element is called."""
    sizes, centres = _millimetres(snapshot.sizes), _millimetres(snapshot.centres + shift)

    def key(row: int) -> Hashable:
        body = snapshot.bodies[row]
        names = (body.type_name, body.name, body.storey, body.shape_key) if named else ()
        return class_family(body.ifc_class), names, tuple(sizes[row]), tuple(centres[row])

    return key


def _millimetres(values: Array) -> np.ndarray:
    return np.where(np.isnan(values), -1e15, np.round(values / SAME_M)).astype(np.int64)


def _unique_matches(
    old: Snapshot,
    new: Snapshot,
    left_old: Iterable[int],
    left_new: Iterable[int],
    key_old: Callable[[int], Hashable],
    key_new: Callable[[int], Hashable],
) -> tuple[list[int], list[int]]:
    """Return the old and new rows whose key is there once on each side."""
    sides: list[dict[Hashable, list[int]]] = [defaultdict(list), defaultdict(list)]
    for side, rows, key in ((sides[0], left_old, key_old), (sides[1], left_new, key_new)):
        for row in rows:
            side[key(row)].append(row)
    both = [
        (rows[0], sides[1][key][0]) for key, rows in sides[0].items() if len(rows) == len(sides[1].get(key, ())) == 1
    ]
    return [one for one, _ in both], [other for _, other in both]


def pair_by_fingerprint(
    old: Snapshot, new: Snapshot, left_old: list[int], left_new: list[int], shift: Array | None = None
) -> tuple[list[Pair], dict[int, list[Candidate]]]:
    """Return pairs of rows that no GlobalId pairs, and the candidates of each old row that is left.

    Equal in place, size, shape and names: confidence 1. Equal in place and size only: their similarity. All others by
    optimal assignment within their class.
    """
    pairs: list[Pair] = []
    moved = np.zeros(3) if shift is None else shift
    for named in (True, False):
        olds, news = _unique_matches(
            old, new, left_old, left_new,
            _with_place(old, moved, named=named), _with_place(new, np.zeros(3), named=named),
        )  # fmt: skip
        scores = np.ones(len(olds)) if named else similarity(old, new, olds, news, moved)
        taken = [
            (one, other, score)
            for one, other, score in zip(olds, news, scores, strict=True)
            if score >= FOLLOW_FROM - 1e-9 and np.isfinite(old.centres[one]).all()
        ]
        pairs += [Pair(one, other, float(score), 1.0, by_global_id=False) for one, other, score in taken]
        gone_old, gone_new = {one for one, _, _ in taken}, {other for _, other, _ in taken}
        left_old = [row for row in left_old if row not in gone_old]
        left_new = [row for row in left_new if row not in gone_new]
    around_old, around_new = surroundings(old, left_old), surroundings(new, left_new)
    assigned, candidates = assign(old, new, left_old, left_new, moved, around_old, around_new)
    pairs += [Pair(a.old, a.new, a.confidence, a.margin, by_global_id=False) for a in assigned]
    return pairs, candidates


def _changes(old: Snapshot, new: Snapshot, pairs: dict[int, Pair], shift: Array | None) -> Iterable[Change]:
    by_new = {pair.new: pair for pair in pairs.values()}
    for row in range(len(new)):
        pair = by_new.get(row)
        if pair is None:
            yield Change(ADDED, None, row)
            continue
        kind, detail = what_changed(old.bodies[pair.old], new.bodies[pair.new], shift)
        if not pair.by_global_id:
            detail["new_global_id"] = True
        yield Change(kind, pair.old, row, pair.confidence, detail)
    for row in range(len(old)):
        if row not in pairs:
            yield Change(REMOVED, row, None)


def what_changed(old: Body, new: Body, shift: Array | None = None) -> tuple[str, dict[str, Any]]:
    """Return the kind of change of one element (the strongest: shape, place, properties) and all that changed.

    Lengths in metres; a shift that the whole model shares is not the element's own.
    """
    detail: dict[str, Any] = {}
    for name in ("ifc_class", "name", "type_name", "storey"):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            detail[name] = [before, after]
    if old.facts_key != new.facts_key:
        detail["facts"] = True
    kind = PROPERTIES if detail else KEPT
    if (own := _own_way(old, new, shift)) > SAME_M:
        detail["moved_m"] = round(own, 3)
        kind = MOVED
    if is_reshaped(old, new):
        detail["shape"] = _sizes(old, new)
        kind = RESHAPED
    return kind, detail


def _own_way(old: Body, new: Body, shift: Array | None) -> float:
    if shift is None and old.box == new.box and old.placement == new.placement:
        return 0.0
    motion = rigid_motion(old, new)
    if shift is None:
        return distance_moved(motion, old)
    rest = np.eye(4) if motion is None else motion.copy()
    rest[:3, 3] -= shift
    way = distance_moved(rest, old)
    return 0.0 if way <= 2 * SAME_M else way


def is_reshaped(old: Body, new: Body) -> bool:
    """Return whether the shape differs: by its key where both are known, else by size (1 mm), surface, volume."""
    if old.shape_key and new.shape_key:
        return old.shape_key != new.shape_key
    if (old.box is None) != (new.box is None):
        return True
    if old.box is None or new.box is None:
        return False
    measures = [(old.area_m2, new.area_m2), (old.volume_m3, new.volume_m3)]
    known = [(a, b) for a, b in measures if a is not None and b is not None]
    if any(abs(a - b) > _MEASURE_TOLERANCE * max(abs(a), abs(b), 1e-6) for a, b in known):
        return True
    if len(known) == 2 and _turned(old, new):
        return False
    before, after = np.array(old.box), np.array(new.box)
    return bool(np.abs((before[3:] - before[:3]) - (after[3:] - after[:3])).max() > SAME_M)


def _turned(old: Body, new: Body) -> bool:
    """Return whether the object placement was turned, so that boxes say nothing of the shape."""
    if old.placement is None or new.placement is None:
        return False
    turn = [0, 1, 2, 4, 5, 6, 8, 9, 10]
    return bool(np.abs(np.array(old.placement)[turn] - np.array(new.placement)[turn]).max() > 1e-6)


def _sizes(old: Body, new: Body) -> list[list[float] | None]:
    return [
        None if body.box is None else [round(body.box[axis + 3] - body.box[axis], 3) for axis in range(3)]
        for body in (old, new)
    ]
