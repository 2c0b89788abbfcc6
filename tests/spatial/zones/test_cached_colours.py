"""Remembered colours: computed once per version of a site's facts, and never shown when they are old."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.gis.geos import Point
from django.db import connection
from django.test.utils import CaptureQueriesContext

from spatial.places.operations import move_anchor
from spatial.risks.operations import close_risk_point
from spatial.rulebook.models import Edition
from spatial.zones.cached_colours import remembered_grades, rules_change_at, stale_sites
from spatial.zones.models import CachedColour, CachedSite, SiteVersion, Trigger
from spatial.zones.operations import end_triggers
from spatial.zones.queries import site_colours
from tests.spatial.conftest import LAT, LON, NOW
from tests.spatial.risks.test_operations import make_point
from tests.spatial.zones.test_history import HOUR, trigger

pytestmark = pytest.mark.django_db


def grade(cast, at) -> int:
    """Return the remembered grade, which must be that of the rule, with those of its points and zones."""
    found = remembered_grades([cast.site.pk], now=at)[cast.site.pk]
    colours = site_colours(cast.site, now=at)
    assert (found.grade, found.index) == (colours.grade, colours.site.index)
    kept = {row.object_id: (row.grade, row.index) for row in CachedColour.objects.all()}
    for key, colour in colours.risk_points.items():
        assert kept[key] == (colour.grade, None)
    for key, colour in colours.zones.items():
        assert kept[key] == (colour.grade, colour.index)
    return found.grade


def test_a_colour_is_computed_once_and_then_only_read(cast, zone_of_site):
    make_point(cast)
    assert grade(cast, NOW) == 3
    with CaptureQueriesContext(connection) as captured:
        found = remembered_grades([cast.site.pk], now=NOW + HOUR)
    assert (len(captured), found[cast.site.pk].point_counts) == (1, {3: 1})
    assert stale_sites([cast.site.pk], now=NOW + HOUR) == []


def test_every_kind_of_fact_makes_the_remembered_colour_old(cast, zone_of_site):
    point = make_point(cast)

    def changed_by(change) -> bool:
        grade(cast, NOW)
        change()
        return stale_sites([cast.site.pk], now=NOW) == [cast.site.pk]

    assert changed_by(lambda: make_point(cast, "R-02"))
    assert changed_by(lambda: trigger(cast, "ALARM_RED"))
    assert changed_by(lambda: end_triggers(source_kind="test", source_id="ALARM_RED", at=NOW))
    assert changed_by(lambda: Trigger.objects.all().delete())
    away = Point(LON + 0.003, LAT, 100.0, srid=4490)
    assert changed_by(lambda: move_anchor(anchor=point.anchor, geometry=away, actor=None, now=NOW))
    assert changed_by(lambda: type(zone_of_site).objects.update(active=False))
    assert changed_by(lambda: close_risk_point(point=point, reason="完工", actor=None, now=NOW))
    cast.site.region = None
    assert changed_by(cast.site.save)
    assert not changed_by(lambda: None)
    assert grade(cast, NOW) == 3


def test_time_alone_makes_it_old_at_the_moment_of_the_rule(cast, zone_of_site):
    trigger(cast, "HAZ_GENERAL_OVERDUE", starts_at=NOW + HOUR)
    trigger(cast, "ALARM_RED", starts_at=NOW - HOUR)
    end_triggers(source_kind="test", source_id="ALARM_RED", at=NOW)
    at, seen = NOW, []
    while at < NOW + 24 * HOUR:
        seen.append(((at - NOW) / HOUR, grade(cast, at)))
        at = CachedSite.objects.get().valid_until
    assert seen == [(0, 4), (0.5, 3), (1, 4), (1.5, 4), (2, 4)]


def test_a_version_counts_statements_not_rows_and_belongs_to_one_site(cast):
    before = SiteVersion.objects.get(site=cast.site).version
    trigger(cast, "ALARM_RED")
    trigger(cast, "ALARM_RED", source_id="2")
    assert SiteVersion.objects.get(site=cast.site).version == before + 2
    Trigger.objects.update(floor=3, known_from=NOW + timedelta(seconds=1))
    assert SiteVersion.objects.get(site=cast.site).version == before + 3


def test_a_negative_control_that_ignores_the_version_shows_an_old_colour(cast, monkeypatch):
    assert grade(cast, NOW) == 0
    monkeypatch.setattr("spatial.zones.cached_colours.FRESH", "true")
    trigger(cast, "ALARM_RED")
    assert remembered_grades([cast.site.pk], now=NOW)[cast.site.pk].grade == 0
    monkeypatch.undo()
    assert grade(cast, NOW) == 4


def test_rules_to_come_end_what_is_remembered_at_midnight_of_the_site(cast):
    later = NOW + timedelta(days=30)
    shanghai = ["Asia/Shanghai"]
    assert rules_change_at(later, shanghai) is None
    day = later.date() + timedelta(days=2)
    Edition.objects.create(pack="cn-other", version="1", valid_from=day, tables={}, sha256="0" * 64)
    midnight = datetime(2026, 12, 25, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert rules_change_at(later, shanghai) == midnight
    assert rules_change_at(later, ["UTC", *shanghai]) == midnight
    assert rules_change_at(midnight, ["UTC", *shanghai]) == midnight + timedelta(hours=8)
    remembered_grades([cast.site.pk], now=later)
    assert CachedSite.objects.get().valid_until == midnight


def test_what_changes_too_fast_to_be_remembered_is_computed_all_the_same(cast, zone_of_site, monkeypatch):
    make_point(cast)
    monkeypatch.setattr("spatial.zones.cached_colours.remember_colours", lambda *_args, **_kwargs: None)
    found = remembered_grades([cast.site.pk], now=NOW)[cast.site.pk]
    assert (found.grade, found.index, found.point_counts, found.valid_until) == (3, 15.0, {3: 1}, NOW)
    assert CachedSite.objects.count() == 0


def test_news_written_by_a_clock_ahead_of_the_readers_show_when_their_moment_comes(cast, zone_of_site):
    second = timedelta(seconds=1)
    trigger(cast, "ALARM_RED", starts_at=NOW, now=NOW + second)
    assert grade(cast, NOW) == 0
    assert CachedSite.objects.get().valid_until == NOW + second
    assert grade(cast, NOW + second) == 4
