"""Zones and triggers are written whole or not at all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.gis.geos import LineString, MultiPolygon, Polygon

from spatial.ledger.models import Act
from spatial.notices.models import Event
from spatial.rulebook.queries import current_edition
from spatial.zones.models import Trigger, Zone
from spatial.zones.operations import TriggerRefused, ZoneRefused, create_zone, end_triggers, start_trigger
from spatial.zones.queries import visible
from tests.spatial.conftest import NOW, square

pytestmark = pytest.mark.django_db
BOW_TIE = Polygon(((0, 0), (1, 1), (1, 0), (0, 1), (0, 0)), srid=4490)


def make(cast, **changes) -> Zone:
    fields = {
        "site": cast.site,
        "code": "z",
        "name": "区",
        "kind": "area",
        "outline": square(),
        "bottom_m": 0.0,
        "top_m": 5.0,
        "actor": cast.manager,
        "now": NOW,
    }
    return create_zone(**(fields | changes))


def trigger(cast, **changes) -> Trigger:
    fields = {
        "site": cast.site,
        "kind": "ALARM_RED",
        "starts_at": NOW,
        "source_kind": "alarm",
        "source_id": "1",
        "source_label": "闯入",
        "edition": current_edition(on=NOW.date()),
        "now": NOW,
    }
    return start_trigger(**(fields | changes))


def test_a_zone_is_written_with_its_act_and_told_to_open_pages(cast):
    zone = make(cast)
    assert Act.objects.get(verb="create_zone").subject_id == str(zone.pk)
    assert Event.objects.latest("id").payload == {"zone": str(zone.pk), "code": "z"}
    assert list(visible(cast.town)) == [zone]
    assert list(visible(cast.stranger)) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": "lake"}, "not a kind of zone"),
        ({"bottom_m": 5.0}, "is not below the top"),
        ({"top_m": float("nan")}, "not a number"),
        ({"outline": BOW_TIE}, "not a valid polygon"),
        ({"outline": LineString((0, 0), (1, 1), srid=4490)}, "must be a polygon"),
        ({"outline": MultiPolygon(srid=4490)}, "is empty"),
        ({"outline": Polygon(((0, 0), (1, 1), (1, 0), (0, 0)))}, "no SRID"),
    ],
)
def test_a_zone_that_cannot_be_is_refused_in_a_sentence_and_leaves_nothing(cast, changes, words):
    before = Event.objects.count()
    with pytest.raises(ZoneRefused, match=words):
        make(cast, **changes)
    assert (Zone.objects.count(), Event.objects.count()) == (0, before)
    assert not Act.objects.filter(verb="create_zone").exists()


def test_the_same_trigger_written_twice_is_one_row(cast):
    assert trigger(cast).pk == trigger(cast).pk
    assert Trigger.objects.count() == 1


def test_ending_stops_started_triggers_and_withdraws_those_to_come(cast):
    trigger(cast)
    trigger(cast, kind="ALARM_ORANGE", starts_at=NOW + timedelta(hours=2))
    trigger(cast, source_id="other")
    assert end_triggers(source_kind="alarm", source_id="1", at=NOW + timedelta(hours=1)) == 2
    rows = Trigger.objects.order_by("source_id", "starts_at")
    assert [(t.kind, t.source_id, t.ends_at, t.withdrawn) for t in rows] == [
        ("ALARM_RED", "1", NOW + timedelta(hours=1), False),
        ("ALARM_ORANGE", "1", None, True),
        ("ALARM_RED", "other", None, False),
    ]
    assert end_triggers(source_kind="alarm", source_id="1", at=NOW + timedelta(hours=3)) == 0


def test_an_unknown_kind_or_floor_is_refused(cast):
    with pytest.raises(TriggerRefused):
        trigger(cast, kind="ALARM_PINK")
    with pytest.raises(TriggerRefused):
        trigger(cast, floor=5)
    assert Trigger.objects.count() == 0
