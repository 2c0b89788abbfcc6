"""Whether a ticket or a risk point can stand on an element. Pure."""

from __future__ import annotations

from collections import defaultdict

from ..facts import SPACE, WHOLES, ElementFacts, ModelFacts
from ..grades import Count
from ..values import Values


def shaped(facts: ModelFacts, values: Values) -> Count:
    """Count the elements with a body that no mesher could shape."""
    bodies = [element for element in facts.elements if element.box is not None or element.gap]
    gaps = [element.index for element in bodies if element.gap]
    return Count(len(bodies), len(gaps), tuple(gaps))


def with_body(facts: ModelFacts, values: Values) -> Count:
    """Count the elements that have no body at all; wholes that are shown by their parts are left out."""
    things = [e for e in facts.elements if (e.is_physical and e.ifc_class not in WHOLES) or e.ifc_class == SPACE]
    bare = [element.index for element in things if element.box is None and not element.gap]
    return Count(len(things), len(bare), tuple(bare))


def unique_ids(facts: ModelFacts, values: Values) -> Count:
    """Count the elements whose GlobalId another element has too (each but the first)."""
    return Count(len(facts.elements), len(facts.repeated), facts.repeated)


def duplicates(facts: ModelFacts, values: Values) -> Count:
    """Count the elements that stand on an earlier one of their class: same box, same volume."""
    looked_at = [element for element in facts.elements if element.box is not None]
    cells: dict[tuple[object, ...], list[ElementFacts]] = defaultdict(list)
    doubled = []
    for element in looked_at:
        assert element.box is not None
        corner = [round(value / values.same_box_m) for value in element.box[:3]]
        around = [(element.ifc_class, corner[0] + i, corner[1] + j, corner[2] + k) for i, j, k in _NEIGHBOURS]
        if any(_same(element, other, values) for key in around for other in cells.get(key, ())):
            doubled.append(element.index)
        else:
            cells[(element.ifc_class, *corner)].append(element)
    return Count(len(looked_at), len(doubled), tuple(doubled))


_NEIGHBOURS = [(i, j, k) for i in (-1, 0, 1) for j in (-1, 0, 1) for k in (-1, 0, 1)]


def _same(one: ElementFacts, other: ElementFacts, values: Values) -> bool:
    assert one.box is not None and other.box is not None
    if any(abs(a - b) > values.same_box_m for a, b in zip(one.box, other.box, strict=True)):
        return False
    first, second = one.volume_m3 or 0.0, other.volume_m3 or 0.0
    return abs(first - second) <= values.same_volume * max(abs(first), abs(second), 1e-9)
