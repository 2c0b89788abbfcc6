"""The heat page asks the database: person-minutes between real fixes, risk from real colours."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.test import Client
from django.utils import timezone

from spatial.devices.models import Device
from spatial.devices.operations import register_device
from spatial.people.operations import create_person
from spatial.tracks.models import Position
from tests.webmap.field_cast import LAT, LON, Cast, build_cast
from webmap.pages.heat.person_time import person_minutes
from webmap.pages.heat.risk_weight import risk_points


@pytest.fixture
def cast(db: None) -> Cast:
    return build_cast()


def helmet(cast: Cast, code: str, *, worn_by: bool = True) -> Device:
    person = create_person(site=cast.site, full_name=code, trade="架子工") if worn_by else None
    device, _ = register_device(
        site=cast.site, code=code, name=code, kind="helmet", person=person, report_interval_s=5,
        actor=None, now=timezone.now(),
    )  # fmt: skip
    return device


def fix(device: Device, at: Any, lon: float = LON) -> None:
    Position.objects.create(
        organisation_id=device.organisation_id, site_id=device.site_id, device=device, fix_time=at, received_at=at,
        point=Point(lon, LAT, 93.0, srid=4490), accuracy_m=0.3, source="UWB",
    )  # fmt: skip


def test_a_fix_counts_until_the_next_one_and_a_minute_at_most(cast: Cast) -> None:
    now = timezone.now()
    walker, silent, unworn = helmet(cast, "H1"), helmet(cast, "H2"), helmet(cast, "H3", worn_by=False)
    fix(walker, now - timedelta(seconds=30))
    fix(walker, now - timedelta(seconds=10), lon=LON + 0.001)
    fix(silent, now - timedelta(minutes=20))
    fix(unworn, now - timedelta(seconds=30))
    found = person_minutes(cast.site, since=now - timedelta(hours=1), until=now)
    assert round(sum(point.weight for point in found), 6) == round((20 + 10 + 60) / 60, 6)
    assert len(found) == 2
    assert person_minutes(cast.site, since=now - timedelta(hours=3), until=now - timedelta(hours=2)) == []
    assert person_minutes(cast.other_site, since=now - timedelta(hours=1), until=now) == []


def test_risk_is_the_colour_now_of_points_and_zones(cast: Cast) -> None:
    found = risk_points(cast.site, now=timezone.now())
    assert {point.grade for point in found} == {1}
    # the point's own weight 1, and the zone's weight 1 spread over its outline
    assert round(sum(point.weight for point in found), 6) == 2.0
    assert risk_points(cast.other_site, now=timezone.now()) == []


def test_the_page_carries_a_pydeck_description_with_units_and_no_tiles(cast: Cast) -> None:
    fix(helmet(cast, "H1"), timezone.now() - timedelta(seconds=30))
    client = Client()
    client.force_login(cast.manager, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/sites/field/heat/?shape=square&size=8").content.decode()
    deck = json.loads(re.findall(r'id="heat-deck" type="application/json">(.*?)</script>', page, re.DOTALL)[0])
    layers = {layer["id"]: layer for layer in deck["layers"]}
    assert layers["heat"]["@@type"] == "GridCellLayer" and layers["heat"]["cellSize"] == 8
    assert [cell["height"] for cell in layers["heat"]["data"]] == [40.0]
    assert layers["plan"]["@@type"] == "GeoJsonLayer"
    assert "mapStyle" not in deck and "mapProvider" not in deck
    assert "Person-minutes per cell" in page


def test_a_site_where_nobody_was_seen_says_so(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.manager, backend="django.contrib.auth.backends.ModelBackend")
    assert "Nobody was seen in this period." in client.get("/sites/field/heat/").content.decode()
