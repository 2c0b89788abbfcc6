"""Facts of a small building that is ready for everything, and the counts of an IDS pack that it passes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import shapely

from bim.readiness.catalogue import catalogue
from bim.readiness.facts import Box, ElementFacts, ModelFacts, PlaceFacts, ShapeFacts, StoreyFacts, VoidFacts
from bim.readiness.grades import Count, Grade
from bim.readiness.rules import grades, judge

GROUND, UPPER, VOID, STAIR, RAILING, ROOM, LOFT, DOOR, SENSOR, WALL = range(10)


def volume(box: Box) -> float:
    return (box[3] - box[0]) * (box[4] - box[1]) * (box[5] - box[2])


def element(index: int, ifc_class: str, storey: int | None, box: Box | None, **others: Any) -> ElementFacts:
    given = {"volume_m3": volume(box) if box else None, **others}
    return ElementFacts(index, f"gid-{index}", ifc_class, storey, box, **given)


def plan(box: Box) -> Any:
    return shapely.box(box[0], box[1], box[3], box[4])


def ready_model() -> ModelFacts:
    """Two storeys of 10 x 6 m, 3 m high: slabs, stair and hole, a railing of 1.1 m, two rooms, a door, a sensor."""
    boxes: dict[int, Box] = {
        GROUND: (0, 0, -0.2, 10, 6, 0), UPPER: (0, 0, 2.8, 10, 6, 3), VOID: (6, 2, 2.5, 9, 4, 3.2),
        STAIR: (6, 2, 0, 9, 4, 3), RAILING: (6, 1.9, 3, 9, 1.95, 4.1), ROOM: (0.2, 0.2, 0, 9.8, 5.8, 2.6),
        LOFT: (0.2, 0.2, 3, 9.8, 5.8, 5.6), DOOR: (4, 0, 0, 5, 0.2, 2.1), SENSOR: (1, 1, 2.3, 1.1, 1.1, 2.4),
        WALL: (0, 0, 0, 10, 0.2, 2.8),
    }  # fmt: skip
    elements = (
        element(GROUND, "IfcSlab", 0, boxes[GROUND]),
        element(UPPER, "IfcSlab", 1, boxes[UPPER], volume_m3=(60 - 6) * 0.2),
        element(VOID, "IfcOpeningElement", 1, None),
        element(STAIR, "IfcStairFlight", 0, boxes[STAIR]),
        element(RAILING, "IfcRailing", 1, boxes[RAILING]),
        element(ROOM, "IfcSpace", 0, boxes[ROOM], in_zone=True),
        element(LOFT, "IfcSpace", 1, boxes[LOFT], in_zone=True),
        element(DOOR, "IfcDoor", 0, boxes[DOOR], is_external=True),
        element(SENSOR, "IfcSensor", 0, boxes[SENSOR]),
        element(WALL, "IfcWall", 0, boxes[WALL]),
    )
    shapes = {index: ShapeFacts(plan(boxes[index]), closed=True) for index in (GROUND, UPPER, STAIR, ROOM, LOFT)}
    shapes[UPPER] = ShapeFacts(plan(boxes[UPPER]).difference(plan(boxes[VOID])), closed=True)
    return ModelFacts(
        place=PlaceFacts(True, 50, others=((20, 40.0),), outlined=9, outside=(), ground_gap_m=0.0),
        storeys=(StoreyFacts(0, 0.0, "1#"), StoreyFacts(1, 3.0, "1#")),
        elements=elements,
        edges_searched=True,
        shapes=shapes,
        voids=(VoidFacts(VOID, UPPER, boxes[VOID], plan(boxes[VOID])),),
    )


PASSED = {check.identifier: Count(10, 0) for check in catalogue().values() if check.is_specification}


def graded(facts: ModelFacts, specified: dict[str, Count] | None = None) -> dict[str, Grade | None]:
    return grades(judge(facts, PASSED if specified is None else specified))


def counts(facts: ModelFacts) -> dict[str, Count]:
    return {one.check.identifier: one.count for one in judge(facts, PASSED)}


def changed(facts: ModelFacts, index: int, **fields: Any) -> ModelFacts:
    """Return the model with one element changed."""
    return replace(facts, elements=tuple(replace(e, **fields) if e.index == index else e for e in facts.elements))


def without(facts: ModelFacts, *indexes: int) -> ModelFacts:
    """Return the model without some elements."""
    return replace(facts, elements=tuple(e for e in facts.elements if e.index not in indexes))
