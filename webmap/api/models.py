"""`/sites/{code}/models`, and the elements of a revision: the index for the viewer, a search, one in full."""

from __future__ import annotations

import gzip
import json
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from ninja import Query, Router, Schema

from bim.models import Element, Revision
from bim.queries import current_revisions, element_by_global_id
from webmap.access import imported_revision, visible_site
from webmap.api.element_facts import RiskOut, TicketOut, risks_on_element, tickets_on_element
from webmap.api.element_filters import ElementFilters, matching

from .element_lines import ElementLine, line_of

router = Router(tags=["models"])

INDEX_CACHE_S = 3600
FOUND_AT_MOST = 50


class StoreyOut(Schema):
    """A storey of a revision; its floor in Yellow Sea metres, null while the revision is unplaced."""

    index: int
    name: str
    building: str
    elevation_m: float | None
    element_count: int


class ModelOut(Schema):
    """A model of the site with what its current revision offers to the viewer; `id` names the revision."""

    id: UUID
    model_id: UUID
    name: str
    number: int
    file_name: str
    state: str
    placed: bool
    element_count: int
    meshed_count: int
    storeys: list[StoreyOut]
    tileset_url: str
    index_url: str
    element_url: str
    search_url: str


class PropertyOut(Schema):
    name: str
    value: str


class PropertyGroupOut(Schema):
    """One property set with its values as text, in the file's own order."""

    name: str
    properties: list[PropertyOut]


class ClassificationOut(Schema):
    """A code of a classification system, of the element or of its type."""

    system: str
    code: str
    name: str


class GroupOut(Schema):
    """A zone, system or group that the element belongs to."""

    ifc_class: str
    global_id: str
    name: str


class ElementOut(Schema):
    """One element in full; heights in Yellow Sea metres, footprint centre in degrees (EPSG:4490)."""

    revision_id: UUID
    model_id: UUID
    model: str
    index: int
    global_id: str
    ifc_class: str
    name: str
    predefined_type: str
    type_name: str
    storey: str
    storey_index: int | None
    meshed: bool
    gap_reason: str
    bottom_m: float | None
    top_m: float | None
    lon: float | None
    lat: float | None
    materials: list[str]
    classifications: list[ClassificationOut]
    groups: list[GroupOut]
    property_groups: list[PropertyGroupOut]
    risks: list[RiskOut]
    tickets: list[TicketOut]


class FoundElements(Schema):
    """What a search found: at most fifty, and how many there are."""

    total: int
    items: list[ElementLine]


@router.get("/sites/{code}/models", response=list[ModelOut])
def models_of_site(request: HttpRequest, code: str) -> list[ModelOut]:
    """Return each model's current revision on a site."""
    site = visible_site(request.user, code)
    return [_model(revision) for revision in current_revisions(site).order_by("model__name")]


def _model(revision: Revision) -> ModelOut:
    counted = revision.elements.aggregate(all=Count("id"), meshed=Count("id", filter=Q(meshed=True)))
    storeys = revision.storeys.annotate(element_count=Count("elements", filter=Q(elements__meshed=True))).order_by(
        "index"
    )
    return ModelOut(
        id=revision.id,
        model_id=revision.model_id,
        name=revision.model.name,
        number=revision.number,
        file_name=revision.file_name,
        state=revision.state,
        placed=revision.placed,
        element_count=counted["all"],
        meshed_count=counted["meshed"],
        storeys=[
            StoreyOut(
                index=row.index,
                name=row.name,
                building=row.building_name,
                elevation_m=row.elevation_m,
                element_count=row.element_count,
            )
            for row in storeys
        ],
        tileset_url=f"/tiles/{revision.id}/tileset.json",
        index_url=f"/api/v1/models/{revision.id}/element-index",
        element_url=f"/api/v1/models/{revision.id}/elements/",
        search_url=f"/api/v1/models/{revision.id}/elements",
    )


@router.get("/models/{revision_id}/element-index")
def element_index(request: HttpRequest, revision_id: UUID) -> HttpResponse:
    """Return every element in the order of `_EID`, in columns: GlobalId, storey index (-1: none), class, shape.

    The answer of a revision never changes: browsers keep it, for this user alone.
    """
    revision = imported_revision(request.user, revision_id)
    key = f"element-index:{revision.id}"
    body = cache.get(key)
    if body is None:
        body = gzip.compress(json.dumps(_columns(revision), separators=(",", ":")).encode(), 6)
        cache.set(key, body, INDEX_CACHE_S)
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        response = HttpResponse(body, content_type="application/json")
        response["Content-Encoding"] = "gzip"
    else:
        response = HttpResponse(gzip.decompress(body), content_type="application/json")
    response["Vary"] = "Accept-Encoding, Cookie"
    patch_cache_control(response, private=True, max_age=31_536_000, immutable=True)
    return response


def _columns(revision: Revision) -> dict[str, Any]:
    rows = revision.elements.order_by("index").values_list("index", "global_id", "ifc_class", "storey__index", "meshed")
    class_numbers: dict[str, int] = {}
    columns: dict[str, Any] = {"global_ids": [], "storeys": [], "classes": [], "meshed": []}
    for index, global_id, ifc_class, storey, meshed in rows:
        while len(columns["global_ids"]) < index:
            _append(columns, "", -1, class_numbers.setdefault("", len(class_numbers)), False)
        number = class_numbers.setdefault(ifc_class, len(class_numbers))
        _append(columns, global_id, -1 if storey is None else storey, number, meshed)
    columns["class_names"] = list(class_numbers)
    return columns


def _append(columns: dict[str, Any], global_id: str, storey: int, class_number: int, meshed: bool) -> None:
    columns["global_ids"].append(global_id)
    columns["storeys"].append(storey)
    columns["classes"].append(class_number)
    columns["meshed"].append(int(meshed))


@router.get("/models/{revision_id}/elements", response=FoundElements)
def find_elements(request: HttpRequest, revision_id: UUID, asked: Query[ElementFilters]) -> FoundElements:
    """Return the elements that fulfil every filter, fifty at most; none where nothing is asked."""
    revision = imported_revision(request.user, revision_id)
    rows = matching(revision.elements.all(), asked)
    found = rows.select_related("storey").order_by("index")
    return FoundElements(
        total=found.count(),
        items=[line_of(row) for row in found[:FOUND_AT_MOST]],
    )


@router.get("/models/{revision_id}/elements/{global_id}", response=ElementOut)
def element_in_full(request: HttpRequest, revision_id: UUID, global_id: str) -> ElementOut:
    """Return an element: what it is, its properties, its risks and its open tickets."""
    revision = imported_revision(request.user, revision_id)
    element = element_by_global_id(revision, global_id)
    if element is None:
        raise Http404
    centre = element.footprint.centroid if element.footprint else None
    return ElementOut(
        revision_id=revision.id,
        model_id=revision.model_id,
        model=revision.model.name,
        index=element.index,
        global_id=element.global_id,
        ifc_class=element.ifc_class,
        name=element.name,
        predefined_type=element.predefined_type,
        type_name=element.type_name,
        storey=element.storey.name if element.storey else "",
        storey_index=element.storey.index if element.storey else None,
        meshed=element.meshed,
        gap_reason=element.gap_reason,
        bottom_m=element.box_min_z_m,
        top_m=element.box_max_z_m,
        lon=centre.x if centre else None,
        lat=centre.y if centre else None,
        materials=element.materials,
        classifications=[ClassificationOut(**row) for row in element.classifications],
        groups=[GroupOut(**row) for row in element.groups],
        property_groups=_property_groups(element),
        risks=risks_on_element(revision.site, revision.model_id, global_id, request.user),
        tickets=tickets_on_element(revision.site, revision.model_id, global_id, request.user),
    )


def _property_groups(element: Element) -> list[PropertyGroupOut]:
    groups = []
    for name, values in element.properties.items():
        if not isinstance(values, dict):
            values = {name: values}
        pairs = [PropertyOut(name=key, value=_as_text(value)) for key, value in values.items() if key != "id"]
        if pairs:
            groups.append(PropertyGroupOut(name=name, properties=pairs))
    return groups


def _as_text(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
