"""Periods by the site's calendar, and the order of a walk."""

from __future__ import annotations

import itertools
import math
import random
from datetime import UTC, datetime

import pytest

from spatial.patrols.rules import Calendar, may_patrol, periods_of, shortest_tour, tour_length

SHANGHAI = Calendar("Asia/Shanghai", ["07:00", "19:00"])


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("period", "moment", "start", "end"),
    [
        ("shift", utc(2026, 12, 1, 2), utc(2026, 11, 30, 23), utc(2026, 12, 1, 11)),  # 10:00: from 07:00 to 19:00
        ("shift", utc(2026, 12, 1, 11), utc(2026, 12, 1, 11), utc(2026, 12, 1, 23)),  # 19:00 is the night shift's
        ("shift", utc(2026, 12, 1, 20), utc(2026, 12, 1, 11), utc(2026, 12, 1, 23)),  # 04:00 too
        ("day", utc(2026, 12, 1, 15, 59), utc(2026, 11, 30, 16), utc(2026, 12, 1, 16)),  # 23:59
        ("day", utc(2026, 12, 1, 16), utc(2026, 12, 1, 16), utc(2026, 12, 2, 16)),  # midnight
        ("week", utc(2026, 12, 6, 15), utc(2026, 11, 29, 16), utc(2026, 12, 6, 16)),  # Sunday, 23:00
        ("month", utc(2026, 12, 31, 15), utc(2026, 11, 30, 16), utc(2026, 12, 31, 16)),
    ],
)
def test_a_period_is_that_of_the_sites_time_zone(period, moment, start, end):
    window = SHANGHAI.window(period, moment)
    assert (window.start, window.end) == (start, end)
    assert SHANGHAI.next_window(period, window).start == end


def test_a_day_of_the_clock_change_is_a_day_there():
    calendar = Calendar("Europe/Berlin", ["07:00", "19:00"])
    spring = calendar.window("day", utc(2026, 3, 29, 10))
    assert (spring.start, spring.end) == (utc(2026, 3, 28, 23), utc(2026, 3, 29, 22))


def test_missed_is_one_whole_period_after_due():
    assert SHANGHAI.missed_from("day", utc(2026, 12, 1, 16)) == utc(2026, 12, 2, 16)
    assert SHANGHAI.missed_from("month", utc(2026, 11, 30, 16)) == utc(2026, 12, 31, 16)  # December has 31 days
    assert SHANGHAI.ends_between("day", utc(2026, 12, 1, 16), utc(2026, 12, 4, 15)) == 3
    assert SHANGHAI.ends_between("day", utc(2026, 12, 1, 16), utc(2026, 12, 1, 15)) == 0


def test_an_unknown_period_is_refused():
    with pytest.raises(ValueError, match="shift, day, week, month"):
        SHANGHAI.window("year", utc(2026, 12, 1))


def test_stops_on_a_line_are_walked_in_order():
    points = [(0.0, 0.0, 0.0), (30.0, 0.0, 0.0), (10.0, 0.0, 0.0), (20.0, 0.0, 0.0)]
    assert shortest_tour(points) == [0, 2, 3, 1]
    assert shortest_tour(points, start=(40.0, 0.0, 0.0)) == [1, 3, 2, 0]
    assert tour_length(points, [0, 2, 3, 1]) == 30.0
    assert shortest_tour([]) == []


def test_floors_are_finished_before_the_next_is_climbed():
    low = [(x, 0.0, 0.0) for x in (0.0, 20.0, 40.0)]
    high = [(x, 0.0, 9.0) for x in (0.0, 20.0, 40.0)]
    assert shortest_tour([*low, *high]) == [0, 1, 2, 5, 4, 3]


def test_the_walk_is_close_to_the_shortest_on_random_stops():
    chance = random.Random(7)
    worst = 1.0
    for _ in range(60):
        points = [(chance.uniform(0, 100), chance.uniform(0, 100), 0.0) for _ in range(7)]
        order = shortest_tour(points)
        assert sorted(order) == list(range(7)) and order[0] == 0
        best = min(tour_length(points, (0, *rest)) for rest in itertools.permutations(range(1, 7)))
        worst = max(worst, tour_length(points, order) / best)
    assert worst < 1.25


def test_two_hundred_stops_get_a_walk_shorter_than_nearest_neighbour_alone():
    chance = random.Random(3)
    points = [(chance.uniform(0, 300), chance.uniform(0, 300), 0.0) for _ in range(200)]
    order, left = [0], set(range(1, 200))
    while left:
        order.append(min(left, key=lambda i: (math.dist(points[i], points[order[-1]]), i)))
        left.remove(order[-1])
    assert tour_length(points, shortest_tour(points)) < 0.95 * tour_length(points, order)


def test_who_is_above_may_do_the_patrol_of_who_is_below():
    assert may_patrol("team", {"worker"}) and may_patrol("post", {"site_safety"})
    assert not may_patrol("project", {"worker"})
    assert not may_patrol("company", {"project_manager", "site_safety"})
    assert may_patrol("project", {"enterprise_safety"})
    assert periods_of(3, {"by_grade": {"3": {"team": "day"}}}) == {"team": "day"}
    assert periods_of(1, {"by_grade": {}}) == {}
