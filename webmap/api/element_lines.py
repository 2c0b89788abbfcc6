"""One element in a list: what a search, a check and a report of readiness say of it."""

from __future__ import annotations

from ninja import Schema

from bim.models import Element


class ElementLine(Schema):
    index: int
    global_id: str
    ifc_class: str
    name: str
    storey: str


def line_of(element: Element) -> ElementLine:
    """Return an element's line; its storey is to be selected with it."""
    return ElementLine(
        index=element.index, global_id=element.global_id, ifc_class=element.ifc_class, name=element.name,
        storey=element.storey.name if element.storey else "",
    )  # fmt: skip
