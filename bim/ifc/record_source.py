"""Where the readers of elements, properties and relations take a file's records from: IfcOpenShell's objects.

TableSource (table_source.py) gives the same from the columns of a step table, many times as fast.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from .attributes import attribute_of
from .element_frames import ElementFrames
from .object_placements import ObjectPlacements, Rows
from .property_values import PropertySet, set_of
from .text import clean_text

SPATIAL = {"IFC2X3": "IfcSpatialStructureElement", "IFC4": "IfcSpatialElement", "IFC4X3_ADD2": "IfcSpatialElement"}
OPENING = "IfcFeatureElementSubtraction"
USERDEFINED = "USERDEFINED"
GLOBAL_ID, TEXT, TYPE = 22, 255, 64
"""How many characters of a GlobalId, of a name and of a predefined type are kept."""

Relation = tuple[list[int], list[int]]
"""The #ids that a relationship has on its relating and on its related side."""


class ElementFacts(NamedTuple):
    """What an element's own record says of it; `kind` as in ElementRecord."""

    step_id: int
    ifc_class: str
    kind: str
    global_id: str
    name: str
    predefined_type: str
    object_type: str
    placement: Rows


class ModelSource:
    """Answers from a model that IfcOpenShell has opened."""

    def __init__(self, model: Any, frames: ElementFrames) -> None:
        self.model, self.placements = model, ObjectPlacements(frames)
        self._sets: dict[int, PropertySet] = {}

    def relations(self, ifc_class: str, relating: str, related: str) -> Iterator[Relation]:
        """Yield the two sides of each relationship of a class, in the order of `by_type`."""
        for record in self.model.by_type(ifc_class):
            yield relation_of(record, relating, related)

    def property_set(self, step_id: int) -> PropertySet:
        """Return the (name, values) of a property or quantity set."""
        if step_id not in self._sets:
            self._sets[step_id] = self.read_set(step_id)
        return self._sets[step_id]

    def read_set(self, step_id: int) -> PropertySet:
        return set_of(self.model.by_id(step_id))

    def elements(self) -> list[ElementFacts]:
        """Return the elements and spatial elements in the order of their #id, placed in metres."""
        spatial = {entity.id(): entity for entity in self.model.by_type(SPATIAL[self.model.schema_identifier])}
        found = {entity.id(): entity for entity in self.model.by_type("IfcElement")} | spatial
        return [
            facts_of(found[step_id], kind_of(found[step_id], step_id in spatial), self.placements.of(found[step_id]))
            for step_id in sorted(found)
        ]


def relation_of(record: Any, relating: str, related: str) -> Relation:
    return _ids(getattr(record, relating)), _ids(getattr(record, related))


def _ids(side: Any) -> list[int]:
    if side is None:
        return []
    if not isinstance(side, tuple):
        side = side.wrappedValue if side.is_a("IfcPropertySetDefinitionSet") else (side,)
    return [each.id() for each in side if each.id()]


def kind_of(entity: Any, spatial: bool) -> str:
    return "space" if spatial else "opening" if entity.is_a(OPENING) else "element"


def facts_of(entity: Any, kind: str, placement: Rows) -> ElementFacts:
    """Return what IfcOpenShell says of an element."""
    predefined = text_of(entity, "PredefinedType", TYPE)
    return ElementFacts(
        step_id=entity.id(),
        ifc_class=entity.is_a(),
        kind=kind,
        global_id=text_of(entity, "GlobalId", GLOBAL_ID),
        name=text_of(entity, "Name", TEXT) or text_of(entity, "LongName", TEXT),
        predefined_type=text_of(entity, "ObjectType", TYPE) if predefined == USERDEFINED else predefined,
        object_type=text_of(entity, "ObjectType", TEXT),
        placement=placement,
    )


def text_of(entity: Any, name: str, limit: int) -> str:
    """Return an attribute as clean text, empty where the class has no such attribute or it cannot be read."""
    try:
        return clean_text(attribute_of(entity, name), limit)
    except (RuntimeError, UnicodeError):
        return ""
