"""Attendance follows from what helmets send: late fixes correct it, and the wearer of then is who worked."""

import random
from datetime import datetime, timedelta
from datetime import time as clock

import pytest
from django.db.models import F

from spatial.attendance.models import PresenceMark
from spatial.attendance.operations import AttendanceRefused, correct_day, create_post
from spatial.attendance.queries import on_site, posts_now, sheet
from spatial.people.operations import create_person
from spatial.wearing.operations import issue_device, return_device
from tests.ingest.cast import START, Cast
from tests.ingest.test_privacy_step import fenced, send  # noqa: F401

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
DAY = START.date()  # START is 09:00 in Shanghai, the shift is 08:00 to 12:00


def walk(cast: Cast, start: datetime, minutes: int, east_m: float) -> list[dict]:
    return [cast.fix(start + number * MINUTE, east_m) for number in range(minutes + 1)]


def test_a_day_comes_from_the_fence_and_a_late_message_corrects_it(fenced: Cast):  # noqa: F811
    later = START + timedelta(hours=2)
    send(fenced, *walk(fenced, START + 30 * MINUTE, 30, 30.0), number=1)
    send(fenced, *walk(fenced, START + 62 * MINUTE, 2, 90.0), number=2)
    (row,) = sheet(fenced.site, DAY, DAY, later)
    assert (row.day.came_at, row.day.left_at) == (START + 30 * MINUTE, START + 60 * MINUTE)
    assert row.day.late == 90 * MINUTE
    assert on_site(fenced.site, later) == []

    send(fenced, *walk(fenced, START - 59 * MINUTE, 60, 30.0), number=3, at=later)

    (row,) = sheet(fenced.site, DAY, DAY, later)
    assert (row.day.came_at, row.day.left_at) == (START - 59 * MINUTE, START + 60 * MINUTE)
    assert row.day.late == MINUTE


def test_any_order_of_messages_gives_the_same_marks(fenced: Cast):  # noqa: F811
    parts = [walk(fenced, START + 20 * number * MINUTE, 19, 30.0 if number % 2 else 90.0) for number in range(5)]
    end = START + timedelta(hours=3)

    def marks(order: list[int], boot: int) -> list[tuple]:
        PresenceMark.objects.all().delete()
        for number in order:
            send(fenced, *parts[number], number=boot * 10 + number + 1, at=end)
        fields = ("bucket", "first_inside", "last_inside", "first_outside", "last_outside")
        return list(PresenceMark.objects.order_by("bucket").values_list(*fields))

    first = marks([0, 1, 2, 3, 4], 0)
    order = [0, 1, 2, 3, 4, 2]
    random.Random(4).shuffle(order)
    assert marks(order, 1) == first
    assert len(first) == 20


def test_the_wearer_of_then_is_who_worked(fenced: Cast):  # noqa: F811
    other = create_person(site=fenced.site, full_name="李四", trade="木工", now=START)
    end = START + timedelta(hours=3)
    issue_device(device=fenced.helmet, person=fenced.worker, actor=None, now=START)
    return_device(device=fenced.helmet, actor=None, now=end, at=START + timedelta(hours=1))
    issue_device(device=fenced.helmet, person=other, actor=None, now=end, at=START + timedelta(hours=1))
    fenced.helmet.refresh_from_db()
    assert fenced.helmet.person == other
    send(fenced, *walk(fenced, START, 30, 30.0), number=1, at=end)  # comes when the other wears it
    rows = {row.person: row.day for row in sheet(fenced.site, DAY, DAY, end)}
    assert rows[fenced.worker].came_at == START
    assert rows[other].came_at is None


def test_a_correction_stands_beside_what_the_fence_saw(fenced: Cast):  # noqa: F811
    send(fenced, *walk(fenced, START, 30, 30.0))
    end = START + timedelta(hours=4)
    values = {
        "person": fenced.worker,
        "day": DAY,
        "came_at": START - timedelta(hours=1),
        "left_at": START + timedelta(hours=3),
    }
    with pytest.raises(AttendanceRefused):
        correct_day(**values, reason=" ", actor=fenced.officer, now=end)
    with pytest.raises(AttendanceRefused):
        correct_day(**values, reason="安全帽没电", actor=fenced.stranger, now=end)
    correct_day(**values, reason="安全帽没电，门禁记录为证", actor=fenced.officer, now=end)
    (row,) = sheet(fenced.site, DAY, DAY, end)
    assert row.day.came_at == START
    assert [one.reason for one in row.corrections] == ["安全帽没电，门禁记录为证"]
    assert not PresenceMark.objects.exclude(first_inside=F("first_inside")).exists()


def test_a_post_in_a_zone_shows_who_is_there_and_its_gaps(fenced: Cast):  # noqa: F811
    create_post(site=fenced.site, name="基坑监护", trade="钢筋工", zone=fenced.pit, starts=clock(9), ends=clock(10),
                actor=None, now=START)  # fmt: skip
    send(fenced, *walk(fenced, START, 14, 10.0), number=1)
    send(fenced, *walk(fenced, START + 15 * MINUTE, 9, 40.0), number=2)
    send(fenced, *walk(fenced, START + 25 * MINUTE, 1, 10.0), number=3)
    (post,) = posts_now(fenced.site, START + 26 * MINUTE)
    assert (post.on_duty, post.short, post.there) == (True, False, [fenced.worker])
    assert post.gaps == [(START + 15 * MINUTE, START + 25 * MINUTE)]
    (post,) = posts_now(fenced.site, START + 45 * MINUTE)
    assert (post.short, post.there) == (True, [])
    assert post.gaps[-1] == (START + 30 * MINUTE, START + 45 * MINUTE)
    assert posts_now(fenced.site, START + 70 * MINUTE)[0].on_duty is False
