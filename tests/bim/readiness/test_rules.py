"""Grades of a building that is ready, and of the same building with exactly one thing missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bim.ifc.ids.reading import read_ids
from bim.readiness.catalogue import FUNCTIONS, catalogue
from bim.readiness.facts import DEVICES, DOORS, FLOORS, RAILINGS, SPACE, STAIRS, ModelFacts, PlaceFacts, StoreyFacts
from bim.readiness.grades import Count, Grade, Limits, grade, not_judged, outcome
from bim.readiness.pack import pack_path, specifications
from bim.readiness.rules import judge
from bim.readiness.values import sources, usual_values

from .models import (
    DOOR,
    GROUND,
    LOFT,
    PASSED,
    RAILING,
    ROOM,
    SENSOR,
    STAIR,
    UPPER,
    VOID,
    WALL,
    changed,
    counts,
    element,
    graded,
    plan,
    ready_model,
    without,
)

A, B, C = Grade.A, Grade.B, Grade.C
ALL_A = dict.fromkeys(FUNCTIONS, A)


def test_a_building_that_has_everything_is_ready_for_every_function() -> None:
    assert graded(ready_model()) == ALL_A
    judged = {one.check.identifier: one for one in judge(ready_model(), PASSED)}
    assert [name for name, one in judged.items() if one.outcome is not A] == []
    assert len(judged) == 47


def floor_over_the_stair(facts: ModelFacts) -> ModelFacts:
    assert facts.shapes is not None and facts.elements[1].box is not None
    shapes = {**facts.shapes, UPPER: replace(facts.shapes[UPPER], outline=plan(facts.elements[1].box))}
    return replace(facts, shapes=shapes, voids=())


def unnamed_hole(facts: ModelFacts) -> ModelFacts:
    return replace(facts, voids=())


def blind_opening(facts: ModelFacts) -> ModelFacts:
    assert facts.voids is not None
    return replace(facts, voids=(replace(facts.voids[0], box=(6, 2, 2.9, 9, 4, 3.2)),))


def open_space(facts: ModelFacts) -> ModelFacts:
    assert facts.shapes is not None
    return replace(facts, shapes={**facts.shapes, LOFT: replace(facts.shapes[LOFT], closed=False)})


def small_room(facts: ModelFacts) -> ModelFacts:
    """The upper room covers 4 x 5.6 m of a floor of 54 m² (41 %); the door and the sensor are below."""
    assert facts.shapes is not None
    box = (0.2, 0.2, 3, 4.2, 5.8, 5.6)
    shapes = {**facts.shapes, LOFT: replace(facts.shapes[LOFT], outline=plan(box))}
    return replace(changed(facts, LOFT, box=box), shapes=shapes)


def place(**fields: Any) -> Callable[[ModelFacts], ModelFacts]:
    return lambda facts: replace(facts, place=replace(facts.place, **fields))


ONE_THING = [
    ("no place at all", place(placed=False, outside=None, ground_gap_m=None), "georeference", C, "georeference.placed"),
    ("rough place", place(level=20), "georeference", B, "georeference.precise"),
    ("two of nine outside", place(outside=(3, 4)), "georeference", B, "georeference.inside_site"),
    ("five of nine outside", place(outside=(1, 2, 3, 4, 5)), "georeference", C, "georeference.inside_site"),
    ("precise carriers 1.2 m apart", place(others=((30, 1.2),)), "georeference", B, "georeference.agreeing"),
    ("ground 3 m off", place(ground_gap_m=3.0), "georeference", B, "georeference.on_ground"),
    (
        "a level 0.3 m below the upper floor",
        lambda facts: replace(facts, storeys=(*facts.storeys, StoreyFacts(2, 2.7, "1#"))),
        "storeys", B, "storeys.apart",
    ),
    ("a wall of no storey", lambda facts: changed(facts, WALL, storey_index=None), "storeys", B, "storeys.assigned"),
    (
        "a wall of the upper storey on the ground",
        lambda facts: changed(facts, WALL, storey_index=1),
        "storeys", B, "storeys.in_band",
    ),
    (
        "an element that could not be shaped",
        lambda facts: replace(facts, elements=(*facts.elements, element(99, "IfcBeam", 0, None, gap=True))),
        "elements", C, "elements.shaped",
    ),
    (
        "a column without a body",
        lambda facts: replace(facts, elements=(*facts.elements, element(99, "IfcColumn", 0, None))),
        "elements", B, "elements.with_body",
    ),
    (
        "the same wall twice",
        lambda facts: replace(facts, elements=(*facts.elements, replace(facts.elements[WALL], index=99))),
        "elements", B, "elements.duplicates",
    ),
    ("a GlobalId twice", lambda facts: replace(facts, repeated=(WALL,)), "elements", C, "elements.unique_ids"),
    ("edges not searched", lambda facts: replace(facts, edges_searched=False), "fall_edges", C, "fall_edges.searched"),
    ("an opening that cuts nothing", blind_opening, "fall_edges", C, "fall_edges.voids_cut"),
    ("a hole that is no opening", unnamed_hole, "fall_edges", B, "fall_edges.holes_named"),
    ("a floor drawn over the stair", floor_over_the_stair, "fall_edges", C, "fall_edges.stair_holes"),
    (
        "a railing of 0.9 m",
        lambda facts: changed(facts, RAILING, box=(6, 1.9, 3, 9, 1.95, 3.9)),
        "fall_edges", B, "fall_edges.railings_high",
    ),
    ("a space that is not closed", open_space, "evacuation", B, "evacuation.spaces_closed"),
    ("a storey hardly covered by spaces", small_room, "evacuation", B, "evacuation.spaces_cover"),
    (
        "an inside door with one space",
        lambda facts: changed(facts, DOOR, is_external=False),
        "evacuation", C, "evacuation.doors_join",
    ),
    (
        "a stair that ends below the floor",
        lambda facts: changed(facts, STAIR, box=(6, 2, 0, 9, 4, 2)),
        "evacuation", B, "evacuation.storeys_joined",
    ),
    ("a space of no zone", lambda facts: changed(facts, ROOM, in_zone=False), "fire", B, "fire.compartments"),
    (
        "a sensor outside every space",
        lambda facts: changed(facts, SENSOR, box=(11, 1, 2.3, 11.1, 1.1, 2.4)),
        "devices", B, "devices.in_space",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "function", "expected", "check"), [row[1:] for row in ONE_THING], ids=[row[0] for row in ONE_THING]
)
def test_one_thing_missing_lowers_one_grade_by_one_check_and_no_other(
    change: Callable[[ModelFacts], ModelFacts], function: str, expected: Grade, check: str
) -> None:
    facts = change(ready_model())
    assert graded(facts) == {**ALL_A, function: expected}
    fallen = [one.check.identifier for one in judge(facts, PASSED) if one.outcome not in (A, None)]
    assert fallen == [check]


def test_every_check_of_geometry_that_can_fail_alone_is_shown_to_fail() -> None:
    shown = {row[4] for row in ONE_THING}
    geometric = {name for name, check in catalogue().items() if not check.is_specification}
    assert geometric - shown == {"fall_edges.floors_shaped", "fall_edges.storey_floors", "devices.in_storey"}


def test_a_sensor_of_no_storey_costs_devices_and_storeys() -> None:
    """It is an element too, so two functions suffer."""
    assert graded(changed(ready_model(), SENSOR, storey_index=None)) == {**ALL_A, "devices": C, "storeys": B}


def test_an_upper_slab_without_a_shape_costs_what_needs_floors() -> None:
    found = counts(changed(ready_model(), UPPER, box=None, volume_m3=None))
    assert (found["fall_edges.floors_shaped"].failed, found["fall_edges.floors_shaped"].elements) == (1, (UPPER,))
    assert found["fall_edges.storey_floors"].figures == {"levels_m": [3.0]}


def test_what_has_to_be_there_and_is_not_counts_as_failed() -> None:
    bare = without(ready_model(), SENSOR, ROOM, LOFT, DOOR)
    assert graded(bare) == {**ALL_A, "evacuation": C, "fire": B, "devices": C}
    found = counts(bare)
    assert (found["devices.in_storey"].checked, found["evacuation.spaces_closed"].checked) == (0, 0)


def test_a_gate_of_the_site_is_no_door_of_a_way_out() -> None:
    gate = element(99, "IfcDoor", None, (50, 0, 0, 56, 0.2, 2), is_external=True)
    for storey, external, checked in ((None, True, 1), (0, True, 2), (None, False, 2)):
        given = replace(gate, storey_index=storey, is_external=external)
        facts = ready_model()
        count = counts(replace(facts, elements=(*facts.elements, given)))["evacuation.doors_join"]
        assert (count.checked, count.failed) == (checked, checked - 1)


def test_a_file_that_could_not_be_read_again_is_judged_by_its_rows_alone() -> None:
    facts = replace(ready_model(), shapes=None, voids=None)
    judged = {one.check.identifier: one for one in judge(facts, {})}
    assert [name for name, one in judged.items() if one.count.why == "not_read" and not one.check.is_specification] == [
        "fall_edges.voids_cut", "fall_edges.stair_holes", "fall_edges.holes_named", "fall_edges.railings_high",
        "evacuation.spaces_cover",
    ]  # fmt: skip
    assert all(one.outcome in (A, None) for one in judged.values())


def test_a_duplicate_is_found_across_the_rounding_of_its_corner() -> None:
    facts = ready_model()
    near, far = (
        replace(facts.elements[WALL], index=99, box=(way, way, way, 10 + way, 0.2 + way, 2.8 + way))
        for way in (0.0008, 0.0012)
    )
    other = replace(near, ifc_class="IfcBeam")
    for one, expected in ((near, (99,)), (far, ()), (other, ())):
        assert counts(replace(facts, elements=(*facts.elements, one)))["elements.duplicates"].elements == expected


def test_an_unplaced_model_is_judged_in_everything_else() -> None:
    facts = replace(ready_model(), place=PlaceFacts(False))
    judged = {one.check.identifier: one for one in judge(facts, PASSED)}
    assert judged["georeference.placed"].outcome is C
    assert [judged[f"georeference.{n}"].count.why for n in ("inside_site", "precise", "agreeing", "on_ground")] == [
        "unplaced"
    ] * 4


def test_a_specification_that_fails_lowers_its_function() -> None:
    assert graded(ready_model(), {**PASSED, "EVA-02": Count(10, 2)}) == {**ALL_A, "evacuation": B}
    assert graded(ready_model(), {**PASSED, "EVA-02": Count(10, 6)}) == {**ALL_A, "evacuation": C}
    assert graded(ready_model(), {**PASSED, "DEV-01": Count(0, 0)}) == {**ALL_A, "devices": C}
    assert graded(ready_model(), {**PASSED, "DEV-01": not_judged("schema")}) == ALL_A


@given(
    st.integers(0, 10_000), st.integers(0, 10_000), st.sampled_from([one.limits for one in catalogue().values()])
)  # fmt: skip
def test_one_more_failing_element_never_raises_an_outcome(passed: int, failed: int, limits: Limits) -> None:
    before = outcome(Count(passed + failed, failed), limits)
    after = outcome(Count(passed + failed + 1, failed + 1), limits)
    assert after is not None and (before is None or after >= before)


CLASSES = sorted(
    {"IfcWall", "IfcColumn", "IfcBeam", "IfcVirtualElement", SPACE} | DEVICES | DOORS | FLOORS | RAILINGS | STAIRS
)


@given(st.lists(st.tuples(st.sampled_from(CLASSES), st.booleans()), max_size=6), st.data())
def test_adding_an_element_without_storey_and_shape_never_raises_a_grade(
    rows: list[tuple[str, bool]], data: st.DataObject
) -> None:
    """Whatever is missing already: the model loses some elements, then bare ones are added one by one."""
    lost = data.draw(st.sets(st.sampled_from([GROUND, UPPER, STAIR, RAILING, ROOM, LOFT, DOOR, SENSOR, WALL])))
    facts = without(ready_model(), *lost)
    before = graded(facts)
    for number, (ifc_class, gap) in enumerate(rows):
        facts = replace(facts, elements=(*facts.elements, element(100 + number, ifc_class, None, None, gap=gap)))
        after = graded(facts)
        assert all(new and old and new >= old for new, old in zip(after.values(), before.values(), strict=True))
        before = after


def test_a_grade_is_the_worst_outcome_and_nothing_where_nothing_was_judged() -> None:
    assert grade([A, B, None, A]) is B and grade([C, A]) is C and grade([None]) is None
    with pytest.raises(ValueError, match="gap_above"):
        Limits(0.5, 0.2, True)
    with pytest.raises(ValueError, match="2 of 1"):
        Count(1, 2)


def test_every_file_of_the_pack_is_ids_1_0_by_the_official_schema() -> None:
    found = {}
    for function in FUNCTIONS:
        record = read_ids(pack_path(function)).record
        assert (record.ids_version, record.notes) == ("1.0", ())
        found |= {one.identifier: one.ifc_versions for one in record.specifications}
    assert set(found) == {name for name, check in catalogue().items() if check.is_specification}
    for function in FUNCTIONS:
        stated = {one.identifier: one.schemas for one in specifications(function)}
        assert stated.items() <= found.items()


def test_every_number_has_its_source_and_mark() -> None:
    assert all(row["source"] and row["mark"] in "ABC" for row in sources().values())
    assert (usual_values().railing_height_m, usual_values().temporary_height_m) == (1.05, 1.2)
    assert all(check.why for check in catalogue().values())
    assert VOID not in {e.index for e in ready_model().elements if e.box}
