"""Fall edges and openings of buildings whose lengths and areas are known, to 1 cm and 1 %."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bim.fall_edges.rules import Finder, Found, find_fall_edges, opening_class, same_place
from bim.fall_edges.surfaces import Body

from .buildings import GROUND, STOREYS, UPPER, block, pierced, railing, slab, together


def find(*bodies: Body) -> list[Found]:
    return find_fall_edges(bodies, STOREYS)


def metres(found: list[Found]) -> float:
    return sum(row.length_m for row in found if row.kind == "edge")


def wall(global_id: str, x0: float, y0: float, x1: float, y1: float, height: float = 3.0, floor: float = 3.0) -> Body:
    return block(global_id, "IfcWall", (x0, y0, floor), (x1, y1, floor + height))


THREE_WALLS = (wall("w", 0, 0, 0.2, 6), wall("n", 0, 5.8, 10, 6), wall("e", 9.8, 0, 10, 6))


def test_a_bare_upper_slab_is_open_all_round_and_the_slab_on_the_ground_is_not():
    [edge] = find(GROUND, UPPER)
    assert edge.kind == "edge" and edge.hosts == ("upper",) and edge.storey_index == 1
    assert edge.length_m == pytest.approx(32.0, abs=0.01)
    assert edge.drop_m == pytest.approx(3.0, abs=0.01)
    assert np.ptp(edge.points[:, 2]) == 0 and len(edge.points) == 5


def test_a_drop_of_just_under_two_metres_is_none_and_of_two_metres_is_one():
    assert find(GROUND, slab("low", 0, 0, 10, 6, 1.99)) == []
    assert metres(find(GROUND, slab("low", 0, 0, 10, 6, 2.0))) == pytest.approx(32.0, abs=0.01)


def test_walls_on_three_sides_leave_the_fourth_between_them():
    assert metres(find(GROUND, UPPER, *THREE_WALLS)) == pytest.approx(9.6, abs=0.01)


def test_a_railing_closes_exactly_its_span():
    open_side = find(GROUND, UPPER, *THREE_WALLS, railing("r", (2.0, 0.05), (5.5, 0.1), 3.0))
    lengths = sorted(row.length_m for row in open_side)
    assert lengths == pytest.approx([1.8, 4.3], abs=0.01)


def test_a_railing_further_in_than_thirty_centimetres_does_not_protect_the_edge():
    assert metres(find(GROUND, UPPER, *THREE_WALLS, railing("r", (2.0, 0.5), (5.5, 0.55), 3.0))) == pytest.approx(
        9.6, abs=0.01
    )


def test_a_parapet_lower_than_the_protective_height_does_not_protect():
    low = wall("s", 0.2, 0, 9.8, 0.2, height=0.6)
    assert metres(find(GROUND, UPPER, *THREE_WALLS, low)) == pytest.approx(9.6, abs=0.01)
    assert find(GROUND, UPPER, *THREE_WALLS, wall("s", 0.2, 0, 9.8, 0.2, height=1.1)) == []


def test_a_wall_with_a_doorway_protects_all_but_the_doorway():
    south = together("s", wall("s", 0.2, 0, 4, 0.2), wall("s", 5, 0, 9.8, 0.2), wall("s", 4, 0, 5, 0.2, 0.9, 5.1))
    [edge] = find(GROUND, UPPER, *THREE_WALLS, south)
    assert edge.length_m == pytest.approx(1.0, abs=0.01)
    assert sorted(edge.points[:, 0]) == pytest.approx([4.0, 5.0], abs=0.001)


def test_a_column_protects_nothing():
    column = block("c", "IfcColumn", (4, 0, 3), (5, 0.4, 6))
    assert metres(find(GROUND, UPPER, *THREE_WALLS, column)) == pytest.approx(9.6, abs=0.01)


def test_a_hole_is_an_opening_with_its_area_perimeter_and_drop():
    [edge, hole] = find(GROUND, pierced("upper", (10, 6), (4, 2, 5.5, 4), 3.0))
    assert edge.kind == "edge" and edge.length_m == pytest.approx(32.0, abs=0.01)
    assert hole.kind == "opening" and hole.hosts == ("upper",)
    assert hole.area_m2 == pytest.approx(3.0, rel=0.01)
    assert hole.perimeter_m == pytest.approx(7.0, abs=0.01)
    assert hole.length_m == pytest.approx(7.0, abs=0.01)
    assert hole.short_side_m == pytest.approx(1.5, abs=0.01)
    assert hole.drop_m == pytest.approx(3.0, abs=0.01)
    assert (hole.points[0] == hole.points[-1]).all()


def test_a_hole_narrower_than_25_millimetres_is_ignored():
    assert [row.kind for row in find(GROUND, pierced("upper", (10, 6), (4, 2, 4.02, 4), 3.0))] == ["edge"]
    assert len(find(GROUND, pierced("upper", (10, 6), (4, 2, 4.03, 4), 3.0))) == 2


def test_a_cover_slab_closes_a_hole_and_half_a_cover_half_of_it():
    upper = pierced("upper", (10, 6), (4, 2, 6, 4), 3.0)
    assert [row.kind for row in find(GROUND, upper, slab("cover", 3.9, 1.9, 6.1, 4.1, 3.05))] == ["edge"]
    half = [row for row in find(GROUND, upper, slab("cover", 4, 2, 5, 4, 3.0)) if row.kind == "opening"]
    assert [row.area_m2 for row in half] == pytest.approx([2.0], rel=0.01)


def test_the_hole_of_a_stair_stays_an_opening_except_where_the_stair_arrives():
    upper = pierced("upper", (10, 6), (4, 2, 8, 3), 3.0)
    steps = [block("f", "IfcStairFlight", (4 + 0.25 * n, 2, 0), (4.25 + 0.25 * n, 3, 0.1875 * n)) for n in range(1, 16)]
    [hole] = [row for row in find(GROUND, upper, together("f", *steps)) if row.kind == "opening"]
    assert hole.area_m2 == pytest.approx(4.0, rel=0.01)
    # beside a tread less than 2 m below nobody falls: treads 6 to 15 of the long sides and the side where it arrives
    assert hole.length_m == pytest.approx(1.0 + 2 * (4.0 - 10 * 0.25), abs=0.01)


def test_a_walled_shaft_is_no_open_opening():
    shaft = [wall("a", 3.9, 1.9, 6.1, 2), wall("b", 3.9, 4, 6.1, 4.1), wall("c", 3.9, 2, 4, 4), wall("d", 6, 2, 6.1, 4)]
    found = find(GROUND, pierced("upper", (10, 6), (4, 2, 6, 4), 3.0), *shaft)
    assert [row.kind for row in found] == ["edge"]


def test_a_balcony_is_open_on_its_three_free_sides():
    walls = (*THREE_WALLS, together("s", wall("s", 0.2, 0, 4, 0.2), wall("s", 6, 0, 9.8, 0.2)))
    balcony = slab("balcony", 4, -1.5, 6, 0, 3.0, 1)
    [edge] = find(GROUND, UPPER, balcony, *walls)
    assert edge.hosts == ("balcony",)
    assert edge.length_m == pytest.approx(2.0 + 1.5 + 1.5, abs=0.01)


def test_an_l_shape_is_open_along_its_whole_perimeter():
    shape = together("L", slab("L", 0, 0, 10, 4, 3.0), slab("L", 0, 4, 4, 10, 3.0))
    [edge] = find(GROUND, slab("g", -5, -5, 20, 20, 0.0), shape)
    assert edge.length_m == pytest.approx(40.0, abs=0.01)
    assert len(edge.points) == 7


def test_touching_slabs_have_no_edge_between_them():
    found = find(GROUND, slab("left", 0, 0, 5, 6, 3.0), slab("right", 5.003, 0, 10, 6, 3.0))
    assert metres(found) == pytest.approx(32.0, abs=0.01)
    assert {host for row in found for host in row.hosts} == {"left", "right"}


def test_slabs_two_centimetres_apart_in_height_have_no_edge_between_them():
    found = find(GROUND, slab("left", 0, 0, 5, 6, 3.0), slab("right", 5, 0, 10, 6, 3.02))
    assert metres(found) == pytest.approx(32.0, abs=0.01)


def test_a_screed_on_a_slab_is_not_counted_twice():
    assert metres(find(GROUND, UPPER, block("screed", "IfcSlab", (0, 0, 3.0), (10, 6, 3.08)))) == pytest.approx(
        32.0, abs=0.01
    )


def test_the_drop_is_to_the_surface_below_and_an_edge_is_cut_where_it_changes():
    found = find(GROUND, slab("podium", 0, 0, 10, 20, 3.0), slab("tower", 0, 0, 10, 6, 12.0))
    tower = {round(row.drop_m, 3): row.length_m for row in found if row.hosts == ("tower",)}
    assert tower[9.0] == pytest.approx(10.0, abs=0.01)
    assert tower[12.0] == pytest.approx(22.0, abs=0.01)


def test_openings_are_classed_by_their_short_side():
    assert [opening_class(side) for side in (0.02, 0.025, 0.3, 0.5, 1.0, 1.5, 9.0)] == [0, 1, 1, 2, 2, 3, 3]


def test_a_model_without_a_walkable_surface_has_none():
    assert find() == [] and find(wall("w", 0, 0, 10, 0.2)) == []


def turned(body: Body, angle: float, shift: tuple[float, float, float]) -> Body:
    c, s = np.cos(angle), np.sin(angle)
    matrix = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    return Body(body.global_id, body.ifc_class, body.storey_index, body.corners @ matrix.T + shift)


BUILDING = (
    GROUND, pierced("upper", (10, 6), (4, 2, 5.5, 4), 3.0), *THREE_WALLS, railing("r", (2.0, 0.05), (5.5, 0.1), 3.0),
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(st.floats(0, 2 * np.pi), st.floats(-500, 500), st.floats(-500, 500))
def test_a_building_turned_and_moved_has_the_same_edges(angle: float, x: float, y: float):
    before = find(*BUILDING)
    after = find(*(turned(body, angle, (x, y, 0.0)) for body in BUILDING))
    key = [(row.kind, row.hosts) for row in before]
    assert [(row.kind, row.hosts) for row in after] == key
    assert [row.length_m for row in after] == pytest.approx([row.length_m for row in before], abs=0.01)
    assert [row.drop_m for row in after] == pytest.approx([row.drop_m for row in before], abs=0.01)
    assert [row.area_m2 or 0 for row in after] == pytest.approx([row.area_m2 or 0 for row in before], rel=0.01)


@settings(max_examples=25, deadline=None)
@given(st.floats(0.32, 8.0), st.floats(0.2, 9.0))
def test_a_railing_taken_away_opens_exactly_its_span(start: float, length: float):
    end = min(start + length, 9.68)
    added = railing("r", (start, 0.05), (end, 0.1), 3.0)
    without, with_it = find(GROUND, UPPER, *THREE_WALLS), find(GROUND, UPPER, *THREE_WALLS, added)
    assert metres(without) - metres(with_it) == pytest.approx(end - start, abs=0.01)
    for row in with_it:
        low, high = row.points[:, 0].min(), row.points[:, 0].max()
        assert high <= start + 0.01 or low >= end - 0.01


@pytest.mark.parametrize(("gap_m", "open_m"), [(0.10, 0.0), (0.12, 0.12)])
def test_a_gap_too_narrow_for_a_child_is_no_fall_edge(gap_m: float, open_m: float):
    sides = railing("a", (0.1, 0.05), (5.0, 0.1), 3.0), railing("b", (5.0 + gap_m, 0.05), (9.9, 0.1), 3.0)
    assert metres(find(GROUND, UPPER, *THREE_WALLS, *sides)) == pytest.approx(open_m, abs=0.01)


def test_what_the_model_protects_is_told_with_what_does_it():
    finder = Finder(
        (*BUILDING[:-1], railing("r", (2, 0.05), (5.5, 0.1), 3.0)), STOREYS,
    )  # fmt: skip
    finder.find()
    told = [(row.kind, row.way, row.by, round(row.length_m, 2)) for row in finder.protected]
    assert ("edge", "guarded", ("r",), 3.5) in told
    assert sum(length for kind, _, by, length in told if kind == "edge" and "r" not in by) == pytest.approx(
        22.4, abs=0.05
    )
    cover = slab("plate", 3.9, 1.9, 5.6, 4.1, 3.05)
    covered = Finder((GROUND, pierced("upper", (10, 6), (4, 2, 5.5, 4), 3.0), cover), STOREYS)
    covered.find()
    assert [(row.kind, row.way, row.by, row.length_m) for row in covered.protected] == [
        ("opening", "covered", ("plate",), pytest.approx(7.8, abs=0.01))  # the plate's own rim
    ]


def test_the_common_part_of_two_edges_is_measured_by_the_longer():
    line = np.array([(0.0, 0.0, 3.0), (10.0, 0.0, 3.0)])
    assert same_place(line, line, False) == pytest.approx(1.0)
    assert same_place(line, np.array([(2.0, 0.0, 3.0), (10.0, 0.0, 3.0)]), False) == pytest.approx(0.8)
    assert same_place(line, np.add(line, (0, 5, 0)), False) == 0.0
    ring = np.array([(0, 0, 3), (2, 0, 3), (2, 1, 3), (0, 1, 3), (0, 0, 3)], dtype=float)
    assert same_place(ring, np.add(ring, (1, 0, 0)), True) == pytest.approx(1 / 3)
