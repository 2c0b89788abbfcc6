"""The laws of the colour algebra, and agreement with the specification's oracle."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.zones.cases import _moment as moment
from spatial.zones.cases import point_fact, run_rule, trigger_fact
from spatial.zones.rules import KindUnknown, point_colour, read_table, residual, zone_colour

from . import oracle
from .case_strategies import point_cases, points, region_cases, triggers, zone_cases

DATA = Path(__file__).parents[3] / "spatial/rulebook/data/zone_triggers.json"
CONTENT = json.loads(DATA.read_text(encoding="utf-8"))
TABLE = read_table(CONTENT)
LATER = moment(400 * 86400)
ROWS = st.lists(triggers(), max_size=6)
SHOWN = points().filter(lambda point: point["state"] in ("active", "suspended"))


def facts(rows: list[dict]) -> list:
    return [trigger_fact(row, number) for number, row in enumerate(rows)]


def colour(point: dict, rows: list[dict], now: float):
    return point_colour(point_fact(point), facts(rows), TABLE, moment(now))


def by_oracle(case: dict) -> dict:
    if case["type"] == "region":
        grade, score = oracle.region(case["sites"])
        return {"grade": grade, "score": score}
    if case["type"] == "point":
        point, rows = case["point"], case["triggers"]
        current = oracle.current(point, rows, case["now"])
        return {"inherent": oracle.inherent(point), "residual": oracle.residual(point), "current": current}
    by_point, now = case["triggers_by_point"], case["now"]
    grade = oracle.zone(case["points"], by_point, case["zone_triggers"], now, case["children"])
    grades = [oracle.current(point, by_point[point["id"]], now) for point in case["points"]]
    return {"grade": grade, "index": oracle.zone_index(grades)}


@given(point_cases() | zone_cases() | region_cases())
@settings(max_examples=600, deadline=None)
def test_the_rule_agrees_with_the_oracle(case):
    answer, expected = run_rule(case, TABLE), by_oracle(case)
    assert {k: pytest.approx(v, abs=0.011 if k == "index" else 1e-9) for k, v in expected.items()} == answer


@given(SHOWN, ROWS, st.integers(0, 10**6), st.randoms())
@settings(max_examples=150, deadline=None)
def test_law_1_the_order_of_triggers_changes_nothing(point, rows, now, random):
    ordered = facts(rows)
    shuffled = list(ordered)
    random.shuffle(shuffled)
    answers = [point_colour(point_fact(point), way, TABLE, moment(now)) for way in (ordered, shuffled)]
    assert answers[0] == answers[1]


@given(SHOWN, ROWS, st.integers(0, 10**6))
@settings(max_examples=150, deadline=None)
def test_law_2_duplicate_triggers_change_nothing(point, rows, now):
    once = facts(rows)
    assert point_colour(point_fact(point), once + once, TABLE, moment(now)) == point_colour(
        point_fact(point), once, TABLE, moment(now)
    )


@given(SHOWN, ROWS, st.integers(0, 10**6))
@settings(max_examples=150, deadline=None)
def test_law_3_the_colour_lies_between_residual_and_red(point, rows, now):
    assert residual(point_fact(point)) <= colour(point, rows, now).grade <= 4


@given(SHOWN, ROWS, triggers(), st.integers(0, 10**6))
@settings(max_examples=150, deadline=None)
def test_law_4_adding_a_trigger_never_lowers(point, rows, more, now):
    assert colour(point, [*rows, more], now).grade >= colour(point, rows, now).grade


@given(SHOWN, ROWS)
@settings(max_examples=150, deadline=None)
def test_law_5_ended_and_faded_triggers_leave_the_residual_grade(point, rows):
    ended = [row | {"end": row["end"] or row["start"]} for row in rows]
    answer = point_colour(point_fact(point), facts(ended), TABLE, LATER)
    assert answer.grade == residual(point_fact(point))
    assert answer.next_change_at is None


@given(SHOWN, ROWS, ROWS, st.integers(0, 6 * 86400), st.floats(0.001, 0.999))
@settings(max_examples=300, deadline=None)
def test_next_change_is_the_first_moment_at_which_time_alone_changes_colour_or_reasons(
    point, rows, zone_rows, now, share
):
    def seen(at):
        inner = point_colour(point_fact(point), facts(rows), TABLE, at)
        own = [trigger_fact(row, 100 + number) for number, row in enumerate(zone_rows)]
        return zone_colour([inner], own, [], TABLE, at)

    present = seen(moment(now))
    change = present.next_change_at
    if change is None:
        assert (seen(LATER).grade, seen(LATER).reasons) == (present.grade, present.reasons)
        return
    assert change > moment(now)
    between = moment(now) + share * (change - moment(now))
    for at in (between, change - timedelta(microseconds=1)):
        if at < change:
            assert (seen(at).grade, seen(at).index, seen(at).reasons) == (
                present.grade,
                present.index,
                present.reasons,
            )
    after = seen(change)
    assert (after.grade, after.index, after.reasons) != (present.grade, present.index, present.reasons)


@given(SHOWN, ROWS, st.integers(0, 10**6))
@settings(max_examples=150, deadline=None)
def test_a_colour_never_stands_without_a_reason(point, rows, now):
    answer = colour(point, rows, now)
    assert bool(answer.grade) == bool(answer.reasons)
    assert max((reason.grade for reason in answer.reasons), default=0) == answer.grade


def test_a_deadline_reddens_at_its_instant_with_its_reason():
    row = {"kind": "HAZ_GENERAL_OVERDUE", "start": 60, "end": None}
    point = {"id": "p", "sources": [{"grade": 1}]}
    before, at = colour(point, [row], 59), colour(point, [row], 60)
    assert (before.grade, before.next_change_at) == (1, moment(60))
    assert (at.grade, at.next_change_at, at.reasons[0].kind, at.reasons[0].since) == (
        4,
        None,
        "HAZ_GENERAL_OVERDUE",
        moment(60),
    )


def test_a_cleared_red_alarm_fades_one_grade_each_thirty_minutes():
    row = {"kind": "ALARM_RED", "start": 0, "end": 100}
    point = {"id": "p", "sources": [{"grade": 1}]}
    seen, at = [], moment(100)
    while at is not None:
        answer = point_colour(point_fact(point), facts([row]), TABLE, at)
        seen.append(((at - moment(0)).total_seconds(), answer.grade))
        at = answer.next_change_at
    assert seen == [(100, 4), (1900, 3), (3700, 2), (5500, 1), (7300, 1)]


def test_an_unknown_kind_is_refused():
    with pytest.raises(KindUnknown, match="HAZ_UNHEARD"):
        colour({"id": "p", "sources": []}, [{"kind": "HAZ_UNHEARD", "start": 0}], 0)
