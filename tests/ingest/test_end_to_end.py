"""A device publishes over real MQTT; what happens in the database, on Redis, and at the broker."""

from __future__ import annotations

import json
import queue
from datetime import timedelta

import paho.mqtt.client as mqtt
import psycopg
import pytest
import redis
from django.db import connection
from django.utils import timezone

from deploy.supervision import wait_until
from spatial.alarms.models import Alarm
from spatial.devices.models import RefusedMessage
from spatial.fences.models import FenceEvent, Presence
from spatial.ledger.models import Act
from spatial.notices.models import Event
from spatial.tracks.models import LatestPosition, Message, Position
from spatial.zones.models import Trigger
from tests.ingest.cast import place
from tests.ingest.conftest import Client, connected


def message(seq: int, *fixes, boot: str = "00aa11bb", **fields):
    return {"v": 1, "boot": boot, "seq": seq, "battery": 77, "fixes": list(fixes), **fields}


def test_a_message_becomes_rows_a_published_position_and_an_acknowledgement(services, live_cast, helmet):
    follower = redis.Redis.from_url(services.redis_url).pubsub(ignore_subscribe_messages=True)
    follower.subscribe(f"twinwall.positions.{live_cast.site.pk}")
    follower.get_message(timeout=5)
    now = timezone.now()
    first = live_cast.fix(now - timedelta(seconds=1), -50)
    second = live_cast.fix(now, -49, h=83.0, h_ref="ellipsoid")
    helmet.publish(message(1, first, second))
    assert helmet.answer() == {"boot": "00aa11bb", "seq": 1}
    rows = list(Position.objects.order_by("fix_time"))
    assert [(row.point.x, row.point.y, row.point.z) for row in rows] == [
        (first["lon"], first["lat"], 92.0),
        (second["lon"], second["lat"], 96.5),
    ]
    assert {(row.site_id, row.device_id, row.source) for row in rows} == {
        (live_cast.site.pk, live_cast.helmet.pk, "UWB")
    }
    assert rows[1].fix_time == now.replace(microsecond=now.microsecond // 1000 * 1000)
    latest = LatestPosition.objects.get()
    assert (latest.point.z, latest.storey, latest.battery_percent) == (96.5, live_cast.ground_floor, 77)
    assert Message.objects.count() == 1
    heard = wait_for_message(follower)
    assert heard == {"moved": 1}


def wait_for_message(follower):
    for _ in range(20):
        if (got := follower.get_message(timeout=1)) is not None:
            return json.loads(got["data"])
    raise AssertionError("nothing was published")


@pytest.mark.parametrize("name", ["twinwall-ingest-live-1", "twinwall-ingest-backfill-1", "twinwall-commands"])
def test_a_device_that_connects_by_the_name_of_a_session_of_ours_throws_nobody_off(
    services, live_cast, helmet, ingest, name
):
    away = ingest.log_text().count("The broker is away")
    said: queue.Queue[str] = queue.Queue()
    thief = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=name, clean_session=True)
    thief.username_pw_set(live_cast.helmet.code, live_cast.password)
    thief.on_connect = lambda _c, _d, _f, reason, _p: said.put(str(reason))
    thief.on_disconnect = lambda *_: said.put("thrown off")
    thief.connect(services.mqtt_host, services.mqtt_own_port)  # which only somebody on this machine reaches
    thief.loop_start()
    try:
        assert said.get(timeout=10) == "Success"
        for seq in range(3):
            helmet.publish(message(seq, live_cast.fix(timezone.now(), -50)))
            assert helmet.answer() == {"boot": "00aa11bb", "seq": seq}
        assert ingest.log_text().count("The broker is away") == away
        assert said.empty()
    finally:
        thief.disconnect()
        thief.loop_stop()


def test_positions_lie_in_the_partition_of_their_receive_day(live_cast, helmet):
    helmet.publish(message(1, live_cast.fix(timezone.now(), -50)))
    helmet.answer()
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text, received_at FROM tracks_position")
        table, received_at = cursor.fetchone()
    assert table == f"tracks_position_{received_at:%Y%m%d}"


def test_a_duplicate_changes_nothing_and_is_acknowledged_again(live_cast, helmet):
    body = message(5, live_cast.fix(timezone.now(), -50))
    helmet.publish(body)
    helmet.publish(body)
    assert [helmet.answer(), helmet.answer()] == [{"boot": "00aa11bb", "seq": 5}] * 2
    assert (Message.objects.count(), Position.objects.count()) == (1, 1)
    helmet.publish(message(5, live_cast.fix(timezone.now(), -50), boot="00aa11cc"))
    helmet.answer()
    assert (Message.objects.count(), Position.objects.count()) == (2, 2)


def test_a_late_fix_is_stored_and_never_the_newest(live_cast, helmet):
    now = timezone.now()
    helmet.publish(message(2, live_cast.fix(now, -50)))
    helmet.answer()
    helmet.publish(message(1, live_cast.fix(now - timedelta(minutes=10), -90)))
    helmet.answer()
    assert Position.objects.count() == 2
    assert LatestPosition.objects.get().point.x == place(-50, 10)[0]


def test_garbage_is_kept_with_its_reason_and_what_follows_it_is_served(live_cast, helmet):
    helmet.publish(b"\x00\xff not json")
    helmet.publish(message(3, live_cast.fix(timezone.now(), -50)))
    assert helmet.answer() == {"boot": "00aa11bb", "seq": 3}
    refused = RefusedMessage.objects.get()
    assert (refused.device_code, refused.site, bytes(refused.payload)) == (
        live_cast.helmet.code,
        live_cast.site,
        b"\x00\xff not json",
    )
    assert refused.reason == "not UTF-8 JSON (UnicodeDecodeError)"


def test_a_wrong_site_and_a_fast_clock_are_refused_by_name_and_answered_so(live_cast, helmet):
    helmet.publish(message(1, live_cast.fix(timezone.now() + timedelta(hours=1), -50)))
    answer = helmet.answer()
    assert (answer["seq"], answer["refused"][:11]) == (1, "fixes[0].t:")
    helmet.publish(message(2, live_cast.fix(timezone.now(), -50)), site="elsewhere")
    assert wait_until(lambda: RefusedMessage.objects.count() == 2, 15)
    reason = f"topic: the device belongs to site {live_cast.site.code}, not elsewhere"
    assert RefusedMessage.objects.first().reason == reason
    assert (Position.objects.count(), Message.objects.count()) == (0, 0)


def test_an_entry_raises_one_alarm_within_two_seconds_and_the_exit_clears_it(live_cast, helmet):
    now = timezone.now()
    for seq, east in enumerate((-10, 5, 6, 7, 8)):
        helmet.publish(message(seq, live_cast.fix(now - timedelta(seconds=10 - 2 * seq), east)))
        helmet.answer()
    alarm = Alarm.objects.get()
    assert (alarm.rule, alarm.level, alarm.late, alarm.person_name) == ("P-01", "orange", False, "张三")
    assert (alarm.zone, alarm.storey, alarm.title) == (
        live_cast.pit,
        live_cast.basement,
        "危险区域闯入：张三 · 基坑（B1）",
    )
    assert abs((alarm.raised_at - (now - timedelta(seconds=6))).total_seconds()) < 0.002
    assert (alarm.created_at - alarm.received_at).total_seconds() < 2
    trigger = Trigger.objects.get()
    assert (trigger.kind, trigger.zone, trigger.starts_at, trigger.ends_at) == (
        "ALARM_ORANGE",
        live_cast.pit,
        alarm.raised_at,
        None,
    )
    raised = Event.objects.get(kind="alarm_raised")
    assert (raised.payload["id"], raised.payload["zone"], raised.payload["storey"]) == (
        str(alarm.pk),
        "基坑",
        "B1",
    )
    assert Act.objects.filter(verb="raise_alarm", subject_id=str(alarm.pk)).count() == 1
    assert Presence.objects.get().inside
    for seq, east in enumerate((30, 31), start=9):
        helmet.publish(message(seq, live_cast.fix(timezone.now(), east)))
        helmet.answer()
    alarm.refresh_from_db()
    trigger.refresh_from_db()
    assert alarm.cleared_at == trigger.ends_at is not None
    assert [event.kind for event in Event.objects.filter(kind__startswith="alarm")] == [
        "alarm_raised",
        "alarm_cleared",
    ]
    assert [row.kind for row in FenceEvent.objects.order_by("fix_time")] == ["entered", "left"]


def test_an_entry_that_was_told_too_late_is_recorded_without_colour(live_cast, helmet):
    long_ago = timezone.now() - timedelta(minutes=5)
    fixes = [live_cast.fix(long_ago + timedelta(seconds=n), 5 + n) for n in range(2)]
    helmet.publish(message(1, *fixes))
    helmet.answer()
    alarm = Alarm.objects.get()
    assert alarm.late
    assert Trigger.objects.count() == 0
    helmet.publish(message(2, live_cast.fix(timezone.now(), 8)))
    helmet.answer()
    alarm.refresh_from_db()
    assert not alarm.late  # a fresh fix shows that the person is still inside
    assert Trigger.objects.get().kind == "ALARM_ORANGE"


@pytest.mark.parametrize("credentials", [(None, None), ("code", "wrong"), ("nobody", "wrong")])
def test_without_its_own_password_nobody_connects(services, live_cast, helmet, credentials):
    username = live_cast.helmet.code if credentials[0] == "code" else credentials[0]
    intruder = Client(services, username, credentials[1], live_cast.site.code)
    intruder.close()
    assert intruder.said in ("Not authorized", "Bad user name or password")


def test_a_device_can_neither_publish_nor_listen_as_another(services, live_cast, helmet):
    from spatial.devices.operations import register_device

    other, password = register_device(
        site=live_cast.site,
        code=live_cast.helmet.code + "-2",
        name="安全帽2",
        kind="helmet",
        report_interval_s=5,
        actor=None,
        now=timezone.now(),
    )
    live_cast.helmet, mine = other, live_cast.helmet
    live_cast.password = password
    thief = connected(services, live_cast)
    thief.listen(mine.code)
    thief.publish(message(1, live_cast.fix(timezone.now(), 5)), device=mine.code)
    thief.publish(message(2, live_cast.fix(timezone.now(), -50)))
    assert thief.answer() == {"boot": "00aa11bb", "seq": 2}
    helmet.publish(message(3, live_cast.fix(timezone.now(), -50)))
    assert helmet.answer() == {"boot": "00aa11bb", "seq": 3}
    thief.close()
    assert thief.answers.empty()
    assert set(Position.objects.values_list("device__code", flat=True)) == {mine.code, other.code}
    assert set(Message.objects.values_list("device__code", "sequence")) == {(mine.code, 3), (other.code, 2)}
    assert RefusedMessage.objects.count() == 0


def test_a_service_killed_between_receipt_and_commit_loses_nothing(services, live_cast, ingest, helmet):
    helmet.publish(message(1, live_cast.fix(timezone.now(), -50)))
    helmet.answer()  # the service is up and has its session
    name = connection.settings_dict["NAME"]
    address = f"host={services.pg_host} port={services.pg_port} dbname={name} user=twinwall_owner"
    with psycopg.connect(address) as blocker:
        blocker.execute("LOCK TABLE tracks_message IN ACCESS EXCLUSIVE MODE")
        helmet.publish(message(2, live_cast.fix(timezone.now(), -49)))
        waiting = "SELECT count(*) FROM pg_locks WHERE relation = 'tracks_message'::regclass AND NOT granted"
        assert wait_until(lambda: blocker.execute(waiting).fetchone()[0] == 1, 15)
        ingest.kill()
        assert helmet.answers.empty()
    assert Message.objects.count() == 1
    ingest.start()
    assert helmet.answer(30) == {"boot": "00aa11bb", "seq": 2}
    assert (Message.objects.count(), Position.objects.count()) == (2, 2)
