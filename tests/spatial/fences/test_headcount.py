"""Too many persons in a zone (P-04) and one alone (P-05), from entries and exits alone."""

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

from spatial.fences.headcount import count_events, counts, crowding, solitude, stays

T0 = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
ANN, BEN, CEM = (UUID(int=n) for n in (1, 2, 3))


def at(second: float) -> datetime:
    return T0 + timedelta(seconds=second)


def marks(*rows):
    return [(person, person, at(second), kind) for person, second, kind in rows]


def told(rows, rule, until, since=-600.0, raised=False):
    events = count_events(stays(rows), rule, raised=raised, since=at(since), until=at(until))
    return [(event.kind, (event.at - T0).total_seconds(), event.device.int, event.count) for event in events]


def test_over_the_limit_for_thirty_seconds_and_below_it_for_sixty():
    rows = marks((ANN, 0, "entered"), (BEN, 10, "entered"), (CEM, 20, "entered"), (CEM, 100, "left"))
    assert told(rows, crowding(2), 49) == []
    assert told(rows, crowding(2), 50) == []
    assert told(rows, crowding(2), 51) == [("crowded", 50.0, 3, 3)]
    assert told(rows, crowding(2), 400) == [("crowded", 50.0, 3, 3), ("uncrowded", 160.0, 3, 2)]


def test_a_visit_of_twenty_nine_seconds_is_no_crowd_and_a_short_absence_does_not_clear_one():
    rows = marks((ANN, 0, "entered"), (BEN, 10, "entered"), (BEN, 39, "left"))
    assert told(rows, crowding(1), 900) == []
    rows = marks((ANN, 0, "entered"), (BEN, 0, "entered"), (BEN, 60, "left"), (BEN, 119, "entered"))
    assert told(rows, crowding(1), 900) == [("crowded", 30.0, 2, 2)]


def test_a_person_with_two_devices_counts_once():
    rows = [(ANN, BEN, at(0), "entered"), (ANN, CEM, at(5), "entered"), (ANN, CEM, at(9), "left")]
    assert [count for _, count, _ in counts(stays(rows))] == [1]
    assert told(rows, crowding(1), 900) == []


def test_one_alone_for_more_than_a_minute_until_somebody_comes_or_nobody_is_left():
    rows = marks((ANN, 0, "entered"), (BEN, 100, "entered"), (BEN, 130, "left"), (ANN, 150, "left"))
    assert told(rows, solitude(), 900) == [("alone", 60.0, 1, 1), ("accompanied", 100.0, 2, 2)]


def test_who_fell_silent_is_not_counted_until_heard_of_again():
    rows = marks((ANN, 0, "entered"), (BEN, 0, "entered"), (BEN, 20, "lost"), (BEN, 200, "found"))
    assert told(rows, crowding(1), 900) == [("crowded", 230.0, 2, 2)]


def test_judged_in_pieces_it_is_what_it_is_as_a_whole():
    rng = random.Random(3)
    for _ in range(200):
        rows = []
        for person in (ANN, BEN, CEM):
            second = 0.0
            for _ in range(rng.randint(0, 5)):
                second += rng.choice([1, 20, 29, 31, 59, 61, 90])
                rows += marks((person, second, "entered"))
                second += rng.choice([1, 20, 30, 60, 61, 90])
                rows += marks((person, second, "left"))
        for rule in (crowding(1), crowding(2), solitude()):
            whole = count_events(stays(rows), rule, raised=False, since=at(-600), until=at(900))
            cut = rng.uniform(0, 500)
            before = [event for event in whole if event.at <= at(cut)]
            raised = bool(before) and before[-1].kind == rule.raised
            rest = count_events(stays(rows), rule, raised=raised, since=at(cut), until=at(900))
            assert before + rest == whole
