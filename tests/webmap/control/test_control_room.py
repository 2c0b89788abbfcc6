"""The control room: the page, the roll behind it, and what strangers and roles get."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from spatial.attendance.models import PresenceMark
from spatial.devices.models import Device
from spatial.fences.models import FenceProfile
from spatial.observations.models import Datastream, LatestObservation
from spatial.observations.quantities import all_quantities
from spatial.people.operations import create_person, create_team
from spatial.tracks.operations import NewestFixes, keep_newest, store_positions
from spatial.tracks.position_rows import PositionRow, columns_of
from tests.webmap.field_cast import LAT, LON, Cast, build_cast
from webmap.live.positions import positions_of
from webmap.live.roll import roll_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # 10:00 on site


@pytest.fixture
def cast() -> Cast:
    return build_cast()


def wearer(cast: Cast, code: str, name: str = "王工") -> Device:
    """Add somebody with a helmet."""
    team = create_team(site=cast.site, name=f"架子班组{code}", now=NOW)
    person = create_person(site=cast.site, full_name=name, trade="架子工", team=team, now=NOW)
    return Device.objects.create(
        organisation=cast.site.organisation, site=cast.site, code=code, name=code, kind="helmet", person=person
    )


def seen(device: Device, *fixes: tuple[timedelta, float]) -> None:
    """Store fixes: how long before NOW, and how far east of the cast's place in degrees."""
    rows = [
        PositionRow(
            organisation_id=device.organisation_id, site_id=device.site_id, device_id=device.pk, fix_time=NOW - ago,
            received_at=NOW - ago, lon=LON + east, lat=LAT, height_m=97.0, accuracy_m=0.5, source="UWB",
        )
        for ago, east in fixes
    ]  # fmt: skip
    store_positions(rows=columns_of(rows))
    none = [None] * len(rows)
    newest = sorted(rows, key=lambda row: row.fix_time)[-1:]
    keep_newest(fixes=NewestFixes(columns_of(newest), none[:1], [True], none[:1], none[:1]))


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_roll_tells_since_when_somebody_is_there_and_where_they_were_a_minute_ago(cast: Cast) -> None:
    device = wearer(cast, "H-1")
    yesterday, morning, minute_ago = timedelta(hours=20), timedelta(hours=3), timedelta(seconds=55)
    seen(device, (yesterday, 0.1), (morning, 0.2), (minute_ago, 0.3), (timedelta(0), 0.4))
    (entry,) = roll_of(cast.site, now=NOW, named=True).items
    assert (entry.name, entry.trade, entry.team) == ("王工", "架子工", "架子班组H-1")
    assert entry.since == int((NOW - morning).timestamp() * 1000)
    assert entry.minute_ago == (pytest.approx(LON + 0.3), pytest.approx(LAT))


def test_somebody_with_a_helmet_that_never_spoke_is_on_the_roll_without_a_time(cast: Cast) -> None:
    wearer(cast, "H-2")
    (entry,) = roll_of(cast.site, now=NOW, named=True).items
    assert (entry.code, entry.since, entry.minute_ago) == ("H-2", None, None)


def test_positions_tell_how_exact_they_are(cast: Cast) -> None:
    seen(wearer(cast, "H-3"), (timedelta(0), 0.0))
    (position,) = positions_of([cast.site.pk], now=NOW, named=True)[cast.site.pk].items
    assert position.acc == 0.5


def test_the_page_opens_for_those_who_may_see_the_site_and_for_nobody_else(cast: Cast) -> None:
    for path in ("/sites/field/live/", "/sites/field/live/roll.json"):
        assert client_of(cast.worker).get(path).status_code == 200
        assert client_of(cast.stranger).get(path).status_code == 404
    page = client_of(cast.safety).get("/sites/field/live/").content.decode()
    assert 'aria-current="page">Live</a>' in page and 'aria-current="page">Control room</a>' in page
    assert '"may_acknowledge": true' in page
    assert '"may_acknowledge": false' in client_of(cast.worker).get("/sites/field/live/").content.decode()


def test_the_roll_is_read_with_few_questions_however_many_people_there_are(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        seen(wearer(cast, f"H-{number}"), (timedelta(0), 0.0))

    with django_assert_max_num_queries(5):
        assert len(roll_of(cast.site, now=NOW, named=True).items) == 30


def test_whom_attendance_has_on_site_without_a_device_is_told_and_limits_are_those_of_the_fences(cast: Cast) -> None:
    device = wearer(cast, "H-1", "无帽周")
    person = device.person
    Device.objects.update(person=None)
    PresenceMark.objects.create(
        site=cast.site, person=person, bucket=NOW - timedelta(minutes=5),
        first_inside=NOW - timedelta(minutes=4), last_inside=NOW - timedelta(minutes=2),
    )  # fmt: skip
    FenceProfile.objects.create(organisation=cast.site.organisation, site=cast.site, zone=cast.edge, person_limit=3)
    roll = roll_of(cast.site, now=NOW, named=True)
    assert [(one.name, one.trade) for one in roll.without_fix] == [("无帽周", "架子工")]
    assert roll.limits == {cast.edge.pk: 3}


def test_who_is_shown_counts_only_sees_trades(cast: Cast) -> None:
    seen(wearer(cast, "H-1", "王小明"), (timedelta(0), 0.0))
    answer = client_of(cast.town).get("/sites/field/live/roll.json")
    assert "王小明" not in answer.content.decode() and answer.json()["items"][0]["name"] == "架子工"


def test_the_newest_value_of_each_measurement_is_there_and_a_broken_line_is_told(cast: Cast) -> None:
    device = Device.objects.create(
        organisation=cast.site.organisation, site=cast.site, code="D-1", name="扬尘监测", kind="sensor"
    )
    quantity = next(iter(all_quantities()))
    stream = Datastream.objects.create(
        organisation=cast.site.organisation,
        site=cast.site,
        device=device,
        quantity=quantity,
        name="东侧",
        zone=cast.edge,
    )
    (silent,) = client_of(cast.worker).get("/sites/field/live/sensors.json").json()["items"]
    assert (silent["name"], silent["value"], silent["silent"], silent["place"]) == ("东侧", "–", True, "二层临边")
    now = timezone.now()
    LatestObservation.objects.update_or_create(
        datastream=stream,
        defaults={
            "organisation": cast.site.organisation,
            "site": cast.site,
            "time": now,
            "received_at": now,
            "value": 1,
        },
    )
    (fresh,) = client_of(cast.worker).get("/sites/field/live/sensors.json").json()["items"]
    assert fresh["value"].startswith("1") and not fresh["silent"] and fresh["url"].endswith(f"{stream.pk}/")
    assert client_of(cast.stranger).get("/sites/field/live/sensors.json").status_code == 404
