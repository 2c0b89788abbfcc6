"""Certificates, briefings and shifts by the clock of the site."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from spatial.people.rules import (
    PermitWindow,
    PersonFacts,
    briefed_until,
    certificate_kinds,
    certificate_name,
    certificates_needed,
    end_of_day,
    expiry_level,
    last_ends,
    trade_name,
    trades,
)
from spatial.people.shift_rules import ShiftTimes, is_on_shift, span_at, spans

ZONE = "Asia/Shanghai"
SHANGHAI = ZoneInfo(ZONE)
DAY = ShiftTimes("白班", time(7), time(18), frozenset({1, 2, 3, 4, 5, 6}))
NIGHT = ShiftTimes("夜班", time(19), time(5), frozenset({1, 2, 3, 4, 5}))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def test_a_certificate_holds_through_its_last_day_of_the_site():
    until = end_of_day(date(2026, 3, 1), ZONE)
    facts = PersonFacts(uuid4(), "电工", certificates={"electrician": until})
    assert facts.holds("electrician", at("2026-03-01T23:59:59"))
    assert not facts.holds("electrician", at("2026-03-02T00:00"))
    assert not facts.holds("welder", at("2026-03-01T12:00"))


def test_certificates_that_follow_each_other_count_as_one_and_a_gap_ends_them():
    first = ("welder", at("2026-01-01T00:00"), at("2026-02-01T00:00"))
    second = ("welder", at("2026-02-01T00:00"), at("2026-03-01T00:00"))
    later = ("welder", at("2026-03-02T00:00"), at("2026-04-01T00:00"))
    assert last_ends([later, second, first], at("2026-01-15T00:00")) == {"welder": at("2026-03-01T00:00")}
    assert last_ends([first, second, later], at("2026-03-01T12:00")) == {}


def test_who_lacks_a_level_of_education_is_not_briefed():
    briefing = [(at("2026-03-01T00:00"), at("2026-03-02T00:00"))]
    moment = at("2026-03-01T08:00")
    assert briefed_until(["company", "project"], briefing, moment) is None
    assert briefed_until(["company", "project", "team"], briefing, moment) == at("2026-03-02T00:00")
    assert briefed_until(["company", "project", "team"], briefing, at("2026-03-02T00:00")) is None


def test_a_permit_covers_its_window_and_its_zone_only():
    zone = uuid4()
    window = PermitWindow(uuid4(), zone, "hot_work", at("2026-03-01T08:00"), at("2026-03-01T10:00"))
    facts = PersonFacts(uuid4(), "焊工", permits=(window,))
    assert facts.has_permit(zone, at("2026-03-01T08:00"), "hot_work")
    assert not facts.has_permit(zone, at("2026-03-01T10:00"))
    assert not facts.has_permit(uuid4(), at("2026-03-01T09:00"))
    assert not facts.has_permit(zone, at("2026-03-01T09:00"), "lifting")


def test_every_trade_names_certificates_of_the_table_and_says_where_it_is_from():
    assert trades()["建筑起重信号司索工"].zh == "信号司索工"
    assert certificates_needed("信号工") == ("signalman",)
    assert certificates_needed("养蜂人") == ()
    assert all(set(trade.needs) <= set(certificate_kinds()) for trade in trades().values())
    assert all(trade.mark in "ABC" and trade.source for trade in trades().values())


def test_trades_and_certificates_have_a_name_in_both_languages_and_those_not_listed_their_own():
    assert [trade_name("信号工", language) for language in ("zh", "en")] == ["信号工", "Signalman and rigger"]
    assert [trade_name("养蜂人", language) for language in ("zh", "en")] == ["养蜂人", "养蜂人"]
    assert [certificate_name("welder", language) for language in ("zh", "en")] == [
        "焊接与热切割作业",
        "Welding and thermal cutting",
    ]
    assert certificate_name("juggler", "zh") == certificate_name("juggler", "en") == "juggler"


@pytest.mark.parametrize(
    ("left", "level"), [(31, None), (30, "blue"), (15, "yellow"), (7, "orange"), (0, "orange"), (-1, "red")]
)
def test_expiry_is_announced_in_steps(left: int, level: str | None):
    today = date(2026, 3, 1)
    assert expiry_level(today + timedelta(days=left), today) == level


def test_a_night_shift_belongs_to_the_day_it_starts_on():
    span = span_at([DAY, NIGHT], at("2026-03-07T03:00"), ZONE)  # Saturday morning: the night of Friday
    assert span is not None
    assert (span.shift.name, span.day) == ("夜班", date(2026, 3, 6))
    assert span_at([DAY, NIGHT], at("2026-03-08T03:00"), ZONE) is None  # no night shift on Saturday
    assert span_at([DAY, NIGHT], at("2026-03-08T10:00"), ZONE) is None  # Sunday


def test_shift_ends_are_exclusive_with_the_minutes_allowed():
    exact = ShiftTimes("白班", time(7), time(18), early_min=0, late_min=30)
    assert not is_on_shift([exact], at("2026-03-02T06:59:59"), ZONE)
    assert is_on_shift([exact], at("2026-03-02T07:00"), ZONE)
    assert is_on_shift([exact], at("2026-03-02T18:29:59"), ZONE)
    assert not is_on_shift([exact], at("2026-03-02T18:30"), ZONE)
    assert is_on_shift([exact], datetime(2026, 3, 1, 23, 0, tzinfo=UTC), ZONE)


def test_who_has_no_shift_is_always_on_shift():
    assert is_on_shift([], at("2026-03-08T03:00"), ZONE)


def test_spans_of_a_week_are_in_order():
    found = spans([NIGHT, DAY], date(2026, 3, 2), date(2026, 3, 8), ZONE)
    assert len(found) == 11
    assert [span.shift.name for span in found[:3]] == ["白班", "夜班", "白班"]
