"""Which parts share a leaf: one storey and one kind each, then a kd-tree by triangles; a small model is one leaf."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .parts import ListedPart, Part

MAX_TRIANGLES = 60_000
MAX_FEATURES = 4_096
MAX_SHARED_M = 65.0  # that storeys of a small model may share: 16-bit steps of a millimetre reach 65.5 m


@dataclass
class Node:
    """A tile before it is written: a leaf with parts, or an inner node with children."""

    parts: list[ListedPart | Part] = field(default_factory=list)
    children: list[Node] = field(default_factory=list)
    storey: int | None = None
    kind: str = ""

    def all_parts(self) -> list[ListedPart | Part]:
        return [part for leaf in self.leaves() for part in leaf.parts]

    def leaves(self) -> list[Node]:
        return [leaf for child in self.children for leaf in child.leaves()] if self.children else [self]


def build_tree(parts: Sequence[ListedPart | Part]) -> Node:
    """Return the root node; every leaf holds at most 60,000 triangles and 4,096 features.

    It holds one storey and one kind, unless a single leaf could hold the whole model: then what lies within 65 m shares
    one (a site of 150 m around a house has a leaf of its own).
    """
    groups: dict[tuple[int, str], list[ListedPart | Part]] = defaultdict(list)
    for part in parts:
        pieces = [part]
        if isinstance(part, Part) and part.triangles > MAX_TRIANGLES:
            starts = range(0, part.triangles, MAX_TRIANGLES)
            pieces = [part.cut(start, start + MAX_TRIANGLES) for start in starts]
        groups[part.feature.storey, part.feature.kind].extend(pieces)
    root = Node()
    if sum(part.triangles for part in parts) <= MAX_TRIANGLES and len(parts) <= MAX_FEATURES:
        root.children = _shared([Node(members, [], *of) for of, members in sorted(groups.items())])
        return root
    for (storey, kind), members in sorted(groups.items()):
        centres = np.array([piece.box for piece in members]).mean(axis=1)
        sizes = np.array([piece.triangles for piece in members])
        root.children.append(_split(members, centres, sizes, storey, kind))
    return root


def _shared(leaves: list[Node]) -> list[Node]:
    """Return the leaves, those that lie within 65 m together as one, which then is of no storey and kind."""
    boxes = {id(leaf): np.array([part.box for part in leaf.parts]) for leaf in leaves}
    lower = {key: box[:, 0].min(axis=0) for key, box in boxes.items()}
    upper = {key: box[:, 1].max(axis=0) for key, box in boxes.items()}
    least, greatest = np.full(3, np.inf), np.full(3, -np.inf)
    together: list[Node] = []
    apart: list[Node] = []
    for leaf in sorted(leaves, key=lambda leaf: float((upper[id(leaf)] - lower[id(leaf)]).max())):
        wider = np.minimum(least, lower[id(leaf)]), np.maximum(greatest, upper[id(leaf)])
        if (wider[1] - wider[0]).max() <= MAX_SHARED_M:
            (least, greatest) = wider
            together.append(leaf)
        else:
            apart.append(leaf)
    if len(together) > 1:
        together = [Node([part for leaf in together for part in leaf.parts])]
    return [*together, *apart]


def _split(
    parts: list[ListedPart | Part], centres: NDArray[np.float64], sizes: NDArray[np.int64], storey: int, kind: str
) -> Node:
    if sizes.sum() <= MAX_TRIANGLES and len(parts) <= MAX_FEATURES:
        return Node(parts=parts, storey=storey, kind=kind)
    axis = int(np.argmax(centres.max(axis=0) - centres.min(axis=0)))
    order = np.argsort(centres[:, axis], kind="stable")
    weight = np.maximum(sizes[order] / MAX_TRIANGLES, 1 / MAX_FEATURES).cumsum()
    middle = int(np.searchsorted(weight, weight[-1] / 2)) + 1
    middle = min(max(middle, 1), len(parts) - 1)
    node = Node(storey=storey, kind=kind)
    for half in (order[:middle], order[middle:]):
        node.children.append(_split([parts[i] for i in half], centres[half], sizes[half], storey, kind))
    return node
