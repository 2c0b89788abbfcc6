"""C-01: what is wrong with being in a confined space, to the second."""

from datetime import UTC, datetime, timedelta

import pytest

from spatial.permits.entry_rules import covering, entry_faults
from spatial.permits.rules import GasTestTaken, Span

START = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)


def minutes(count):
    return START + timedelta(minutes=count)


PERMIT = Span(minutes(0), minutes(240))


@pytest.mark.parametrize(
    ("entered", "at", "permit", "tests", "attendant", "expected"),
    [
        (10, 20, PERMIT, [(5, True)], 9.9, []),
        (10, 20, PERMIT, [(5, True)], 10.0, []),
        (10, 20, PERMIT, [(5, True)], 10.1, [("attendant_away", 20)]),
        (10, 20, PERMIT, [(5, True)], None, [("attendant_away", 20)]),
        (10, 20, None, [(5, True)], 1.0, [("no_permit", 10)]),
        (10, 239, PERMIT, [(200, True)], 1.0, []),
        (10, 240, PERMIT, [(200, True)], 1.0, [("no_permit", 240)]),  # it ended while somebody was inside
        (250, 260, PERMIT, [(250, True)], 1.0, [("no_permit", 250)]),
        (10, 20, PERMIT, [], 1.0, [("untested", 10)]),
        (35, 36, PERMIT, [(5, True)], 1.0, []),  # 30 min old at entry
        (35.1, 36, PERMIT, [(5, True)], 1.0, [("old_at_entry", 35.1)]),
        (35.1, 50, PERMIT, [(5, True), (45, True)], 1.0, []),  # tested anew since
        (10, 125, PERMIT, [(5, True)], 1.0, []),
        (10, 125.1, PERMIT, [(5, True)], 1.0, [("old", 125)]),
        (10, 60, PERMIT, [(5, True), (50, False)], 1.0, [("failed", 50)]),
        (10, 40, PERMIT, [(5, True), (50, False)], 1.0, []),  # what comes later says nothing of now
    ],
)  # fmt: skip
def test_what_is_wrong_and_since_when(entered, at, permit, tests, attendant, expected):
    taken = [GasTestTaken(minutes(when), passed) for when, passed in tests]
    found = entry_faults(minutes(entered), minutes(at), permit, taken, attendant)
    assert [(fault.code, (fault.since - START).total_seconds() / 60) for fault in found] == expected


def test_the_window_that_holds_else_the_last_one():
    two = [Span(minutes(0), minutes(60)), Span(minutes(50), minutes(120))]
    assert covering(two, minutes(55)) == two[1]
    assert covering(two, minutes(200)) == two[1]
    assert covering(two[1:], minutes(10)) is None
