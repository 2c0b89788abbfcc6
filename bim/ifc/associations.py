"""Materials, classifications and groups of all elements, each in one pass over its relationships."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from .attributes import attribute_of
from .record_source import ModelSource
from .records import Classification, Group
from .text import clean_text

MAX_NAMES = 200
_DEPTH = 16

# what a set of materials holds: the attribute that leads one step nearer to the IfcMaterial
_INWARDS = {
    "IfcMaterialLayerSetUsage": "ForLayerSet",
    "IfcMaterialLayerSet": "MaterialLayers",
    "IfcMaterialLayer": "Material",
    "IfcMaterialList": "Materials",
    "IfcMaterialProfileSetUsage": "ForProfileSet",
    "IfcMaterialProfileSet": "MaterialProfiles",
    "IfcMaterialProfile": "Material",
    "IfcMaterialConstituentSet": "MaterialConstituents",
    "IfcMaterialConstituent": "Material",
}


def occurrences_by_type(source: ModelSource) -> dict[int, list[int]]:
    """Return {type #id: the elements of that type}, of IfcRelDefinesByType."""
    found: dict[int, list[int]] = defaultdict(list)
    for types, elements in source.relations("IfcRelDefinesByType", "RelatingType", "RelatedObjects"):
        for type_id in types:
            found[type_id] += elements
    return found


def materials_by_element(source: ModelSource, occurrences: dict[int, list[int]]) -> dict[int, tuple[str, ...]]:
    """Return {#id: names of its materials, each once, in the file's order}; its own win over those of its type."""
    own: dict[int, tuple[str, ...]] = {}
    names_of: dict[int, tuple[str, ...]] = {}
    for relating, related in source.relations("IfcRelAssociatesMaterial", "RelatingMaterial", "RelatedObjects"):
        names: tuple[str, ...] = ()
        for material in relating:
            if material not in names_of:
                found = dict.fromkeys(_material_names(source.model.by_id(material), 0))
                names_of[material] = tuple(found)[:MAX_NAMES]
            names = names_of[material]
        for element in related:
            own[element] = tuple(dict.fromkeys([*own[element], *names])) if element in own else names
    for type_id, elements in occurrences.items():
        for element in elements if type_id in own else ():
            own.setdefault(element, own[type_id])
    return own


def _material_names(material: Any, depth: int) -> Iterator[str]:
    if material is None or depth > _DEPTH:
        return
    if material.is_a("IfcMaterial"):
        if name := clean_text(material.Name, 255):
            yield name
        return
    for ifc_class, attribute in _INWARDS.items():
        if material.is_a(ifc_class):
            inner = attribute_of(material, attribute)
            for part in inner if isinstance(inner, tuple) else (inner,):
                yield from _material_names(part, depth + 1)
            return


def classifications_by_element(
    source: ModelSource, occurrences: dict[int, list[int]]
) -> dict[int, tuple[Classification, ...]]:
    """Return {#id: its classifications, each once}, first its own and then those of its type."""
    found: dict[int, list[Classification]] = defaultdict(list)
    relations = source.relations("IfcRelAssociatesClassification", "RelatingClassification", "RelatedObjects")
    for relating, related in relations:
        for reference in relating:
            read = _classification(source.model.by_id(reference))
            for element in related:
                found[element].append(read)
    for type_id, elements in occurrences.items():
        inherited = list(found.get(type_id, ()))
        for element in elements if inherited else ():
            found[element] += inherited
    return {step_id: _each_once(rows) for step_id, rows in found.items()}


def _classification(reference: Any) -> Classification:
    if reference.is_a("IfcClassification"):
        return {"system": clean_text(reference.Name, 255), "code": "", "name": ""}
    if reference.is_a("IfcClassificationNotation"):
        facets = [clean_text(facet.NotationValue, 255) for facet in reference.NotationFacets or ()]
        return {"system": "", "code": ".".join(facets), "name": ""}
    code = attribute_of(reference, "Identification") or attribute_of(reference, "ItemReference")
    source = attribute_of(reference, "ReferencedSource")
    for _ in range(_DEPTH):
        if source is None or source.is_a("IfcClassification"):
            break
        source = attribute_of(source, "ReferencedSource")
    system = clean_text(source.Name, 255) if source is not None and source.is_a("IfcClassification") else ""
    return {"system": system, "code": clean_text(code, 255), "name": clean_text(reference.Name, 255)}


def groups_by_element(source: ModelSource) -> dict[int, tuple[Group, ...]]:
    """Return {#id: the IfcGroup (zone, system, group) that it is assigned to}, each once."""
    found: dict[int, list[Group]] = defaultdict(list)
    for relating, related in source.relations("IfcRelAssignsToGroup", "RelatingGroup", "RelatedObjects"):
        for group_id in relating:
            group = source.model.by_id(group_id)
            read = {
                "ifc_class": group.is_a(),
                "global_id": clean_text(group.GlobalId, 22),
                "name": clean_text(group.Name, 255),
            }
            for element in related:
                found[element].append(read)
    return {step_id: _each_once(rows) for step_id, rows in found.items()}


def _each_once(rows: list[dict[str, str]]) -> tuple[dict[str, str], ...]:
    return tuple({tuple(row.values()): row for row in rows}.values())[:MAX_NAMES]
