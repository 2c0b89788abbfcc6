"""Windows, gas tests and passages of work permits."""

from datetime import UTC, datetime, timedelta

import pytest

from spatial.permits.rules import (
    GasTestTaken,
    Span,
    may_go_in,
    permit_kinds,
    shipped_limits,
    standing,
    stay_spans,
    still_inside,
)

START = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
GOOD = {"o2": 20.9, "lel": 0.0, "h2s": 0.0, "co": 3.0}


def minutes(count: float) -> datetime:
    return START + timedelta(minutes=count)


@pytest.mark.parametrize(
    ("gas", "value", "good"),
    [
        ("o2", 19.5, True), ("o2", 19.49, False), ("o2", 23.5, True), ("o2", 23.51, False),
        ("lel", 9.9, True), ("lel", 10, False), ("h2s", 9.9, True), ("h2s", 10, False),
        ("co", 19.9, True), ("co", 20, False),
    ],
)  # fmt: skip
def test_gas_limits_at_their_edges(gas: str, value: float, good: bool):
    assert shipped_limits().passed({**GOOD, gas: value}) is good


def test_a_gas_that_was_not_measured_does_not_pass():
    assert shipped_limits().passed(GOOD)
    assert not shipped_limits().passed({key: value for key, value in GOOD.items() if key != "h2s"})


def test_nobody_goes_in_on_a_test_older_than_thirty_minutes():
    tests = [GasTestTaken(START, True)]
    assert may_go_in(tests, minutes(30))
    assert not may_go_in(tests, minutes(30.1))
    assert not may_go_in([], START)
    assert not may_go_in([*tests, GasTestTaken(minutes(10), False)], minutes(20))


def test_a_confined_space_may_be_occupied_two_hours_after_each_good_test():
    kind = permit_kinds()["confined_space"]
    end = minutes(480)
    one = GasTestTaken(START, True)
    assert stay_spans(START, end, kind, []) == []
    assert stay_spans(START, end, kind, [one]) == [Span(START, minutes(120))]
    assert stay_spans(START, end, kind, [GasTestTaken(minutes(110), True), one]) == [Span(START, minutes(230))]
    late = GasTestTaken(minutes(150), True)
    assert stay_spans(START, end, kind, [one, late]) == [Span(START, minutes(120)), Span(minutes(150), minutes(270))]
    assert stay_spans(START, end, kind, [one, GasTestTaken(minutes(40), False)]) == [Span(START, minutes(40))]
    assert stay_spans(START, minutes(60), kind, [one]) == [Span(START, minutes(60))]


def test_other_permits_hold_for_their_whole_window():
    assert stay_spans(START, minutes(60), permit_kinds()["hot_work"], []) == [Span(START, minutes(60))]


def test_time_alone_expires_a_permit_but_not_a_closed_one():
    assert standing("running", START, minutes(60), minutes(59)) == "running"
    assert standing("running", START, minutes(60), minutes(60)) == "expired"
    assert standing("closed", START, minutes(60), minutes(90)) == "closed"


def test_who_went_in_and_did_not_come_out_is_inside():
    assert still_inside([("a", True), ("b", True), ("a", False), ("b", False), ("b", True)]) == {"b"}


def test_kinds_name_their_source_and_windows():
    kinds = permit_kinds()
    assert set(kinds) == {
        "hot_work", "confined_space", "lifting", "work_at_height", "excavation", "temporary_electricity"
    }  # fmt: skip
    assert shipped_limits().most["confined_space"] == timedelta(hours=8)
    assert all(kind.source and kind.mark in "ABC" and kind.measures for kind in kinds.values())
