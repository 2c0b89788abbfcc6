"""The fence engine: when a person counts as inside a danger zone."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.fences.rules import DeviceState, FixUse, ZoneState, advance, decide
from spatial.fences.zone_index import FenceZone, PlanFix, ZoneIndex

PIT = UUID(int=1)
T0 = datetime(2026, 3, 1, tzinfo=UTC)
ZONE = FenceZone(PIT, shapely.box(0, 0, 10, 10), bottom_m=90.0, top_m=100.0)
INDEX = ZoneIndex([ZONE])


def fix(second: float, east: float, north: float = 5.0, height: float = 91.0, accuracy: float = 0.3) -> PlanFix:
    return PlanFix(T0 + timedelta(seconds=second), east, north, height, accuracy)


def run(fixes, state=None, index=INDEX, speed=12.0):
    return decide(state or DeviceState(), fixes, index, max_speed_m_s=speed)


def crossings(decision):
    return [(found.kind, (found.fix.fix_time - T0).total_seconds()) for found in decision.findings]


def test_two_fixes_inside_enter_at_the_second_and_two_outside_leave_at_the_second():
    walk = [fix(0, -5), fix(1, 5), fix(2, 6), fix(3, 7), fix(4, 15), fix(5, 16)]
    decision = run(walk)
    assert crossings(decision) == [("entered", 2.0), ("left", 5.0)]
    assert decision.state.zones == {}


def test_one_fix_inside_is_not_an_entry():
    assert crossings(run([fix(0, -5), fix(1, 1), fix(2, -5), fix(3, 1), fix(4, -5)])) == []


def test_between_leave_and_enter_probability_the_last_state_holds_and_a_run_is_broken():
    # at 0.8 m outside the edge P(inside) of a 3 m tag is 0.26; 1.5 m outside it is 0.11
    outside = [fix(0, -0.8, accuracy=3), fix(1, -0.8, accuracy=3), fix(2, -0.8, accuracy=3)]
    assert crossings(run(outside)) == []
    inside = [fix(0, 5, accuracy=3), fix(1, 5, accuracy=3)]
    lingering = [fix(2 + n, -0.8, accuracy=3) for n in range(5)]
    assert crossings(run(inside + lingering)) == [("entered", 1.0)]
    broken = [fix(2, -1.5, accuracy=3), fix(3, -0.8, accuracy=3), fix(4, -1.5, accuracy=3)]
    assert crossings(run(inside + broken)) == [("entered", 1.0)]
    assert crossings(run([*inside, *broken, fix(5, -1.5, accuracy=3)])) == [("entered", 1.0), ("left", 5.0)]


def test_a_narrow_ring_still_alarms_with_a_coarse_tag_only_when_half_its_probability_is_inside():
    ring = FenceZone(PIT, shapely.box(0, 0, 1.5, 200))
    narrow = ZoneIndex([ring])
    assert crossings(run([fix(0, 0.75, 100, accuracy=2), fix(1, 0.75, 100, accuracy=2)], index=narrow)) == [
        ("entered", 1.0)
    ]
    assert crossings(run([fix(0, 0.75, 100, accuracy=10), fix(1, 0.75, 100, accuracy=10)], index=narrow)) == []


@pytest.mark.parametrize(
    ("height", "inside"), [(89.4, False), (89.5, True), (91.7, True), (99.4, True), (99.5, False), (103.0, False)]
)
def test_a_person_on_another_level_is_not_in_the_pit(height, inside):
    decision = run([fix(0, 5, height=height), fix(1, 5, height=height)])
    assert bool(decision.findings) is inside


def test_storeys_one_above_the_other_never_share_a_person():
    low = FenceZone(UUID(int=1), shapely.box(0, 0, 9, 9), 100.0, 103.0)
    high = FenceZone(UUID(int=2), shapely.box(0, 0, 9, 9), 103.0, 106.0)
    index = ZoneIndex([low, high])
    for height, expected in ((102.4, 1), (102.6, 2), (103.0, 2), (103.4, 2)):
        assert list(index.closeness(fix(0, 5, height=height))) == [UUID(int=expected)]


def test_a_late_fix_changes_nothing():
    state = run([fix(0, -5), fix(10, 5)]).state
    late = run([fix(4, -5), fix(10, -5), fix(9, 5)], state)
    assert late.state == state
    assert [use for _, use in late.uses] == [FixUse.LATE] * 3
    assert late.findings == ()


def test_a_jump_no_walker_can_make_is_not_used():
    decision = run([fix(0, -5), fix(1, 5 + 100), fix(2, -4)])
    assert [use for _, use in decision.uses] == [FixUse.USED, FixUse.IMPLAUSIBLE, FixUse.USED]


def test_a_jump_within_both_accuracies_is_used_and_a_vehicle_may_jump():
    assert [use for _, use in run([fix(0, 0, accuracy=10), fix(1, 31, accuracy=10)]).uses] == [FixUse.USED] * 2
    assert [use for _, use in run([fix(0, 0), fix(1, 300)], speed=None).uses] == [FixUse.USED] * 2


def test_when_the_next_fix_agrees_with_a_doubted_one_the_old_place_was_wrong():
    decision = run([fix(0, 5000), fix(1, 4), fix(2, 5), fix(3, 6)])
    assert [use for _, use in decision.uses] == [
        FixUse.USED,
        FixUse.IMPLAUSIBLE,
        FixUse.USED,
        FixUse.USED,
    ]
    assert crossings(decision) == [("entered", 3.0)]


def test_a_device_inside_is_let_out_when_the_fence_is_taken_away():
    state = run([fix(0, 5), fix(1, 5)]).state
    assert crossings(run([fix(2, 5)], state, ZoneIndex([]))) == [("left", 2.0)]


def test_probability_exactly_at_the_thresholds_counts():
    state, kind = advance(ZoneState(run=1), 0.5, T0, ZONE)
    assert (state.inside, kind) == (True, "entered")
    state, kind = advance(ZoneState(inside=True, run=1), 0.2, T0, ZONE)
    assert (state.inside, kind) == (False, "left")


walks = st.lists(
    st.tuples(st.integers(0, 60), st.floats(-8, 18), st.floats(-8, 18), st.floats(88, 102), st.floats(0.1, 8)),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(walks, st.randoms())
def test_the_order_of_fixes_inside_a_batch_does_not_matter(walk, random):
    fixes = [PlanFix(T0 + timedelta(seconds=second), *rest) for second, *rest in walk]
    shuffled = fixes[:]
    random.shuffle(shuffled)
    assert run(fixes) == run(shuffled)


@settings(max_examples=60, deadline=None)
@given(walks)
def test_a_batch_said_twice_or_cut_in_two_gives_the_same_state_and_no_second_crossing(walk):
    fixes = sorted((PlanFix(T0 + timedelta(seconds=s), *rest) for s, *rest in walk), key=lambda f: f.fix_time)
    once = run(fixes)
    again = run(fixes, once.state)
    assert (again.state, again.findings) == (once.state, ())
    cut = len(fixes) // 2
    while 0 < cut < len(fixes) and fixes[cut].fix_time == fixes[cut - 1].fix_time:
        cut += 1
    first = run(fixes[:cut])
    second = run(fixes[cut:], first.state)
    assert second.state == once.state
    assert first.findings + second.findings == once.findings


@settings(max_examples=60, deadline=None)
@given(walks)
def test_entering_and_leaving_alternate(walk):
    kinds = [c.kind for c in run([PlanFix(T0 + timedelta(seconds=s), *rest) for s, *rest in walk]).findings]
    assert kinds == (["entered", "left"] * len(kinds))[: len(kinds)]
