"""The openings that cut an element: its own, and those of the wholes that it is a part of."""

from __future__ import annotations

from typing import Any

_CLIMB = 16


def openings_of(product: Any) -> list[Any]:
    """Return the opening elements with a body that void a product or an element that it is aggregated into."""
    found: list[Any] = []
    current: Any | None = product
    for _ in range(_CLIMB):
        if current is None or not current.is_a("IfcElement"):
            break
        for relation in current.HasOpenings or ():
            opening = relation.RelatedOpeningElement
            if opening is not None and opening.Representation is not None:
                found.append(opening)
        current = next((rel.RelatingObject for rel in current.Decomposes or () if rel.is_a("IfcRelAggregates")), None)
    return found
