"""The reasons of a colour as people read them."""

from dataclasses import dataclass
from datetime import UTC, datetime

from webmap.wording.reasons import without_repeats


@dataclass(frozen=True)
class Told:
    kind: str
    label: str
    grade: int
    source_kind: str
    source_id: str
    since: datetime


def at(minute: int) -> datetime:
    return datetime(2026, 11, 23, 10, minute, tzinfo=UTC)


def test_an_alarm_that_came_three_times_is_said_once_with_its_newest_time_and_tickets_are_all_said():
    first, second, third = (Told("ALARM_ORANGE", "田野 · 基坑", 3, "alarm", str(n), at(n)) for n in (1, 9, 5))
    other = Told("ALARM_ORANGE", "丁大江 · 吊装区", 3, "alarm", "4", at(2))
    tickets = [Told("HAZ_GENERAL_OPEN", "栏杆缺失", 2, "hazard", str(n), at(3)) for n in (7, 8)]
    assert without_repeats([first, other, second, third, *tickets]) == [second, other, *tickets]
