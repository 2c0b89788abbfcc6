"""Pairing and comparing elements of two revisions, by numbers."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bim.ifc.placements import Candidate
from bim.pipeline.placing import to_geodetic
from bim.revisions.anchor_rules import decide, still_on
from bim.revisions.motion import carry, from_geodetic, rigid_motion
from bim.revisions.rules import Pair, compare
from bim.revisions.snapshot import Body, Snapshot


def column(number: int, at: tuple[float, float, float] = (0, 0, 0), **changes: object) -> Body:
    """Return a column of 0.4 x 0.4 x 3 m whose lower corner is at `at`."""
    x, y, z = at
    body = Body(
        number, f"{number:022d}", "IfcColumn", "C400", f"Column {number}", "L1", (x, y, z, x + 0.4, y + 0.4, z + 3.0),
        (1, 0, 0, x, 0, 1, 0, y, 0, 0, 1, z), "", 5.12, 0.48, "facts",
    )  # fmt: skip
    return replace(body, **changes)  # type: ignore[arg-type]


def grid(count: int) -> list[Body]:
    """Return columns on an uneven grid, so that no two have the same surroundings."""
    return [column(n, (6.0 * (n % 5) + 0.01 * n * n, 7.0 * (n // 5), 0.0)) for n in range(count)]


def reissued(bodies: list[Body]) -> list[Body]:
    return [replace(body, global_id=f"X{body.index:021d}") for body in bodies]


def test_a_revision_without_changes_keeps_every_element() -> None:
    result = compare(Snapshot(grid(10)), Snapshot(grid(10)))
    assert result.counts == {"added": 0, "removed": 0, "moved": 0, "reshaped": 0, "properties": 0, "kept": 10}
    assert result.changes == [] and result.shift is None


def test_each_kind_of_change_is_counted_once() -> None:
    old = grid(10)
    new = [*old[:5], column(20, (99, 0, 0))]
    new[0] = column(0, (0.0, 0.25, 0.0))
    new[1] = replace(old[1], box=(*old[1].box[:5], 4.0), volume_m3=0.64, area_m2=6.72)  # type: ignore[index]
    new[2] = replace(old[2], facts_key="other")
    result = compare(Snapshot(old), Snapshot(new))
    assert result.counts == {"added": 1, "removed": 5, "moved": 1, "reshaped": 1, "properties": 1, "kept": 2}
    details = {change.kind: change.detail for change in result.changes}
    assert details["moved"] == {"moved_m": 0.25}
    assert details["reshaped"] == {"shape": [[0.4, 0.4, 3.0], [0.4, 0.4, 4.0]]}
    assert details["properties"] == {"facts": True}


def test_new_global_ids_alone_are_no_change_and_pair_with_full_confidence() -> None:
    old = grid(12)
    result = compare(Snapshot(old), Snapshot(reissued(old)[::-1]))
    assert result.counts["kept"] == 12
    assert {pair.old: old[pair.old].index for pair in result.pairs.values()} == {n: n for n in range(12)}
    assert all(11 - pair.new == pair.old and pair.confidence == 1.0 for pair in result.pairs.values())


def test_a_renamed_element_with_a_new_global_id_is_followed_at_nine_tenths() -> None:
    old = grid(12)
    new = reissued(old)
    new[3] = replace(new[3], name="K-3")
    pair = compare(Snapshot(old), Snapshot(new)).pairs[3]
    assert (pair.new, pair.confidence, pair.is_sure) == (3, pytest.approx(0.9), True)


def test_a_moved_element_with_a_new_global_id_waits_for_review() -> None:
    old = grid(12)
    new = reissued(old)
    new[3] = replace(new[3], box=column(3, (18.09, 1.5, 0.0)).box, placement=column(3, (18.09, 1.5, 0.0)).placement)
    result = compare(Snapshot(old), Snapshot(new))
    assert 3 not in result.pairs and [one.new for one in result.candidates[3]] == [3]
    verdict = decide(None, result.candidates[3])
    assert verdict.outcome == "queued" and 0.6 < verdict.confidence < 0.9


def test_a_deleted_element_among_equals_with_new_global_ids_is_gone() -> None:
    old = grid(12)
    new = [body for body in reissued(old) if body.index != 7]
    result = compare(Snapshot(old), Snapshot(new))
    assert len(result.pairs) == 11 and 7 not in result.pairs and 7 not in result.candidates
    assert decide(None, []).outcome == "gone"


def test_two_equal_elements_in_one_place_are_never_told_apart_by_guess() -> None:
    old = [*grid(6), column(50, (50, 0, 0), name="Twin"), column(51, (50, 0, 0), name="Twin")]
    result = compare(Snapshot(old), Snapshot(reissued(old)))
    assert set(result.pairs) == set(range(6))
    assert [one.confidence for one in result.candidates[6]] == [1.0, 1.0]


def test_a_global_id_that_names_another_thing_is_not_that_thing() -> None:
    old = grid(4)
    new = [*old[:3], replace(old[3], ifc_class="IfcDoor", name="Door", box=(80.0, 80, 0, 81, 80.1, 2))]
    result = compare(Snapshot(old), Snapshot(new))
    assert (result.counts["added"], result.counts["removed"]) == (1, 1)


def test_a_new_base_point_of_the_model_moves_no_element_on_its_own() -> None:
    old = grid(12)
    new = []
    for body in reissued(old):
        x, y, z = body.box[:3]  # type: ignore[index]
        there = column(0, (x + 1000.0, y - 250.5, z))
        new.append(replace(body, box=there.box, placement=there.placement))
    result = compare(Snapshot(old), Snapshot(new))
    assert result.counts["kept"] == 12
    assert result.shift == pytest.approx((1000.0, -250.5, 0.0), abs=1e-6)


def test_a_turned_placement_tells_the_motion_where_the_shape_is_the_same() -> None:
    old = column(1, shape_key="k")
    new = replace(old, placement=(0, -1, 0, 5, 1, 0, 0, 0, 0, 0, 1, 0), box=(4.6, 0, 0, 5, 0.4, 3))
    motion = rigid_motion(old, new)
    assert motion is not None
    assert motion @ [0.4, 0.0, 1.0, 1.0] == pytest.approx([5.0, 0.4, 1.0, 1.0])


def test_keys_of_another_kind_do_not_make_a_shape_another_one() -> None:
    old = [replace(body, shape_key=f"{number:032x}") for number, body in enumerate(grid(12))]
    same = [replace(body, shape_key=f"file-v1:{number}") for number, body in enumerate(grid(12))]
    result = compare(Snapshot(old), Snapshot(reissued(same)))
    assert (result.counts["kept"], result.counts["reshaped"]) == (12, 0)
    grown = [replace(same[0], box=(*same[0].box[:5], same[0].box[5] + 1.0)), *same[1:]]  # type: ignore[index]
    assert compare(Snapshot(old), Snapshot(grown)).counts["reshaped"] == 1
    other = [replace(body, shape_key=f"file-v1:another {number}") for number, body in enumerate(same)]
    assert compare(Snapshot(same), Snapshot(other)).counts["reshaped"] == 12


def test_an_element_that_grew_at_one_end_stays_at_the_other() -> None:
    old = replace(column(1), placement=None)
    assert rigid_motion(old, replace(old, box=(0, 0, 0, 0.4, 0.4, 4.0))) is None


def test_an_anchor_on_the_cut_off_half_of_a_wall_waits_with_that_half_first() -> None:
    wall = replace(column(1), ifc_class="IfcWall", box=(0, 0, 0, 10, 0.2, 3))
    left, right = replace(wall, box=(0, 0, 0, 5, 0.2, 3)), replace(wall, index=2, box=(5, 0, 0, 10, 0.2, 3))
    assert still_on(np.array([8.0, 0.1, 1.0]), wall, left, [right]) == [right]
    assert still_on(np.array([2.0, 0.1, 1.0]), wall, left, [right]) is None
    assert still_on(np.array([8.0, 0.1, 1.0]), wall, left, []) is None


@pytest.mark.parametrize(("confidence", "margin", "sure"), [(0.9, 0.05, True), (0.9, 0.04, False), (0.89, 1.0, False)])
def test_only_a_confident_pair_with_a_clear_lead_is_sure(confidence: float, margin: float, sure: bool) -> None:
    assert Pair(0, 0, confidence, margin, by_global_id=False).is_sure is sure


PLACES = [
    Candidate(50, "IfcMapConversion", "projected", "EPSG:4547",
              (0.866, -0.5, 0, 465_661.65, 0.5, 0.866, 0, 3_846_545.19, 0, 0, 1, 110.5, 0, 0, 0, 1)),
    Candidate(20, "IfcSite", "geographic", lon_deg=113.625, lat_deg=34.7466),
]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(PLACES), st.tuples(*[st.floats(-800, 800)] * 2, st.floats(-20, 200)))
def test_project_metres_come_back_from_earth_within_a_tenth_of_a_millimetre(
    place: Candidate, point: tuple[float, float, float]
) -> None:
    points = np.array([point])
    assert np.abs(from_geodetic(place, to_geodetic(place, points)) - points).max() < 1e-4


def test_what_did_not_move_is_bit_for_bit_where_it_was() -> None:
    points = np.array([[113.6251234567891, 34.74661234567891, 112.3]])
    assert carry(points, PLACES[0], None, PLACES[0]) is points


@settings(max_examples=40, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(4, 30))
def test_every_old_element_is_kept_changed_or_removed_and_every_new_one_has_one_origin(
    chance: object, count: int
) -> None:
    old = grid(count)
    new = [body for body in reissued(old) if chance.random() > 0.3]  # type: ignore[attr-defined]
    chance.shuffle(new)  # type: ignore[attr-defined]
    result = compare(Snapshot(old), Snapshot(new))
    counts = result.counts
    paired = len(result.pairs)
    assert len({pair.new for pair in result.pairs.values()}) == paired
    assert counts["removed"] + paired == count and counts["added"] + paired == len(new)
    assert all(old[pair.old].index == new[pair.new].index for pair in result.pairs.values())


def test_sixty_seven_thousand_elements_with_new_global_ids_pair_in_seconds() -> None:
    old = [column(n, (3.0 * (n % 300), 4.0 * (n // 300), 0.0)) for n in range(67_000)]
    started = time.process_time()
    result = compare(Snapshot(old), Snapshot(reissued(old)))
    assert result.counts["kept"] == 67_000
    assert time.process_time() - started < 20
