"""The page of a zone's fence: settings with what they mean, kept through the operations; who is inside; last events."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from spatial.fences.models import FenceEvent, FenceMemory, FenceProfile, Presence
from spatial.ledger.models import Act
from spatial.people.operations import grant_role
from spatial.tracks.models import LatestPosition
from tests.ingest.cast import Cast, build_cast, place

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return build_cast()


def client_of(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def address(cast: Cast, more: str = "") -> str:
    return f"/sites/{cast.site.code}/zones/{cast.pit.pk}/fence/{more}"


def settings(**changes) -> dict:
    return {
        "shape": "outline", "admission": "listed", "rule": "P-01", "enter_fixes": 2, "leave_fixes": 2,
        "enter_probability": 0.5, "leave_probability": 0.2, "active": "on", "reason": "夜间施工", **changes,
    }  # fmt: skip


def test_an_officer_changes_a_fence_and_the_act_says_what(cast: Cast):
    client = client_of(cast.officer)
    assert client.get(address(cast)).status_code == 200
    given = settings(
        approach_m=3, dwell_s=300, person_limit=2, lone_forbidden="on", schedule="1-5 22:00-06:00\n07:30-11:30",
        needs_briefing="on", trades="钢筋工，木工", admission="anybody",
    )  # fmt: skip
    answer = client.post(address(cast), given)
    assert answer.status_code == 302, answer.content.decode()[:2000]
    fence = FenceProfile.objects.get(zone=cast.pit)
    assert (fence.approach_m, fence.dwell_s, fence.person_limit, fence.lone_forbidden) == (3.0, 300, 2, True)
    assert fence.schedule[0] == {"days": [1, 2, 3, 4, 5], "from": "22:00", "to": "06:00", "first": None, "last": None}
    assert fence.trades == ["钢筋工", "木工"] and fence.revised_at is not None
    act = Act.objects.filter(verb="revise_fence").get()
    assert act.details["changes"]["person_limit"] == [None, 2]
    again = client.post(address(cast), given)
    assert again.status_code == 200
    assert "未作任何更改" in again.content.decode()


def test_a_circle_becomes_the_outline_of_its_zone(cast: Cast):
    lon, lat = place(10, 10)
    answer = client_of(cast.officer).post(
        address(cast), settings(shape="circle", centre=f"{lon:.8f}, {lat:.8f}", radius_m=8)
    )
    assert answer.status_code == 302, answer.content.decode()[:3000]
    cast.pit.refresh_from_db()
    assert (cast.pit.version, cast.pit.outline.num_points) == (2, 257)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"leave_probability": 0.6}, "在外概率必须小于在内概率"),
        ({"shape": "circle"}, "此形状必须填写该项"),
        ({"schedule": "heute"}, "第 1 行“heute”"),
        ({"shape": "corridor", "path": "113.7, 34.7", "width_m": 3}, "线至少需要两个点"),
        ({"reason": ""}, "必填"),
    ],
)
def test_what_cannot_be_is_named_at_its_field_and_nothing_is_changed(cast: Cast, changes, words):
    answer = client_of(cast.officer).post(address(cast), settings(approach_m=5, **changes))
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert FenceProfile.objects.get(zone=cast.pit).approach_m is None
    assert not Act.objects.filter(verb="revise_fence").exists()


def test_a_zone_without_a_fence_becomes_a_danger_zone(cast: Cast):
    FenceProfile.objects.all().delete()
    client = client_of(cast.officer)
    assert "设为危险区域" in client.get(address(cast)).content.decode()
    given = settings(approach_m=3)
    assert client.post(address(cast), given).status_code == 302
    assert FenceProfile.objects.get(zone=cast.pit).approach_m == 3.0


def test_who_is_inside_and_what_happened_is_shown(cast: Cast):
    now = timezone.now()
    lon, lat = place(5, 5)
    point = f"SRID=4490;POINT Z ({lon} {lat} 92)"
    LatestPosition.objects.create(device=cast.helmet, organisation=cast.organisation, site=cast.site, fix_time=now,
                                  received_at=now, point=point, accuracy_m=0.3, source="UWB")  # fmt: skip
    Presence.objects.create(device=cast.helmet, zone=cast.pit, inside=True, since=now, state={"run": 0})
    FenceEvent.objects.create(organisation=cast.organisation, site=cast.site, kind="entered", device=cast.helmet,
                              zone=cast.pit, fix_time=now, received_at=now, point=point, rule="P-01",
                              withdrawn_at=now)  # fmt: skip
    text = client_of(cast.officer).get(address(cast)).content.decode()
    assert "张三" in text and "已被迟到的定位撤销" in text
    assert "张三" in client_of(cast.officer).get(address(cast, "inside/")).content.decode()


def test_strangers_find_no_page_and_workers_may_only_look(cast: Cast):
    assert client_of(cast.stranger).get(address(cast)).status_code == 404
    assert client_of(cast.stranger).get(address(cast, "inside/")).status_code == 404
    grant_role(user=cast.stranger, role="worker", site=cast.site)
    looker = client_of(cast.stranger)
    assert looker.get(address(cast)).status_code == 200
    assert looker.post(address(cast), settings(approach_m=3)).status_code == 403


def test_who_is_inside_off_shift_is_shown_without_a_name_though_their_place_is_not_kept(cast: Cast):
    now = timezone.now()
    Presence.objects.create(device=cast.helmet, zone=cast.pit, inside=True, since=now, state={"run": 0})
    FenceMemory.objects.create(
        device=cast.helmet,
        last={"fix_time": now.isoformat(), "east_m": 0.0, "north_m": 0.0, "height_m": None, "accuracy_m": 1.0},
    )
    page = client_of(cast.officer).get(address(cast, "inside/"))
    assert page.status_code == 200
    text = page.content.decode()
    assert ("非班次人员" in text, cast.worker.full_name in text, cast.helmet.code in text) == (True, False, False)
