"""Which elements of a revision a search means: words, and what a BIM engineer asks for by name."""

from __future__ import annotations

import json
import math
from typing import Any

from django.db.models import Q, QuerySet
from ninja import Field, Schema
from ninja.errors import HttpError

from bim.models import Element

PROPERTY_FORM = "property must be written as Pset.Name:value, for example Pset_WallCommon.FireRating:二级."


class ElementFilters(Schema):
    """Every filter narrows the answer; an element without a shape is found only with `shaped=false`."""

    q: str = Field("", max_length=100, description="words in the name, type, class or storey; or a whole GlobalId")
    ifc_class: str = Field("", alias="class", max_length=64, description="IFC class, exact")
    storey: str = Field("", max_length=255, description="storey name, exact")
    material: str = Field("", max_length=255, description="name of a material, exact")
    classification: str = Field("", max_length=255, description="code, name or system of a classification, exact")
    group: str = Field("", max_length=255, description="name or GlobalId of a zone, system or group, exact")
    prop: str = Field("", alias="property", max_length=600, description="Pset.Name:value, the value exact")
    shaped: bool = Field(True, description="false: also elements without a shape")

    @property
    def texts(self) -> tuple[str, ...]:
        return self.q.strip(), self.ifc_class, self.storey, self.material, self.classification, self.group, self.prop


def matching(rows: QuerySet[Element], asked: ElementFilters) -> QuerySet[Element]:
    """Return the elements that fulfil every filter, none where nothing is asked.

    Raises HttpError 422 where a filter cannot be read.
    """
    if not any(asked.texts) or any("\x00" in text for text in asked.texts):
        return rows.none()
    if asked.shaped:
        rows = rows.filter(meshed=True)
    for word in asked.q.split():
        rows = rows.filter(
            Q(name__icontains=word)
            | Q(type_name__icontains=word)
            | Q(ifc_class__icontains=word)
            | Q(storey__name__icontains=word)
            | Q(global_id=word)
        )
    if asked.ifc_class:
        rows = rows.filter(ifc_class__iexact=asked.ifc_class)
    if asked.storey:
        rows = rows.filter(storey__name=asked.storey)
    if asked.material:
        rows = rows.filter(materials__contains=[asked.material])
    if asked.classification:
        rows = rows.filter(_has("classifications", ("code", "name", "system"), asked.classification))
    if asked.group:
        rows = rows.filter(_has("groups", ("name", "global_id"), asked.group))
    if asked.prop:
        rows = rows.filter(_property(asked.prop))
    return rows


def _has(column: str, keys: tuple[str, ...], value: str) -> Q:
    found = Q()
    for key in keys:
        found |= Q(**{f"{column}__contains": [{key: value}]})
    return found


def _property(text: str) -> Q:
    path, colon, value = text.partition(":")
    set_name, dot, name = path.partition(".")
    if not (colon and dot and set_name and name):
        raise HttpError(422, PROPERTY_FORM)
    found = Q()
    for each in _values(value):
        found |= Q(properties__contains={set_name: {name: each}})
    return found


def _values(text: str) -> list[Any]:
    """Return what the text may stand for: the text itself, and the number or truth value that it spells."""
    try:
        spelled = json.loads(text.lower(), parse_constant=lambda _: None)
    except ValueError:
        return [text]
    counts = isinstance(spelled, bool | int | float) and math.isfinite(spelled)
    return [text, spelled] if counts else [text]
