"""Elements of the current models of a site as places of rows: found by words or by key, in the middle of their box."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import GEOSGeometry
from django.db.models import Q, QuerySet

from bim.models import Element
from bim.queries import current_revisions
from spatial.control_lists.rules import PlaceData


@dataclass(frozen=True)
class Found:
    """An element that something can be placed on."""

    element: Element
    model_id: str

    @property
    def key(self) -> str:
        return f"{self.model_id}:{self.element.global_id}"

    @property
    def height_m(self) -> float:
        return (self.element.box_min_z_m + self.element.box_max_z_m) / 2  # type: ignore[operator]

    def place(self) -> PlaceData:
        """Return the middle of the element's box as a place on it, with its offset from the box's lower corner."""
        middle = self.element.footprint.centroid  # type: ignore[union-attr]
        box = self.element.local_box
        offset = tuple(round((high - low) / 2, 3) for low, high in zip(box[:3], box[3:], strict=True)) if box else None
        return PlaceData(
            geometry=f"SRID=4490;POINT Z ({middle.x!r} {middle.y!r} {self.height_m!r})",
            storey_id=str(self.element.storey_id or ""),
            model_id=self.model_id,
            element_global_id=self.element.global_id,
            element_name=self.element.name,
            offset_m=offset,
        )


def placed_elements(site: Any) -> QuerySet[Element]:
    """Return the elements of a site's current revisions that have a place on earth."""
    rows = Element.objects.filter(revision__in=current_revisions(site), footprint__isnull=False)
    return rows.filter(box_min_z_m__isnull=False).select_related("revision", "storey").order_by("name", "id")


def elements_found(site: Any, *, text: str = "", keys: Sequence[str] = ()) -> list[Found]:
    """Return at most 200 elements whose name, class or GlobalId holds a text, or those with these keys."""
    rows = placed_elements(site)
    if keys:
        wanted = {tuple(key.split(":", 1)) for key in keys if ":" in key}
        rows = rows.filter(global_id__in=[global_id for _model, global_id in wanted])
        return [one for row in rows if ((one := _found(row)).model_id, row.global_id) in wanted]
    rows = rows.filter(Q(name__icontains=text) | Q(ifc_class__icontains=text) | Q(global_id=text))
    return [_found(row) for row in rows[:200]]


def _found(row: Element) -> Found:
    return Found(row, str(row.revision.model_id))


def anchor_on_element(site: Any, key: str) -> dict[str, Any] | None:
    """Return an element named `model id:GlobalId` as `place_anchor` takes it; None where it is not there any more."""
    found = elements_found(site, keys=[key])
    if not found:
        return None
    place = found[0].place()
    return {
        "geometry": GEOSGeometry(place.geometry),
        "model_id": UUID(place.model_id),
        "element_global_id": place.element_global_id,
        "element_name": place.element_name,
        "offset_m": list(place.offset_m) if place.offset_m else None,
    }
