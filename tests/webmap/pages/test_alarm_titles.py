"""Who reads English is told of an alarm in English wherever its title stands; the record stays Chinese."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from spatial.alarms.models import Alarm, HazardDraft
from spatial.alarms.operations import raise_alarm
from spatial.alarms.titles import Words
from spatial.ledger.models import Act
from spatial.notices.models import Event
from spatial.zones.models import Trigger
from spatial.zones.queries import site_colours
from tests.webmap.field_cast import Cast, build_cast
from webmap.live.frames import event_frames
from webmap.live.naming import reasons_told
from webmap.wording.alarm_titles import for_reader

ZH, EN = "危险区域闯入：王工 · 二层临边", "Danger-zone entry: 王工 · 二层临边"
DRAFT_ZH, DRAFT_EN = f"2026-03-02 08:00 {ZH}（30 分钟未解除）", f"2026-03-02 08:00 {EN} (not over after 30 min)"


@pytest.fixture
def alarm(db: None) -> Alarm:
    cast = build_cast()
    found = raised(cast)
    HazardDraft.objects.create(
        organisation=cast.site.organisation, site=cast.site, alarm=found, cause="not_cleared", description=DRAFT_ZH,
        description_en=DRAFT_EN, opened_at=timezone.now(),
    )  # fmt: skip
    found.cast = cast  # type: ignore[attr-defined]
    return found


def raised(cast: Cast, **given: Any) -> Alarm:
    now = timezone.now()
    return raise_alarm(**{
        "site": cast.site, "rule": "P-01", "level": "red", "title": Words(ZH, EN), "zone": cast.edge, "device": None,
        "person_name": "王工", "storey": cast.storey, "location": None, "raised_at": now, "received_at": now, **given,
    })  # fmt: skip


def reader(cast: Cast, language: str) -> Client:
    cast.safety.language = language
    cast.safety.save(update_fields=["language"])
    client = Client()
    client.force_login(cast.safety)
    return client


def places_of(alarm: Alarm) -> list[str]:
    site = f"/sites/{alarm.site.code}"
    day = timedelta(hours=1)
    period = f"from={(alarm.raised_at - day):%Y-%m-%dT%H:%M:%SZ}&until={(alarm.raised_at + day):%Y-%m-%dT%H:%M:%SZ}"
    return [
        f"{site}/live/alarms/",
        f"{site}/live/alarms/{alarm.pk}/",
        f"{site}/zones/{alarm.zone_id}/",
        f"{site}/live/replay/alarms.json?{period}",
        f"/api/v1{site}/state",
        f"/api/v1{site}/alarms",
        f"/api/v1{site}/events?cursor=0",
    ]


@pytest.mark.parametrize(("language", "told", "other"), [("en", EN, ZH), ("zh-hans", ZH, EN)])
def test_pages_and_what_is_sent_to_them_tell_an_alarm_in_the_readers_language(
    alarm: Alarm, language: str, told: str, other: str
) -> None:
    client = reader(alarm.cast, language)  # type: ignore[attr-defined]
    for path in places_of(alarm):
        answer = client.get(path)
        assert answer.status_code == 200, path
        text = answer.content.decode()
        text = text if "json" not in answer.headers["Content-Type"] else str(answer.json())
        assert told in text and "title_en" not in text, path
        assert other not in text, (path, text[text.index(other) - 200 :][:300])


def test_a_reason_of_a_colour_and_a_hazard_draft_are_told_in_english(alarm: Alarm) -> None:
    english = reader(alarm.cast, "en")  # type: ignore[attr-defined]
    zones = {zone["id"]: zone for zone in english.get(f"/api/v1/sites/{alarm.site.code}/state").json()["zones"]}
    reasons = [reason["text"] for reason in zones[str(alarm.zone_id)]["reasons"]]
    assert [text for text in reasons if text.startswith(f"Red alarm: {EN}, since ")] != []
    page = english.get(f"/sites/{alarm.site.code}/live/alarms/{alarm.pk}/").content.decode()
    assert DRAFT_EN in page and DRAFT_ZH not in page


def test_who_withdraws_a_zone_is_told_in_english_which_alarm_colours_it(alarm: Alarm) -> None:
    english = reader(alarm.cast, "en")  # type: ignore[attr-defined]
    path = f"/api/v1/sites/{alarm.site.code}/zones/{alarm.zone_id}/withdraw"
    body = {"reason": "filled in", "expected_version": alarm.zone.version}  # type: ignore[union-attr]
    answer = english.post(path, body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (409, "live_triggers")
    assert EN in answer.json()["detail"] and ZH not in answer.json()["detail"]


def test_the_record_stays_as_it_was_written(alarm: Alarm) -> None:
    assert (alarm.title, alarm.title_en) == (ZH, EN)
    assert Act.objects.get(verb="raise_alarm").details["title"] == ZH
    assert Trigger.objects.get(source_kind="alarm").source_label == ZH


def test_an_alarm_from_before_is_told_by_its_chinese_title(alarm: Alarm) -> None:
    Alarm.objects.update(title_en="")
    client = reader(alarm.cast, "en")  # type: ignore[attr-defined]
    for path in places_of(alarm)[:-1]:  # its event was kept with both
        answer = client.get(path)
        text = answer.content.decode() if "json" not in answer.headers["Content-Type"] else str(answer.json())
        assert ZH in text, path


def test_one_stream_tells_each_reader_in_their_language_and_names_nobody_to_whom_nobody_is_named(alarm: Alarm) -> None:
    events = list(Event.objects.filter(kind="alarm_raised").select_related("site"))
    site = {alarm.site_id}
    for language, named, told in (
        ("en", site, EN), ("zh-hans", site, ZH), ("en", set(), EN.replace("王工", "a worker")),
        ("zh-hans", set(), ZH.replace("王工", "某工人")),
    ):  # fmt: skip
        (frame,) = event_frames(events, named=named, language=language)
        assert f'"title":"{told}"' in frame.decode() and "title_en" not in frame.decode()


def test_an_event_keeps_what_it_holds_once() -> None:
    payload = {"title": "一", "title_en": "one", "text": "二", "text_en": "", "name_en": "alone"}
    with translation.override("en"):
        assert for_reader(payload) == {"title": "one", "text": "二", "name_en": "alone"}
    with translation.override("zh-hans"):
        assert for_reader(payload) == {"title": "一", "text": "二", "name_en": "alone"}


@pytest.mark.parametrize(("language", "questions"), [("en", 2), ("zh-hans", 1)])
def test_reasons_of_many_zones_are_told_without_names_by_one_look_at_their_alarms(
    alarm: Alarm, language: str, questions: int, django_assert_num_queries: Any
) -> None:
    cast = alarm.cast  # type: ignore[attr-defined]
    raised(cast, subject="another", rule="P-03")
    zones = site_colours(cast.site, now=timezone.now()).zones.values()
    every = [reason for zone in zones for reason in zone.reasons if reason.source_kind == "alarm"]
    assert len(every) >= 2
    with translation.override(language), django_assert_num_queries(questions):
        told = reasons_told(every, named=False)
        labels = [reason.label for zone in zones for reason in told(zone.reasons)]
    assert not any("王工" in label for label in labels)
    assert any((EN if language == "en" else ZH).split("王工")[0] in label for label in labels)
