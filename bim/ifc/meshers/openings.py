"""The openings that cut an element: its own, and those of the wholes that it is a part of."""

from __future__ import annotations

from typing import Any

CLIMB = 16


def openings_of(product: Any) -> list[Any]:
    """Return the opening elements with a body that void a product or an element that it is aggregated into."""
    found: list[Any] = []
    current: Any | None = product
    for _ in range(CLIMB):
        if current is None or not current.is_a("IfcElement"):
            break
        for relation in current.HasOpenings or ():
            opening = relation.RelatedOpeningElement
            if opening is not None and opening.Representation is not None:
                found.append(opening)
        current = next((rel.RelatingObject for rel in current.Decomposes or () if rel.is_a("IfcRelAggregates")), None)
    return found


class Openings:
    """The openings of one model's products; which products may have some is found once, from the openings."""

    def __init__(self, model: Any) -> None:
        self._found: dict[int, list[Any]] = {}
        try:
            self._may_be_cut: set[int] | None = _cut_in(model)
        except Exception:  # a record that is not as its schema says
            self._may_be_cut = None

    def of(self, product: Any) -> list[Any]:
        """Return the openings of a product, as `openings_of` does."""
        number = product.id()
        if self._may_be_cut is not None and number not in self._may_be_cut:
            return []
        if number not in self._found:
            self._found[number] = openings_of(product)
        return self._found[number]


def _cut_in(model: Any) -> set[int]:
    """Return the #ids of all elements that openings void, and of their parts down to the smallest."""
    found: set[int] = set()
    front = [relation.RelatingBuildingElement for relation in model.by_type("IfcRelVoidsElement")]
    while front:
        element = front.pop()
        if element is None or element.id() in found:
            continue
        found.add(element.id())
        for relation in element.IsDecomposedBy or ():
            front.extend(relation.RelatedObjects or ())
    return found
