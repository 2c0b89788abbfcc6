"""Open a checked file and read project, storeys, elements and properties into frozen dataclasses."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import ifcopenshell

from .associations import classifications_by_element, groups_by_element, materials_by_element, occurrences_by_type
from .attributes import attribute_of
from .bodies import Bodies
from .container import CheckedFile
from .element_frames import ElementFrames
from .georeference import read_candidates
from .parser_log import judge_log, parser_says
from .placements import Candidate
from .property_sets import properties_by_element
from .record_source import OPENING, SPATIAL, ModelSource, text_of
from .records import ElementRecord, ModelRecord, Properties, StoreyRecord
from .refusal import Refusal
from .schema_fit import judge_fit
from .schema_names import may_mean_otherwise
from .step_syntax import find_syntax_error
from .step_table import StepTable
from .table_source import source_of
from .units import length_unit_in_metres

_CLIMB_LIMIT = 64


def open_model(checked: CheckedFile) -> tuple[Any, list[str]]:
    """Open the file with IfcOpenShell and return it with the warnings of its parser.

    Raises Refusal with the line where it cannot be parsed, also where the parser only lost its place in silence.
    """
    ifcopenshell.ifcopenshell_wrapper.set_log_format_text()  # validation elsewhere in a process changes it
    ifcopenshell.get_log()  # reading the log empties it

    def source() -> str:  # read where something is wrong only: a large model's text weighs as much as it does
        return checked.path.read_bytes().decode("ascii", "replace")  # bytes as the parser counts them, CR too

    try:
        model = ifcopenshell.open(str(checked.path))
    except Exception as error:  # IfcOpenShell raises its own Error, OSError, RuntimeError, SchemaError
        text = source()
        place = find_syntax_error(text) or parser_says(ifcopenshell.get_log(), error, text)
        raise Refusal(f"The file cannot be parsed. {place}") from error
    warnings = judge_log(ifcopenshell.get_log(), source, checked.schema)
    if not model.by_type("IfcProject") and not model.by_type("IfcElement"):
        line = source().count("\n") + 1
        raise Refusal(f"The file holds no project and no element in its {line} lines: there is nothing to import.")
    if may_mean_otherwise(checked.declared_schema, checked.schema):
        warnings += judge_fit(model, source(), checked.declared_schema, checked.schema)
    return model, warnings


def elements_with_body(model: Any, bodies: Bodies) -> list[int]:
    """Return the #ids of the elements and spatial elements that `ElementRecord.wants_mesh`, in rising order."""
    spatial = model.by_type(SPATIAL[model.schema_identifier])
    return sorted(with_body([*model.by_type("IfcElement"), *spatial], bodies))


def with_body(entities: Iterable[Any], bodies: Bodies) -> list[int]:
    """Return the #ids of those elements that have a body and are no openings."""
    return [entity.id() for entity in entities if not entity.is_a(OPENING) and bodies.items(entity)]


def read_model(
    model: Any,
    checked: CheckedFile,
    heard: Sequence[str] = (),
    bodies: Bodies | None = None,
    table: StepTable | None = None,
    source: ModelSource | None = None,
) -> tuple[ModelRecord, list[Candidate]]:
    """Read everything but geometry: the model, and what it says of its place.

    Elements come in the order of their #id, storeys by elevation. `bodies` may know the elements' already; with the
    `table` of the checked file, or a `source` made from it, the same is read several times as fast.
    """
    unit_m, unit_known = length_unit_in_metres(model)
    warnings = [*checked.warnings, *heard]
    if not unit_known:
        warnings.append("The file names no length unit; metres were assumed.")
    storeys = _read_storeys(model, unit_m)
    source = source or source_of(model, ElementFrames(unit_m), table)
    properties, type_names = properties_by_element(source)
    storey_of_id = {storey.step_id: storey.index for storey in storeys}
    elements = _read_elements(source, properties, type_names, storey_of_id, bodies or Bodies())
    if repeated := len(elements) - len({element.global_id for element in elements}):
        warnings.append(f"{repeated} elements share a GlobalId with another element.")
    projects = model.by_type("IfcProject")
    if not projects:
        warnings.append("The file holds no IfcProject: units and place are unknown.")
    record = ModelRecord(
        schema=checked.schema,
        declared_schema=checked.declared_schema,
        length_unit_m=unit_m,
        unit_known=unit_known,
        project_name=text_of(projects[0], "Name", 255) if projects else "",
        storeys=storeys,
        elements=elements,
        warnings=tuple(warnings),
    )
    return record, read_candidates(model, unit_m, properties)


def _read_storeys(model: Any, unit_m: float) -> tuple[StoreyRecord, ...]:
    found = []
    for storey in model.by_type("IfcBuildingStorey"):
        elevation = attribute_of(storey, "Elevation")
        if elevation is None:
            elevation = _placement_height(storey.ObjectPlacement)
        height_m = float(elevation) * unit_m
        found.append((height_m if math.isfinite(height_m) else 0.0, storey))
    found.sort(key=lambda pair: (pair[0], pair[1].id()))
    return tuple(
        StoreyRecord(
            index,
            storey.id(),
            text_of(storey, "GlobalId", 22),
            text_of(storey, "Name", 255),
            height_m,
            _building(storey),
        )
        for index, (height_m, storey) in enumerate(found)
    )


def _building(storey: Any) -> str:
    for relation in attribute_of(storey, "Decomposes") or ():
        if relation.RelatingObject is not None and relation.RelatingObject.is_a("IfcBuilding"):
            return text_of(relation.RelatingObject, "Name", 120)
    return ""


def _placement_height(placement: Any) -> float:
    height = 0.0
    for _ in range(_CLIMB_LIMIT):
        if placement is None or not placement.is_a("IfcLocalPlacement"):
            break
        location = placement.RelativePlacement.Location
        coordinates = getattr(location, "Coordinates", None) or (0.0, 0.0, 0.0)
        height += float(coordinates[2]) if len(coordinates) > 2 else 0.0
        placement = placement.PlacementRelTo
    return height


def _read_elements(
    source: ModelSource,
    properties: dict[int, Properties],
    type_names: dict[int, str],
    storey_of_id: dict[int, int],
    bodies: Bodies,
) -> tuple[ElementRecord, ...]:
    parents = _parents(source)
    occurrences = occurrences_by_type(source)
    materials = materials_by_element(source, occurrences)
    classifications = classifications_by_element(source, occurrences)
    groups = groups_by_element(source)
    return tuple(
        ElementRecord(
            index=index,
            step_id=facts.step_id,
            global_id=facts.global_id,
            ifc_class=facts.ifc_class,
            name=facts.name,
            predefined_type=facts.predefined_type,
            type_name=type_names.get(facts.step_id, "") or facts.object_type,
            storey_index=_storey_of(facts.step_id, parents, storey_of_id),
            kind=facts.kind,
            has_body=bodies.known(source.model, facts.step_id),
            properties=properties.get(facts.step_id, {}),
            materials=materials.get(facts.step_id, ()),
            classifications=classifications.get(facts.step_id, ()),
            groups=groups.get(facts.step_id, ()),
            placement=facts.placement,
        )
        for index, facts in enumerate(source.elements())
    )


def _parents(source: ModelSource) -> dict[int, int]:
    """Return {element #id: what it stands in}: containment first, then aggregation, nesting, filling, voiding."""
    parents: dict[int, int] = {}
    relations = (
        ("IfcRelVoidsElement", "RelatingBuildingElement", "RelatedOpeningElement"),
        ("IfcRelProjectsElement", "RelatingElement", "RelatedFeatureElement"),
        ("IfcRelFillsElement", "RelatingOpeningElement", "RelatedBuildingElement"),
        ("IfcRelNests", "RelatingObject", "RelatedObjects"),
        ("IfcRelAggregates", "RelatingObject", "RelatedObjects"),
        ("IfcRelContainedInSpatialStructure", "RelatingStructure", "RelatedElements"),
    )
    for name, relating, related in relations:
        for above, below in source.relations(name, relating, related):
            for parent in above:
                parents.update(dict.fromkeys(below, parent))
    return parents


def _storey_of(step_id: int, parents: dict[int, int], storey_of_id: dict[int, int]) -> int | None:
    for _ in range(_CLIMB_LIMIT):
        if step_id in storey_of_id:
            return storey_of_id[step_id]
        if step_id not in parents:
            return None
        step_id = parents[step_id]
    return None
