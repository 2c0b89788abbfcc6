"""Conditions on readings: exact numbers of the spec, laws under any order, and a brute-force oracle."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.alarms.catalogue import ConditionRefused, condition_of, conditions_of_rules, faults_of, period_of
from spatial.alarms.conditions import (
    REACHES,
    Again,
    Condition,
    Period,
    Step,
    StreamFacts,
    applies,
    blank_state,
    clear_by_hand,
    evaluate,
    follow,
    measured,
    state_json,
    state_of_json,
)
from spatial.alarms.rules import LEVELS

START = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
SHANGHAI = ZoneInfo("Asia/Shanghai")
FACTS = StreamFacts(None, None, timedelta(seconds=120), SHANGHAI)
ALL = conditions_of_rules({"TC-01", "TC-02", "TC-03", "G-01", "K-01", "F-02", "N-01", "W-01", "D-01", "P-17", "M-01"})


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def told(key, rows, facts=FACTS, cleared=()):
    """The alarms as (levels, seconds of start, seconds of end)."""
    readings = [(at(seconds), value) for seconds, value in rows]
    found = evaluate(ALL[key], facts, readings, [at(seconds) for seconds in cleared])
    return [
        (
            [change.level for change in row.changes],
            (row.started_at - START).total_seconds(),
            (row.ended_at - START).total_seconds() if row.ended_at else None,
        )
        for row in found
    ]


def test_a_crane_load_rises_through_its_levels_and_clears_below_85_per_cent():
    rows = [(0, 80), (1, 91), (2, 91), (3, 101), (4, 101), (5, 111), (6, 111), (7, 95), (8, 95), (9, 84), (10, 84)]
    assert told("TC-02/ratio", rows) == [(["yellow", "orange", "red", "yellow"], 2, 9)]


def test_exactly_100_per_cent_is_not_yet_over_100():
    assert told("TC-02/ratio", [(0, 100), (1, 100), (2, 100)]) == [(["yellow"], 1, None)]


def test_wind_must_hold_for_60_s_and_clears_after_10_min_below_limit_minus_one():
    gusts = [(0, 11), (30, 11), (59, 11), (60, 7), (90, 11), (120, 11), (149, 11)]
    assert told("TC-03/working", gusts) == []
    rows = [(second, 11.0) for second in range(0, 120, 30)] + [(second, 7.9) for second in range(120, 780, 60)]
    assert told("TC-03/working", rows) == [(["orange"], 60, 720)]


def test_a_silence_breaks_the_time_that_a_limit_must_hold():
    assert told("TC-03/working", [(0, 11), (200, 11), (259, 11)]) == []
    assert told("TC-03/working", [(0, 11), (200, 11), (260, 11)]) == [(["orange"], 260, None)]


def test_oxygen_is_watched_at_both_ends():
    assert told("G-01/low", [(0, 20.9), (10, 19.4), (15, 19.4)]) == [(["red"], 15, None)]
    assert told("G-01/high", [(0, 20.9), (10, 23.6), (15, 23.6)]) == [(["red"], 15, None)]


def test_pit_monitoring_steps_at_70_85_and_100_per_cent_of_its_limit_and_only_people_clear_it():
    facts = StreamFacts(30.0, 3.0, timedelta(days=1), SHANGHAI)
    hours = [(3600 * n, value) for n, value in enumerate([20.9, -21, 25.5, 30, 5])]
    assert told("K-01/wall_top_displacement", hours, facts) == [(["yellow", "orange", "red"], 3600, None)]
    assert told("K-01/wall_top_displacement", hours, facts, cleared=[3600 * 5]) == [
        (["yellow", "orange", "red"], 3600, 3600 * 5)
    ]


def test_a_rate_needs_a_day_and_three_days_running_need_three():
    facts = StreamFacts(30.0, 3.0, timedelta(days=2), SHANGHAI)
    daily = [(86_400 * day, 2.2 * day) for day in range(4)]  # 2.2 mm a day is 73 per cent of 3
    key = "K-01/wall_top_displacement"
    assert told(f"{key}/rate", daily[:1], facts) == []
    assert told(f"{key}/rate", daily, facts) == [(["yellow"], 86_400, None)]
    assert told(f"{key}/three_days", daily[:3], facts) == []
    assert told(f"{key}/three_days", daily, facts) == [(["red"], 3 * 86_400, None)]


def test_an_axial_force_of_one_and_a_half_times_the_last_three_is_red():
    assert told("F-02/jump", [(0, 10), (60, 10), (120, 10), (180, 14.9)]) == []
    assert told("F-02/jump", [(0, 10), (60, 10), (120, 10), (180, 15)]) == [(["red"], 180, None)]


def test_noise_has_one_limit_by_day_and_another_by_night():
    minutes = [(60 * n, 60.0) for n in range(30)]
    assert told("N-01/day", minutes) == [] and told("N-01/night", minutes) == []
    night = [(50_400 + 60 * n, 60.0) for n in range(30)]  # from 23:00 on
    assert told("N-01/night", night) == [(["yellow"], 50_400 + 600, None)]
    morning = [*night, (50_400 + 7 * 3600, 60.0)]  # 06:00: the night is over
    assert told("N-01/night", morning) == [(["yellow"], 50_400 + 600, 50_400 + 7 * 3600)]


def test_the_ten_minute_mean_decides_on_stopping_work_not_a_gust():
    rows = [(30 * n, 17.0 if n == 10 else 5.0) for n in range(40)]
    assert told("W-01/mean", rows) == []
    assert told("W-01/gust", [(0, 17.2)]) == [(["red"], 0, None)]


def test_the_second_dust_alarm_of_a_day_is_orange():
    def hours(first, last, value):
        return [(60 * n, value) for n in range(first * 60, last * 60)]

    rows = hours(0, 4, 200.0) + hours(4, 7, 50.0) + hours(7, 11, 200.0) + hours(11, 12, 50.0)
    found = told("D-01/hour", rows)
    assert [row[0] for row in found] == [["yellow"], ["orange"]]


def test_heat_lasts_until_the_next_day():
    day = [(0, 36.0), (3600, 30.0), (36_000, 30.0)]
    assert told("P-17/heat", day) == [(["yellow"], 0, None)]
    assert told("P-17/heat", [*day, (60_000, 29.0)]) == [(["yellow"], 0, 60_000)]


def test_a_condition_without_the_limit_it_refers_to_looks_at_nothing():
    condition = ALL["K-01/wall_top_displacement"]
    assert not applies(condition, "wall_top_displacement", "sensor", FACTS)
    assert applies(condition, "wall_top_displacement", "sensor", StreamFacts(30.0, None, timedelta(1), SHANGHAI))
    assert not applies(ALL["TC-03/working"], "wind_speed", "sensor", FACTS)


def test_who_clears_by_hand_hears_of_it_again_only_after_the_limit_was_left_or_a_higher_one_is_reached():
    facts = StreamFacts(30.0, 3.0, timedelta(days=1), SHANGHAI)
    key, hour = "K-01/wall_top_displacement", 3600
    stays = [(0, 22), (hour, 23), (2 * hour, 23)]
    assert told(key, stays, facts, cleared=[hour / 2]) == [(["yellow"], 0, hour / 2)]
    higher = [*stays, (3 * hour, 26)]
    assert told(key, higher, facts, cleared=[hour / 2])[1] == (["orange"], 3 * hour, None)
    again = [*stays, (3 * hour, 20), (4 * hour, 22)]
    assert told(key, again, facts, cleared=[hour / 2])[1] == (["yellow"], 4 * hour, None)


@pytest.mark.parametrize(
    ("period", "inside", "outside"),
    [
        (period_of({"start": "06:00", "end": "22:00"}), (6, 0), (22, 0)),
        (period_of({"start": "22:00", "end": "06:00"}), (5, 59), (6, 0)),
        (period_of({"start": "08:00", "end": "12:00", "days": [6]}), (8, 0), (12, 0)),  # 1 March 2026 is a Sunday
        (period_of({"start": "22:00", "end": "06:00", "days": [5]}), (0, 30), (23, 0)),  # Saturday's night
    ],
)
def test_a_period_begins_at_its_start_and_ends_before_its_end(period: Period, inside, outside):
    day = datetime(2026, 3, 1, tzinfo=SHANGHAI)
    assert period.holds(day.replace(hour=inside[0], minute=inside[1]))
    assert not period.holds(day.replace(hour=outside[0], minute=outside[1]))


def test_a_condition_that_contradicts_itself_is_refused_with_its_field():
    row = {
        "key": "X/x", "rule": "X", "quantity": "co", "aggregate": "value", "basis": "value", "absolute": False,
        "steps": [{"level": "yellow", "operator": ">=", "limit": 20}, {"level": "red", "operator": ">=", "limit": 10}],
        "clearing": "limit", "clear_limit": 25, "clear_hold_s": 0, "periods": [], "device_kinds": [], "enabled": True,
    }  # fmt: skip
    with pytest.raises(ConditionRefused) as refused:
        condition_of(row)
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [
        ("limit_red", "not_beyond"),
        ("clear_limit", "clear_beyond_limit"),
    ]


def test_every_condition_of_the_data_file_is_sound():
    import json
    from pathlib import Path

    rules = json.loads(Path("spatial/rulebook/data/alarm_rules.json").read_text(encoding="utf-8"))["rules"]
    found = conditions_of_rules(rule["id"] for rule in rules)
    assert len(found) == 100
    assert all(faults_of(condition) == [] for condition in found.values())


CONDITIONS = st.builds(
    lambda up, first, gap, holds, offset, clear_hold, clearing, again: Condition(
        key="T/t",
        rule="T",
        quantity="co",
        steps=tuple(
            Step(level, ">=" if up else "<", (first + n * gap) * (1 if up else -1), hold)
            for n, (level, hold) in enumerate(zip(("yellow", "orange", "red"), holds, strict=True))
        ),
        clear_limit=(first - offset) * (1 if up else -1),
        clear_hold_s=clear_hold,
        clearing=clearing,
        again=again,
    ),
    st.booleans(),
    st.integers(2, 4),
    st.integers(1, 2),
    st.tuples(*[st.sampled_from([0, 10, 60])] * 3),
    st.integers(0, 2),
    st.sampled_from([0, 30]),
    st.sampled_from(["limit", "limit", "hand", "next_day"]),
    st.sampled_from([None, Again(2, "orange")]),
)
READINGS = st.lists(
    st.tuples(st.integers(0, 60).map(lambda n: at(n * 10)), st.integers(-9, 9).map(float)), min_size=1, max_size=25
)


def brute_force(condition: Condition, readings) -> list[tuple[datetime, str | None]]:
    """Each step on its own, each moment by looking back over all readings since the last switch: no memory."""
    ordered = sorted(set(readings))
    states = []
    for step in condition.steps:
        on, marks, begin = False, [], 0
        for index, (time, _) in enumerate(ordered):
            test, hold = REACHES[step.operator], step.hold_s
            limit = condition.clear_limit_of(step) if on else step.limit
            over = (
                condition.clearing == "next_day"
                and on
                and time.astimezone(SHANGHAI).date() > ordered[begin - 1][0].astimezone(SHANGHAI).date()
            )
            speaks = []
            for back in range(index, begin - 1, -1):
                good = test(ordered[back][1], limit) != on and (not on or condition.clearing == "limit")
                if not good or (back < index and ordered[back + 1][0] - ordered[back][0] > FACTS.silent_after):
                    break
                speaks.append(ordered[back][0])
            if over or (speaks and time - speaks[-1] >= timedelta(seconds=hold if not on else condition.clear_hold_s)):
                on, begin = not on, index + 1
            marks.append(on)
        states.append(marks)
    found: list[tuple[datetime, str | None]] = []
    level = None
    for index, (time, _) in enumerate(ordered):
        on = [step.level for step, marks in zip(condition.steps, states, strict=True) if marks[index]]
        now = max(on, key=LEVELS.index) if on else None
        if now != level:
            found.append((time, now))
            level = now
    return found


@settings(max_examples=400, deadline=None)
@given(CONDITIONS, READINGS)
def test_the_evaluator_agrees_with_looking_back_over_all_readings(condition: Condition, readings):
    plain = Condition(**{**{f: getattr(condition, f) for f in condition.__slots__}, "again": None})
    if plain.clearing == "next_day":
        plain = Condition(**{**{f: getattr(plain, f) for f in plain.__slots__}, "clearing": "hand"})
    ordered = sorted(set(readings))
    changes = follow(plain, FACTS, blank_state(plain), measured(plain, FACTS, ordered))[1]
    assert [(change.time, change.level) for change in changes] == brute_force(plain, readings)


@settings(max_examples=300, deadline=None)
@given(CONDITIONS, READINGS, st.randoms(use_true_random=False))
def test_any_order_and_any_doubles_of_the_readings_give_the_same_alarms(condition, readings, random):
    shuffled = [*readings, *random.sample(readings, len(readings) // 2)]
    random.shuffle(shuffled)
    assert evaluate(condition, FACTS, shuffled) == evaluate(condition, FACTS, readings)


@settings(max_examples=300, deadline=None)
@given(CONDITIONS, READINGS, st.integers(0, 25), st.lists(st.integers(0, 600), max_size=2))
def test_a_memory_that_was_stored_in_between_makes_no_difference(condition, readings, cut, hands):
    ordered = sorted(set(readings))
    values = measured(condition, FACTS, ordered)
    hands = [at(second) for second in hands]
    whole = follow(condition, FACTS, blank_state(condition), values, hands)[1]
    first, before = follow(condition, FACTS, blank_state(condition), values[:cut], [])
    kept = state_of_json(condition, state_json(first))
    assert kept == first
    later = [moment for moment in hands if not values[:cut] or moment >= values[:cut][-1][0]]
    if later == hands:
        after = follow(condition, FACTS, kept, values[cut:], hands)[1]
        assert [*before, *after] == whole


@settings(max_examples=200, deadline=None)
@given(CONDITIONS, READINGS)
def test_levels_rise_from_nothing_end_in_order_and_what_is_off_has_left_its_clear_limit(condition, readings):
    found = evaluate(condition, FACTS, readings)
    for before, after in pairwise(found):
        assert before.ended_at is not None and before.ended_at <= after.started_at
    for episode in found:
        times = [change.time for change in episode.changes]
        assert times == sorted(times)
        assert episode.ended_at is None or episode.ended_at >= times[-1]
        assert all(math.isfinite(change.value or 0.0) for change in episode.changes)


def test_clearing_by_hand_mutes_only_what_is_on():
    condition = ALL["TC-02/ratio"]
    state, _ = follow(condition, FACTS, blank_state(condition), [(at(0), 95.0), (at(1), 95.0)])
    muted = clear_by_hand(state)
    assert [switch.muted for switch in muted.switches] == [True, False, False]
