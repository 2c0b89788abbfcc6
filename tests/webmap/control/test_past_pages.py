"""Replay and the search for who was near: exact, and nobody is named without a purpose that is written down."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from openpyxl import load_workbook

from spatial.alarms.operations import raise_alarm
from spatial.alarms.titles import Words
from spatial.ledger.models import Act
from spatial.people.models import Person
from spatial.privacy.models import TrackLook
from tests.webmap.control.test_control_room import NOW, client_of, seen, wearer
from tests.webmap.field_cast import LAT, LON, Cast, build_cast

pytestmark = pytest.mark.django_db
REPLAY, NEARBY = "/sites/field/live/replay/", "/sites/field/live/nearby/"
HOUR = timedelta(hours=1)


@pytest.fixture
def cast() -> Cast:
    return build_cast()


def window(client: Any, **more: str) -> Any:
    values = {"from": (NOW - HOUR).isoformat(), "until": (NOW + HOUR).isoformat(), **more}
    return client.get(f"{REPLAY}window.json", values)


def test_a_window_holds_places_and_trades_but_no_name_and_no_code(cast: Cast) -> None:
    seen(wearer(cast, "H-77", "王小明"), (timedelta(seconds=10), 0.0001), (timedelta(0), 0.0002))
    answer = window(client_of(cast.worker))
    (track,) = answer.json()["tracks"]
    assert track["t"] == [35_900, 36_000] and track["h"] == [970, 970] and track["trade"] == "架子工"
    lon = answer.json()["origin"][0]
    assert [lon + x / 1e7 for x in track["x"]] == pytest.approx([LON + 0.0001, LON + 0.0002], abs=1e-7)
    assert "王小明" not in answer.content.decode() and "H-77" not in answer.content.decode()


def test_a_coarser_step_keeps_one_fix_of_each(cast: Cast) -> None:
    seen(wearer(cast, "H-1"), *[(timedelta(seconds=s), 0.0) for s in range(60)])
    assert len(window(client_of(cast.worker)).json()["tracks"][0]["t"]) == 60
    assert len(window(client_of(cast.worker), step="30").json()["tracks"][0]["t"]) == 3
    assert len(window(client_of(cast.worker), step="7").json()["tracks"][0]["t"]) == 60


def test_names_come_with_a_purpose_that_those_concerned_can_read(cast: Cast) -> None:
    device = wearer(cast, "H-1", "王小明")
    seen(device, (timedelta(0), 0.0))
    client = client_of(cast.safety)
    period = {"from": (NOW - HOUR).isoformat(), "until": (NOW + HOUR).isoformat()}
    refused = client.post(f"{REPLAY}names/", period)
    assert refused.status_code == 422 and not TrackLook.objects.exists()
    look = client.post(f"{REPLAY}names/", {**period, "purpose": "事故调查 17 号"}).json()["look"]
    assert window(client, look=look).json()["tracks"][0]["name"] == "王小明"
    assert (
        window(client_of(cast.manager), look=look).json()["tracks"][0]["name"] == ""
    )  # another's look is not one's own
    second = timedelta(seconds=1)
    later = {"from": (NOW - HOUR + second).isoformat(), "until": (NOW + HOUR + second).isoformat()}
    wider = window(client, look=look, **later)
    assert wider.json()["tracks"][0]["name"] == "" and not wider.json()["named"]
    assert Act.objects.get(verb="open_track").details["purpose"] == "事故调查 17 号"
    assert client_of(cast.worker).post(f"{REPLAY}names/", {**period, "purpose": "x"}).status_code == 403


def test_the_alarms_of_a_period_come_in_order_with_the_late_ones_marked(cast: Cast) -> None:
    device = wearer(cast, "H-1")
    for minutes, late in ((20, True), (10, False)):
        raise_alarm(
            site=cast.site, rule="P-01" if late else "P-08", level="red", title=Words.same(f"t{minutes}"),
            zone=cast.edge, device=device, person_name="王工", storey=None, location=None,
            raised_at=NOW - timedelta(minutes=minutes),
            received_at=NOW - timedelta(minutes=minutes), late=late,
        )  # fmt: skip
    period = {"from": (NOW - HOUR).isoformat(), "until": NOW.isoformat()}
    items = client_of(cast.worker).get(f"{REPLAY}alarms.json", period).json()["items"]
    assert [(item["title"], item["late"]) for item in items] == [("t20", True), ("t10", False)]
    seen(device, (timedelta(0), 0.0))
    assert items[0]["mark"] == window(client_of(cast.worker)).json()["tracks"][0]["id"]


@pytest.mark.parametrize(
    ("change", "words"),
    [({"from": "yesterday"}, "time zone"), ({"until": (NOW - 2 * HOUR).isoformat()}, "after it begins"),
     ({"until": (NOW + 4 * HOUR).isoformat()}, "too long")],
)  # fmt: skip
def test_a_period_that_cannot_be_replayed_says_why(cast: Cast, change: dict[str, str], words: str) -> None:
    answer = window(client_of(cast.worker), **change)
    assert answer.status_code == 422 and words in answer.json()["detail"]


def test_strangers_find_no_past(cast: Cast) -> None:
    stranger = client_of(cast.stranger)
    for path in (REPLAY, f"{REPLAY}window.json", f"{REPLAY}alarms.json", NEARBY):
        assert stranger.get(path).status_code == 404
    assert stranger.post(f"{REPLAY}names/").status_code == 404 and stranger.post(NEARBY).status_code == 404


def question(**change: Any) -> dict[str, Any]:
    # 10:00 on site is NOW
    return {"lon": LON, "lat": LAT, "radius_m": 20, "start": "2026-03-02T09:30", "end": "2026-03-02T10:30",
            "purpose": "事故追溯", **change}  # fmt: skip


def test_who_was_near_is_told_with_distance_and_time_and_the_look_is_noted(cast: Cast) -> None:
    seen(wearer(cast, "H-1", "近处张"), (timedelta(seconds=60), -0.0002), (timedelta(0), 0.0002))
    seen(wearer(cast, "H-2", "远处李"), (timedelta(0), 0.001))
    page = client_of(cast.safety).post(NEARBY, question())
    text = page.content.decode()
    assert page.status_code == 200 and "近处张" in text and "远处李" not in text and "03-02 09:59:30" in text
    look = TrackLook.objects.get()
    assert (look.viewer, look.purpose, look.person) == (cast.safety, "事故追溯", None)


def test_the_answer_as_a_workbook_takes_a_name_for_a_name(cast: Cast) -> None:
    seen(wearer(cast, "H-1"), (timedelta(0), 0.0))
    Person.objects.update(full_name="=1+1")
    answer = client_of(cast.safety).post(NEARBY, question(**{"as": "xlsx"}))
    sheet = load_workbook(io.BytesIO(answer.content)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[1][:2] == ("Purpose", "事故追溯") and rows[3][0] == "=1+1" and sheet["A4"].data_type == "s"
    assert rows[3][5] == 0


@pytest.mark.parametrize(
    ("who", "change", "words"),
    [("worker", {}, "answers for safety"), ("safety", {"purpose": ""}, "required"),
     ("safety", {"radius_m": 900}, "500 m"),
     ("safety", {"end": "2026-03-05T10:30"}, "24 hours"), ("safety", {"end": "2026-03-02T09:00"}, "after it begins")],
)  # fmt: skip
def test_a_question_that_may_not_be_asked_says_why_and_finds_nobody(
    cast: Cast, who: str, change: dict[str, Any], words: str
) -> None:
    seen(wearer(cast, "H-1", "近处张"), (timedelta(0), 0.0))
    answer = client_of(getattr(cast, who)).post(NEARBY, question(**change))
    assert answer.status_code == 422 and words in answer.content.decode() and "近处张" not in answer.content.decode()
    assert not TrackLook.objects.exists()


def test_from_an_alarm_its_place_and_minutes_are_asked_for(cast: Cast) -> None:
    seen(wearer(cast, "H-1"), (timedelta(0), 0.0))
    alarm = raise_alarm(
        site=cast.site, rule="P-01", level="red", title=Words("闯入", "Entry"), zone=cast.edge, device=None,
        person_name="", storey=None, location=Point(LON, LAT, 97.0, srid=4490), raised_at=NOW, received_at=NOW,
    )  # fmt: skip
    page = client_of(cast.safety).get(f"{NEARBY}?alarm={alarm.pk}").content.decode()
    assert 'value="2026-03-02T09:50"' in page and 'value="2026-03-02T10:10"' in page and 'value="97.0"' in page
    assert client_of(cast.safety).get(f"{NEARBY}?alarm=x").status_code == 200
