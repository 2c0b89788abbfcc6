"""The life of an alarm: raised once, acknowledged by who may, cleared, and what each leaves behind."""

from datetime import timedelta

import pytest
from django.contrib.gis.geos import Point

from spatial.alarms.models import Alarm
from spatial.alarms.operations import (
    AlarmForbidden,
    AlarmRefused,
    acknowledge_alarm,
    clear_alarm,
    make_alarm_live,
    raise_alarm,
)
from spatial.alarms.queries import active_alarms, visible
from spatial.alarms.titles import Words
from spatial.ledger.models import Act
from spatial.notices.models import Event
from spatial.people.operations import create_user, grant_role
from spatial.zones.models import Trigger
from spatial.zones.queries import site_colours
from tests.ingest.cast import START, place


def raised(cast, seconds=0, delay=1, **changes):
    at = START + timedelta(seconds=seconds)
    given = {
        "site": cast.site,
        "rule": "P-01",
        "level": "orange",
        "title": Words("危险区域闯入：张三 · 基坑（B1）", "Danger-zone entry: 张三 · 基坑 (B1)"),
        "zone": cast.pit,
        "device": cast.helmet,
        "person_name": "张三",
        "storey": cast.basement,
        "location": Point(*place(5, 5), 92.0, srid=4490),
        "raised_at": at,
        "received_at": at + timedelta(seconds=delay),
    }
    return raise_alarm(**{**given, **changes})


def traces():
    verbs = ["raise_alarm", "make_alarm_live", "clear_alarm", "acknowledge_alarm"]
    acts = [act.verb for act in Act.objects.filter(verb__in=verbs).order_by("sequence")]
    return acts, [event.kind for event in Event.objects.filter(kind__startswith="alarm")]


def test_an_alarm_colours_its_zone_until_it_is_cleared_and_has_decayed(cast):
    alarm = raised(cast)
    colour = site_colours(cast.site, now=START + timedelta(seconds=2)).zones[cast.pit.pk]
    assert (colour.grade, colour.reasons[0].label) == (3, alarm.title)
    end = START + timedelta(minutes=10)
    clear_alarm(alarm=alarm, cleared_at=end, received_at=end)
    grades = [
        site_colours(cast.site, now=end + timedelta(minutes=minutes)).zones[cast.pit.pk].grade
        for minutes in (0, 14, 15, 29, 30, 45, 60)
    ]
    assert grades == [3, 3, 2, 2, 1, 0, 0]


def test_the_same_alarm_is_not_raised_twice_while_it_is_active(cast):
    first = raised(cast)
    assert raised(cast, seconds=30).pk == first.pk
    assert traces() == (["raise_alarm"], ["alarm_raised"])
    clear_alarm(alarm=first, cleared_at=START + timedelta(seconds=40), received_at=START + timedelta(seconds=41))
    assert raised(cast, seconds=50).pk != first.pk
    assert Alarm.objects.count() == 2


def test_the_event_tells_zone_storey_person_and_place(cast):
    alarm = raised(cast)
    payload = Event.objects.get(kind="alarm_raised").payload
    assert {name: payload[name] for name in ("id", "level", "zone", "storey", "person", "device", "h", "late")} == {
        "id": str(alarm.pk),
        "level": "orange",
        "zone": "基坑",
        "storey": "B1",
        "person": "张三",
        "device": cast.helmet.code,
        "h": 92.0,
        "late": False,
    }


def test_a_late_alarm_stands_in_the_record_without_colour(cast):
    alarm = raised(cast, delay=61)
    assert (alarm.late, Trigger.objects.count(), list(active_alarms(cast.site))) == (True, 0, [])
    make_alarm_live(alarm=alarm, received_at=START + timedelta(seconds=62))
    assert list(active_alarms(cast.site)) == [alarm]
    assert Trigger.objects.get().starts_at == START
    make_alarm_live(alarm=alarm, received_at=START + timedelta(seconds=63))
    assert traces() == (["raise_alarm", "make_alarm_live"], ["alarm_raised", "alarm_raised"])


def test_clearing_twice_changes_nothing(cast):
    alarm = raised(cast)
    end = START + timedelta(seconds=9)
    clear_alarm(alarm=alarm, cleared_at=end, received_at=end)
    again = clear_alarm(alarm=alarm, cleared_at=end + timedelta(seconds=9), received_at=end)
    assert (again.cleared_at, Trigger.objects.get().ends_at) == (end, end)
    assert traces() == (["raise_alarm", "clear_alarm"], ["alarm_raised", "alarm_cleared"])


def test_a_safety_officer_acknowledges_once_however_often_the_request_comes(cast):
    alarm, now = raised(cast), START + timedelta(seconds=5)
    for _ in range(2):
        acknowledge_alarm(alarm=alarm, actor=cast.officer, now=now, client_event_id="c1")
    later = acknowledge_alarm(alarm=alarm, actor=cast.officer, now=now + timedelta(seconds=9), client_event_id="c2")
    assert (later.acknowledged_at, later.acknowledged_by) == (now, cast.officer)
    assert traces() == (["raise_alarm", "acknowledge_alarm"], ["alarm_raised", "alarm_acknowledged"])


def test_a_stranger_and_a_worker_may_neither_acknowledge_nor_clear(cast):
    alarm = raised(cast)
    worker = create_user(username="worker-x", password="Correct-horse-9", full_name="赵工")
    grant_role(user=worker, role="worker", site=cast.site)
    for actor in (cast.stranger, worker):
        with pytest.raises(AlarmForbidden):
            acknowledge_alarm(alarm=alarm, actor=actor, now=START)
        with pytest.raises(AlarmForbidden):
            clear_alarm(alarm=alarm, cleared_at=START, received_at=START, actor=actor, reason="x")
    alarm.refresh_from_db()
    assert (alarm.acknowledged_at, alarm.cleared_at, traces()) == (None, None, (["raise_alarm"], ["alarm_raised"]))


def test_who_clears_by_hand_says_why(cast):
    alarm = raised(cast)
    with pytest.raises(AlarmRefused, match="Say why"):
        clear_alarm(alarm=alarm, cleared_at=START, received_at=START, actor=cast.officer, reason=" ")
    end = START + timedelta(minutes=1)
    cleared = clear_alarm(alarm=alarm, cleared_at=end, received_at=end, actor=cast.officer, reason="设备故障")
    assert (cleared.cleared_by, cleared.cleared_at) == (cast.officer, end)
    assert Act.objects.get(verb="clear_alarm").details["reason"] == "设备故障"


def test_alarms_are_visible_to_their_site_only(cast):
    alarm = raised(cast)
    assert list(visible(cast.officer)) == [alarm]
    assert list(visible(cast.stranger)) == []


def test_a_level_that_does_not_exist_is_refused(cast):
    with pytest.raises(AlarmRefused, match="not an alarm level"):
        raised(cast, level="purple")
    assert Alarm.objects.count() == 0
