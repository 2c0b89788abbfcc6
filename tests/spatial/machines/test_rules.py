"""Levels, hold times and hysteresis of one rule, in event time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from spatial.machines.limits import limits
from spatial.machines.loads import ChartRefused, count_lift, load_use, rated_load_t, read_chart
from spatial.machines.rules import WatchState, advance, judge

RULES = limits().rules
T0 = datetime(2026, 11, 28, 4, 0, tzinfo=UTC)


def run(rule: str, series: list[tuple[float, dict]]) -> list[tuple[float, str, str]]:
    state, found = WatchState(), []
    for second, measures in series:
        state, change = advance(state, judge(RULES[rule], measures), T0 + timedelta(seconds=second), RULES[rule])
        if change is not None:
            found.append((second, change.kind, change.level))
    return found


@pytest.mark.parametrize(
    ("distance", "contact", "level"),
    [
        (5.01, None, None),
        (5.0, None, "yellow"),
        (30.0, 15.0, "yellow"),
        (30.0, 8.5, "yellow"),
        (30.0, 8.0, "orange"),
        (3.0, None, "orange"),
        (2.0, 15.0, "red"),
        (0.0, 0.0, "red"),
    ],
)
def test_the_level_of_a_pair_of_cranes(distance, contact, level):
    assert judge(RULES["TC-04"], {"distance_m": distance, "contact_s": contact}).level == level


def test_a_pair_clears_a_metre_beyond_its_limit_only():
    at = {"contact_s": None}
    series = [(0, {"distance_m": 4.9, **at}), (1, {"distance_m": 5.9, **at}), (2, {"distance_m": 6.1, **at})]
    assert run("TC-04", series) == [(0, "raised", "yellow"), (2, "cleared", "yellow")]


def test_a_pair_that_comes_nearer_gets_worse_and_stays_so_until_it_is_clear():
    at = {"contact_s": None}
    far = [(0, 4.0), (1, 2.9), (2, 1.9), (3, 4.0), (4, 7.0)]
    found = run("TC-04", [(second, {"distance_m": d, **at}) for second, d in far])
    assert found == [(0, "raised", "yellow"), (1, "worsened", "orange"), (2, "worsened", "red"), (4, "cleared", "red")]


def test_somebody_under_the_load_is_alarmed_after_two_seconds_and_cleared_after_five():
    inside = [(second, {"inside": 1.0}) for second in (0, 1, 2, 3)]
    outside = [(second, {"inside": 0.0}) for second in (4, 6, 8.9, 9)]
    assert run("P-15", inside + outside) == [(2, "raised", "orange"), (9, "cleared", "orange")]


def test_a_short_way_through_is_no_alarm_and_a_step_back_in_begins_the_five_seconds_anew():
    assert run("P-15", [(0, {"inside": 1.0}), (1.9, {"inside": 1.0}), (2.5, {"inside": 0.0})]) == []
    back = [(0, 1), (2, 1), (3, 0), (6, 1), (7, 0), (11.9, 0), (12, 0)]
    found = run("P-15", [(second, {"inside": float(value)}) for second, value in back])
    assert found == [(2, "raised", "orange"), (12, "cleared", "orange")]


def test_a_vertical_gap_is_red_below_two_metres_and_clear_from_two_and_a_half():
    series = [(0, 1.9), (1, 2.4), (2, 2.6)]
    found = run("TC-05", [(second, {"distance_m": gap}) for second, gap in series])
    assert found == [(0, "raised", "red"), (2, "cleared", "red")]
    assert run("TC-05", [(0, {"distance_m": 1.9}), (1, {"distance_m": None})])[-1] == (1, "cleared", "red")


CHART = read_chart([[3, 6.0], [15, 6.0], [30, 2.7], [50, 1.5]])


def test_rated_loads_lie_straight_between_the_rows_and_end_with_the_table():
    assert [rated_load_t(CHART, r) for r in (2, 15, 22.5, 50, 50.1)] == [6.0, 6.0, pytest.approx(4.35), 1.5, None]
    use = load_use(CHART, 30, 2.43)
    assert (use.load_percent, use.moment_percent) == (pytest.approx(40.5), pytest.approx(90.0))
    assert use.moment_tm == pytest.approx(72.9)
    assert load_use(CHART, 51, 1.0).moment_percent is None


@pytest.mark.parametrize("rows", [[[3, 6], [3, 5]], [[3, 5], [10, 6]], [[0, 5]], [[3]], [[3, "6"]]])
def test_a_table_of_rated_loads_that_cannot_be_is_refused_by_row(rows):
    with pytest.raises(ChartRefused, match="Row"):
        read_chart(rows)


def test_a_lift_is_counted_once_though_the_load_swings_about_the_threshold():
    loaded, lifts = False, 0
    for load in (0.0, 0.3, 0.18, 0.22, 0.05, 0.4, 0.0):
        loaded, began = count_lift(loaded, load, above_t=0.2)
        lifts += began
    assert lifts == 2
