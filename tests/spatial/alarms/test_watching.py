"""What time alone brings about: reminders, escalation, silence, drafts; with no further message, on real Celery."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.contrib.gis.geos import Point
from django.db import connection
from django.utils import timezone
from PIL import Image

from deploy.instance import ROOT
from deploy.supervision import wait_until
from spatial.alarms import silence
from spatial.alarms.catalogue import conditions_of_rules
from spatial.alarms.drafts import dismiss_draft, submit_draft
from spatial.alarms.handling import close_alarm, handle_alarm, mark_false
from spatial.alarms.models import Alarm, AlarmNotice, AlarmPhoto, HazardDraft, Silence
from spatial.alarms.operations import AlarmForbidden, AlarmRefused, acknowledge_alarm, clear_alarm, raise_alarm
from spatial.alarms.silence import follow_silence
from spatial.alarms.titles import Words
from spatial.alarms.watching import watch
from spatial.attendance.models import PresenceMark
from spatial.devices.models import Device
from spatial.devices.operations import register_device
from spatial.ledger.models import Act
from spatial.notices.models import Event
from spatial.people.operations import create_user, grant_role
from spatial.tracks.models import LatestPosition
from tests.ingest.cast import START, build_cast, place


def at(seconds):
    return START + timedelta(seconds=seconds)


def raised(cast, level="orange", seconds=0, rule="P-01", **changes):
    given = {
        "site": cast.site, "rule": rule, "level": level, "title": Words.same("张三 · 基坑"), "zone": cast.pit,
        "device": cast.helmet, "person_name": "张三", "storey": cast.basement,
        "location": Point(*place(5, 5), 92.0, srid=4490), "raised_at": at(seconds), "received_at": at(seconds),
    }  # fmt: skip
    return raise_alarm(**{**given, **changes})


def kinds(prefix="alarm_"):
    return list(Event.objects.filter(kind__startswith=prefix).order_by("id").values_list("kind", flat=True))


@pytest.fixture
def manager(cast):
    user = create_user(username=f"m-{cast.site.code}", password="Correct-horse-9", full_name="周经理")
    grant_role(user=user, role="project_manager", site=cast.site)
    return user


def heard(device, seconds):
    LatestPosition.objects.update_or_create(
        device=device,
        defaults={
            "organisation": device.organisation, "site": device.site, "fix_time": at(seconds),
            "received_at": at(seconds), "point": Point(*place(5, 5), 92.0, srid=4490), "accuracy_m": 1.0,
            "source": "UWB",
        },
    )  # fmt: skip


def test_an_alarm_is_said_again_until_somebody_takes_note_of_it(cast):
    alarm = raised(cast, "red")
    for seconds in (29, 30, 45, 60, 90):
        watch(now=at(seconds))
    alarm.refresh_from_db()
    assert alarm.reminders == 3
    acknowledge_alarm(alarm=alarm, actor=cast.officer, now=at(95))
    watch(now=at(500))
    assert kinds().count("alarm_repeated") == 3


def test_it_escalates_to_the_next_role_that_somebody_has_and_tells_them(cast, manager):
    alarm = raised(cast, "red")
    watch(now=at(59))
    assert AlarmNotice.objects.count() == 0
    watch(now=at(60))
    notice = AlarmNotice.objects.get()
    assert (notice.user, notice.role, notice.sent_at) == (manager, "project_manager", at(60))
    assert Act.objects.get(verb="escalate_alarm").details["told"] == ["周经理"]
    watch(now=at(121))
    alarm.refresh_from_db()
    assert (alarm.escalated_to, alarm.escalate_at, AlarmNotice.objects.count()) == (3, None, 1)
    acknowledge_alarm(alarm=alarm, actor=manager, now=at(130))
    notice.refresh_from_db()
    assert notice.seen_at == at(130)


@pytest.mark.parametrize(("level", "seconds"), [("red", 60), ("orange", 300), ("yellow", 1800), ("blue", None)])
def test_how_soon_it_escalates_depends_on_the_level(cast, level, seconds):
    alarm = raised(cast, level)
    assert alarm.escalate_at == (at(seconds) if seconds else None)


def test_a_late_alarm_is_neither_said_again_nor_escalated(cast, manager):
    raised(cast, "red", received_at=at(61))
    watch(now=at(4000))
    assert (AlarmNotice.objects.count(), kinds(), HazardDraft.objects.count()) == (0, ["alarm_raised"], 0)


def test_a_red_alarm_that_is_not_cleared_in_30_minutes_opens_one_hazard_draft(cast, photo_bytes):
    alarm = raised(cast, "red")
    watch(now=at(1799))
    assert HazardDraft.objects.count() == 0
    for seconds in (1800, 1805):
        watch(now=at(seconds))
    draft = HazardDraft.objects.get()
    assert (draft.cause, draft.alarm, "30 分钟未解除" in draft.description) == ("not_cleared", alarm, True)
    done = submit_draft(
        draft=draft, description=draft.description, photos=[photo_bytes], actor=cast.officer, now=at(2000)
    )
    assert (done.hazard.source, done.hazard.reporter, done.hazard.found_at) == ("alarm", cast.officer, at(0))
    with pytest.raises(AlarmRefused, match="done with"):
        dismiss_draft(draft=draft, reason="x", actor=cast.officer, now=at(2001))


def test_the_same_orange_alarm_three_times_in_a_shift_opens_a_hazard_draft(cast):
    for number in range(3):
        alarm = raised(cast, "orange", seconds=600 * number)
        clear_alarm(alarm=alarm, cleared_at=at(600 * number + 60), received_at=at(600 * number + 60))
        watch(now=at(600 * number + 70))
        assert HazardDraft.objects.count() == (1 if number == 2 else 0)
    dismissed = dismiss_draft(draft=HazardDraft.objects.get(), reason="路线已改", actor=cast.officer, now=at(2000))
    assert dismissed.reason == "路线已改"


def test_a_device_that_falls_silent_is_told_of_once_and_cleared_when_heard_again(cast):
    heard(cast.helmet, 0)
    watch(now=at(120))
    assert Alarm.objects.count() == 0
    for seconds in (121, 126, 300):
        watch(now=at(seconds))
    alarm = Alarm.objects.get()
    assert (alarm.rule, alarm.level, alarm.raised_at) == ("P-10", "blue", at(120))
    heard(cast.helmet, 400)
    watch(now=at(401))
    alarm.refresh_from_db()
    assert alarm.cleared_at == at(400)


def test_each_silence_is_looked_at_once_and_a_dead_gateway_keeps_no_reminder_waiting(
    cast, monkeypatch, django_assert_max_num_queries
):
    monkeypatch.setattr(silence, "AT_ONCE", 4)
    monkeypatch.setattr(silence, "TOGETHER", 3)
    for number in range(10):
        device, _ = register_device(site=cast.site, code=f"G-{number}", name="安全帽", kind="helmet",
                                    report_interval_s=5, actor=None, now=START)  # fmt: skip
        heard(device, number)
    raised(cast, "red")
    order = list(watch(now=at(200)).done)
    assert order[:2] == ["reminders", "escalations"] and order[-1] == "silence"
    assert Alarm.objects.filter(rule="P-10").count() == 4
    for seconds in (205, 210, 215):
        follow_silence(now=at(seconds))
    assert Alarm.objects.filter(rule="P-10").count() == 10
    clear_alarm(alarm=Alarm.objects.filter(rule="P-10").first(), cleared_at=at(216), received_at=at(216),
                actor=cast.officer, reason="已更换")  # fmt: skip
    with django_assert_max_num_queries(2):
        assert follow_silence(now=at(220)) == (0, 0)
    for device in Device.objects.filter(code__startswith="G-"):
        heard(device, 230)
    assert [follow_silence(now=at(235))[1] for _ in range(3)] == [4, 4, 1]
    assert not Alarm.objects.filter(rule="P-10", cleared_at__isnull=True).exists()


def test_a_device_last_heard_inside_a_danger_zone_is_orange_and_one_silent_for_a_shift_is_off(cast):
    from spatial.fences.models import Presence

    Presence.objects.create(device=cast.helmet, zone=cast.pit, inside=True, since=at(0), state={"run": 0})
    heard(cast.helmet, 0)
    watch(now=at(13 * 3600))
    assert Alarm.objects.count() == 0
    Silence.objects.all().delete()  # it was looked at, and taken to be off
    watch(now=at(130))
    alarm = Alarm.objects.get()
    assert (alarm.level, alarm.zone) == ("orange", cast.pit)


def test_more_than_twelve_hours_inside_of_twenty_four_is_overtime(cast):
    heard(cast.helmet, 12 * 3600)
    step = timedelta(minutes=5)
    marks = [
        PresenceMark(site=cast.site, person=cast.worker, bucket=START + step * n, first_inside=START + step * n,
                     last_inside=START + step * n)
        for n in range(12 * 12 + 1)
    ]  # fmt: skip
    PresenceMark.objects.bulk_create(marks)
    watch(now=at(12 * 3600))
    assert not Alarm.objects.filter(rule="P-14").exists()
    last = START + step * 145
    PresenceMark.objects.create(site=cast.site, person=cast.worker, bucket=last, first_inside=last, last_inside=last)
    watch(now=last + timedelta(minutes=5))
    assert Alarm.objects.get(rule="P-14").person_name == "张三"


def test_handling_takes_words_and_photos_and_closing_needs_it(cast, photo_bytes):
    alarm = raised(cast)
    clear_alarm(alarm=alarm, cleared_at=at(5), received_at=at(5))
    with pytest.raises(AlarmRefused, match="what was done"):
        close_alarm(alarm=alarm, actor=cast.officer, now=at(6))
    with pytest.raises(AlarmForbidden):
        handle_alarm(alarm=alarm, text="x", actor=cast.stranger, now=at(6))
    handle_alarm(alarm=alarm, text="已劝离", photos=[io.BytesIO(photo_bytes)], actor=cast.officer, now=at(7))
    closed = close_alarm(alarm=alarm, actor=cast.officer, now=at(8))
    assert (closed.handling, closed.acknowledged_by, closed.closed_at) == ("已劝离", cast.officer, at(8))
    assert AlarmPhoto.objects.count() == 1
    with pytest.raises(AlarmRefused, match="closed"):
        handle_alarm(alarm=alarm, text="x", actor=cast.officer, now=at(9))


def test_a_stop_by_weather_ends_only_with_the_record_of_the_reinspection(cast):
    assert {row.clearing for row in conditions_of_rules({"W-01", "W-02"}).values()} == {"hand"}
    alarm = raised(cast, rule="W-01")
    done = {"alarm": alarm, "cleared_at": at(1900), "received_at": at(1900), "actor": cast.officer, "reason": "风已停"}
    with pytest.raises(AlarmRefused, match="re-inspection"):
        clear_alarm(**done)
    alarm.refresh_from_db()
    assert alarm.cleared_at is None
    handle_alarm(alarm=alarm, text="已复查脚手架和吊篮", actor=cast.officer, now=at(1850))
    assert clear_alarm(**done).cleared_by == cast.officer


def test_a_false_alarm_is_cleared_closed_and_counted_with_its_reason(cast):
    alarm = raised(cast)
    with pytest.raises(AlarmRefused, match="Choose why"):
        mark_false(alarm=alarm, reason="bored", actor=cast.officer, now=at(5))
    with pytest.raises(AlarmRefused, match="few words"):
        mark_false(alarm=alarm, reason="other", actor=cast.officer, now=at(5))
    alarm.refresh_from_db()
    assert (alarm.false_reason, alarm.cleared_at) == ("", None)
    done = mark_false(alarm=alarm, reason="sensor_fault", note="探头积灰", actor=cast.officer, now=at(5))
    assert (done.false_reason, done.cleared_by, done.closed_at) == ("sensor_fault", cast.officer, at(5))


@pytest.fixture
def photo_bytes():
    out = io.BytesIO()
    Image.new("RGB", (64, 48), (10, 90, 200)).save(out, "JPEG")
    return out.getvalue()


@pytest.mark.django_db(transaction=True)
def test_real_celery_says_an_alarm_again_though_no_message_comes_any_more(services, tmp_path):
    """Beat and a worker as processes of their own; with the worker away, the same alarm stays unsaid."""
    cast = build_cast(timezone.now() - timedelta(days=1))
    now = timezone.now()
    alarm = raised(cast, "red", raised_at=now, received_at=now)
    places = {"TWINWALL_PG_DATABASE": str(connection.settings_dict["NAME"]),
              "TWINWALL_SECRETS_DIR": str(django_settings.TWINWALL_SECRETS_DIR)}  # fmt: skip
    celery = [sys.executable, "-m", "celery", "--app", "webmap.project.celery"]
    Alarm.objects.update(remind_at=now)

    def start(*arguments):
        log = (tmp_path / f"{arguments[0]}.log").open("ab")
        return subprocess.Popen(
            [*celery, *arguments],
            cwd=ROOT,
            env={**os.environ, **places},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )

    beat = start("beat", "--pidfile=", "--schedule", str(tmp_path / "schedule"), "--max-interval", "1")
    try:
        assert not wait_until(lambda: Alarm.objects.get(pk=alarm.pk).reminders > 0, 12)  # nobody works yet
        worker = start("worker", "--queues", "watch", "--pool", "solo", "--without-gossip", "--without-mingle")
        try:
            assert wait_until(lambda: Alarm.objects.get(pk=alarm.pk).reminders > 0, 60)
            assert Event.objects.filter(kind="alarm_repeated").exists()
        finally:
            worker.terminate()
            worker.wait(30)
    finally:
        beat.terminate()
        beat.wait(30)
