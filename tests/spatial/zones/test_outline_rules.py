"""What is wrong with an outline is found, placed and repaired; a repair is valid and stays on the site."""

from __future__ import annotations

import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Polygon, box

from spatial import crs
from spatial.zones.outline_repairs import clipped, made_valid
from spatial.zones.outline_rules import (
    EDGE_TOLERANCE_M,
    Around,
    Volume,
    Weight,
    equal,
    examine,
)
from spatial.zones.placement_rules import guesses, swapped

SITE = box(0, 0, 100, 80)
BOW_TIE = Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])


def found(shape, *, bottom=0.0, top=3.0, **around):
    return examine(shape, bottom_m=bottom, top_m=top, around=Around(**around))


def only(shape, **more):
    findings = found(shape, **more)
    assert len(findings) == 1, [finding.code for finding in findings]
    return findings[0]


def test_a_sound_outline_has_no_findings():
    assert found(box(10, 10, 20, 20), boundary=SITE) == []


def test_a_self_crossing_outline_names_the_crossing_and_offers_both_loops():
    finding = only(BOW_TIE)
    assert (finding.code, finding.weight, finding.at) == ("self_crossing", Weight.REPAIR, ((5.0, 5.0),))
    assert finding.repair.area == 50.0
    assert finding.repair.is_valid
    assert len(finding.repair.geoms) == 2
    assert finding.values == {"before_m2": 50.0, "after_m2": 50.0, "change_m2": 0.0}


def test_a_hole_outside_its_shell_is_taken_away_by_the_repair():
    shape = Polygon(box(0, 0, 10, 10).exterior, [box(20, 20, 22, 22).exterior])
    finding = only(shape)
    assert (finding.code, finding.at) == ("hole_outside", ((21.0, 21.0),))
    assert (finding.repair.area, finding.values["change_m2"]) == (100.0, -4.0)


def test_a_hole_that_crosses_its_shell_is_cut_at_it():
    shape = Polygon(box(0, 0, 10, 10).exterior, [box(8, 4, 12, 6).exterior])
    finding = only(shape)
    assert finding.code == "hole_outside"
    assert finding.repair.area == 96.0


def test_vertices_on_each_other_are_counted_and_dropped():
    shape = Polygon([(0, 0), (10, 0), (10, 0), (10.002, 0.001), (10, 10), (0, 10)])
    finding = only(shape)
    assert (finding.code, finding.values["count"]) == ("duplicate_vertices", 2)
    assert shapely.get_num_coordinates(finding.repair) == 5
    assert abs(finding.values["change_m2"]) < 0.02


def test_splinters_among_parts_and_holes_are_left_out():
    shape = MultiPolygon([Polygon(box(0, 0, 10, 10).exterior, [box(2, 2, 8, 2.03).exterior]), box(20, 0, 20.02, 10)])
    finding = only(shape)
    assert (finding.code, finding.values["count"], finding.repair.area) == ("sliver", 2, 100.0)


def test_what_is_too_thin_or_too_small_is_refused():
    assert [f.code for f in found(box(0, 0, 40, 0.03))] == ["all_thin"]
    assert only(box(0, 0, 0.7, 0.7)).values == {"area_m2": 0.49, "least_m2": 0.5}
    assert found(box(0, 0, 0.8, 0.7)) == []


def test_what_leaves_the_site_can_be_clipped_or_accepted():
    finding = only(box(90, 10, 110, 20), boundary=SITE)
    assert (finding.code, finding.weight) == ("outside_site", Weight.DOUBT)
    assert finding.values == {"outside_m2": 100.0, "before_m2": 200.0, "after_m2": 100.0, "change_m2": -100.0}
    assert finding.repair.equals(box(90, 10, 100, 20))
    assert only(box(200, 0, 210, 10), boundary=SITE).code == "not_on_site"


def test_heights_upside_down_are_offered_to_be_swapped_and_flat_ones_refused():
    assert (only(box(0, 0, 5, 5), bottom=9.0, top=3.0).code) == "height_upside_down"
    assert (only(box(0, 0, 5, 5), bottom=3.0, top=3.0).weight) == Weight.REFUSED
    assert only(box(0, 0, 5, 5), bottom=float("nan")).code == "height_not_a_number"
    assert found(box(0, 0, 5, 5), bottom=None, top=None) == []


def test_a_child_must_lie_in_its_parent_in_plan_and_height():
    parent = Volume("P", box(0, 0, 50, 50), 0.0, 10.0)
    assert found(box(0, 0, 50, 50), parent=parent) == []
    assert only(box(40, 40, 60, 50), parent=parent).repair.area == 100.0
    assert only(box(60, 60, 70, 70), parent=parent).code == "apart_from_parent"
    assert only(box(0, 0, 5, 5), top=11.0, parent=parent).code == "outside_parent_height"
    assert only(box(0, 0, 5, 5), top=None, parent=parent).code == "outside_parent_height"
    assert found(box(0, 0, 5, 5), top=None, parent=Volume("P", box(0, 0, 50, 50))) == []


def test_a_parent_may_not_shrink_away_from_its_child():
    child = Volume("C", box(0, 0, 9, 9), 0.0, 3.0)
    assert found(box(0, 0, 10, 10), children=[child]) == []
    assert only(box(0, 0, 8, 8), children=[child]).values == {"code": "C"}


def test_a_zone_equal_to_another_is_refused_and_one_at_another_height_is_not():
    other = Volume("Z", box(0, 0, 10, 10.001), 0.0, 3.0)
    assert only(box(0, 0, 10, 10), others=[other]).values == {"code": "Z"}
    assert found(box(0, 0, 10, 10), bottom=3.0, top=6.0, others=[other]) == []
    assert not equal(Volume("a", box(0, 0, 10, 10)), Volume("b", box(0, 0, 10, 11)))


COORDINATE = st.floats(-60, 160, allow_nan=False).map(lambda value: round(value, 3))
RING = st.lists(st.tuples(COORDINATE, COORDINATE), min_size=3, max_size=12)


@settings(max_examples=300, deadline=None)
@given(RING)
def test_a_repaired_outline_is_always_valid_and_its_clip_never_leaves_the_site(ring):
    repaired = made_valid(Polygon(ring))
    assert repaired.is_valid
    cut = clipped(repaired, SITE)
    assert cut.is_valid
    assert cut.is_empty or shapely.covers(SITE.buffer(1e-6), cut)
    assert cut.area <= repaired.area + 1e-6


@settings(max_examples=300, deadline=None)
@given(RING, st.lists(st.tuples(COORDINATE, COORDINATE), min_size=3, max_size=6))
def test_taking_every_repair_ends_in_an_outline_that_fits_or_in_a_refusal(ring, hole):
    shape = Polygon(ring, [hole])
    for _ in range(8):
        repairable = [finding for finding in found(shape, boundary=SITE) if finding.repair is not None]
        if not repairable:
            break
        shape = repairable[0].repair
    left = found(shape, boundary=SITE)
    assert all(finding.weight == Weight.REFUSED for finding in left)
    if not left:
        assert shape.is_valid
        assert shapely.covers(SITE.buffer(EDGE_TOLERANCE_M + 1e-6), shape)


GROUND = Polygon([(113.768, 34.763), (113.772, 34.763), (113.772, 34.767), (113.768, 34.767)])
ROOM = box(113.7695, 34.7645, 113.7705, 34.7655)


def first_guess(shape, srid):
    return next(guesses(shape, srid=srid, site_srid=4547, ground=GROUND), None)


def test_swapped_axes_web_map_datums_and_another_grid_are_told_apart():
    metric = crs.transform_shape(ROOM, from_srid=4490, to_srid=4547)
    shifted = shapely.transform(ROOM, lambda places: [crs.to_gcj02(x, y) for x, y in places])
    baidu = shapely.transform(ROOM, lambda places: [crs.to_bd09(x, y) for x, y in places])
    prefixed = crs.transform_shape(ROOM, from_srid=4490, to_srid=4526)
    cases = {
        "swapped": first_guess(swapped(ROOM), 4490),
        "GCJ-02": first_guess(shifted, 4490),
        "BD-09": first_guess(baidu, 4490),
        "other_crs": first_guess(metric, 4490),
    }
    assert {kind: guess.kind for kind, guess in cases.items()} == {kind: kind for kind in cases}
    for guess in cases.values():
        assert shapely.hausdorff_distance(guess.outline, ROOM) < 1e-8
    assert first_guess(swapped(metric), 4547).kind == "swapped"
    assert (first_guess(prefixed, 4547).kind, first_guess(prefixed, 4547).srid) == ("other_crs", 4526)
    assert first_guess(shapely.affinity.translate(ROOM, 3.0), 4490) is None
