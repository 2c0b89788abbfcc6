"""The findings of a device follow from the set of its fixes: any order, duplicates and late ones included."""

import random
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.fences.replay import too_old
from spatial.fences.rules import DeviceState
from spatial.fences.zone_index import PlanFix
from tests.spatial.fences.arrivals import (
    PIT,
    T0,
    Keeper,
    final_events,
    outcome,
    random_trace,
    run,
    shuffled_messages,
)


@settings(max_examples=150, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 40))
def test_any_permutation_of_the_messages_of_a_trace_gives_the_same_events(rng, length):
    trace = random_trace(rng, length)
    wanted = final_events(trace)
    for _ in range(2):
        assert outcome(shuffled_messages(rng, trace)) == wanted


def test_without_running_again_the_order_would_matter():
    rng = random.Random(5)
    different = 0
    for _ in range(60):
        trace = random_trace(rng, 25)
        different += outcome(shuffled_messages(rng, trace), again=False) != final_events(trace)
    assert different > 30


def walk(*easts: float) -> list[PlanFix]:
    return [PlanFix(T0 + timedelta(seconds=n), east, 5.0, 91.0, 0.3) for n, east in enumerate(easts)]


def test_a_late_fix_between_two_brings_an_entry_that_nobody_had_seen():
    fixes = walk(-12, -6, 2, 3, -5, -12)
    keeper = Keeper()
    for message in (fixes[:3], fixes[4:], fixes[3:4]):
        keeper.take(tuple(message))
    assert {(kind, (at - T0).total_seconds()) for zone, kind, at in keeper.recorded if zone == PIT} == {
        ("entered", 3.0),
        ("left", 5.0),
    }
    assert keeper.withdrawn == set()


def test_a_late_fix_that_lies_outside_withdraws_the_entry_that_it_disproves():
    fixes = walk(-9, 2, -5, 3, -5, -6)
    keeper = Keeper()
    keeper.take((fixes[0], fixes[1], fixes[3]))
    assert {kind for zone, kind, _ in keeper.recorded if zone == PIT} == {"entered"}
    keeper.take((fixes[2],))
    assert {kind for zone, kind, _ in keeper.recorded if zone == PIT} == set()
    assert {kind for zone, kind, _ in keeper.withdrawn if zone == PIT} == {"entered"}


def test_of_fixes_of_one_moment_the_most_accurate_one_counts_whichever_comes_first():
    sharp, coarse = PlanFix(T0, 2.0, 5.0, 91.0, 0.3), PlanFix(T0, -90.0, 5.0, 91.0, 5.0)
    after = PlanFix(T0 + timedelta(seconds=1), 3.0, 5.0, 91.0, 0.3)
    for order in ((sharp, coarse, after), (coarse, after, sharp), (after, coarse, sharp)):
        keeper = Keeper()
        for fix in order:
            keeper.take((fix,))
        assert {kind for zone, kind, _ in keeper.recorded if zone == PIT} == {"entered"}


def test_what_is_older_than_a_day_before_the_newest_fix_is_not_judged():
    state = run(DeviceState(), walk(0, 1)).state
    assert too_old(state, PlanFix(T0 - timedelta(hours=24), 0, 0, 91, 1))
    assert not too_old(state, PlanFix(T0 - timedelta(hours=23), 0, 0, 91, 1))
