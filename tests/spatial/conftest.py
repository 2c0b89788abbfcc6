"""The cast: one site, who may act on it, and a stranger who must be refused."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from PIL import Image

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai
LON, LAT = 113.77, 34.765


@pytest.fixture(autouse=True)
def private_folders(settings, tmp_path_factory):
    """Keys and media of a test never touch those of a running instance."""
    folder = tmp_path_factory.mktemp("twinwall")
    settings.TWINWALL_SECRETS_DIR = folder / "secrets"
    settings.MEDIA_ROOT = folder / "media"
    settings.TWINWALL_REDIS_URL = f"unix://{folder}/no-redis.sock"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # argon2 is slow on purpose


def square(side_deg: float = 0.001, lon: float = LON, lat: float = LAT) -> MultiPolygon:
    """Return a square around a place, in EPSG:4490."""
    half = side_deg / 2
    ring = Polygon.from_bbox((lon - half, lat - half, lon + half, lat + half))
    return MultiPolygon([ring], srid=4490)


@dataclass
class Cast:
    """A site and its people."""

    site: object
    manager: object
    officer: object
    worker: object
    other_worker: object
    town: object
    stranger: object
    now: datetime = NOW


@pytest.fixture
def cast(db) -> Cast:
    """A site in Zhengzhou with a manager, a safety officer, two workers, the town, and a stranger of another site."""
    from spatial.people.operations import create_user, grant_role
    from spatial.places.operations import create_organisation, create_region, create_site

    city = create_region(code="410100", name="郑州市", level="city", now=NOW)
    district = create_region(code="410105", name="金水区", level="district", parent=city, now=NOW)
    company = create_organisation(name="中原建设", now=NOW)
    other = create_organisation(name="外地建设", now=NOW)
    common = {"projected_srid": 4547, "ground_height_m": 100.0, "actor": None, "now": NOW}
    site = create_site(
        code="tower", name="塔楼", organisation=company, region=district, boundary=square(0.01)[0], **common
    )
    elsewhere = create_site(code="far", name="远处", organisation=other, **common)

    def person(name: str, role: str, **reach):
        user = create_user(username=name, password="a long pass phrase", full_name=name, now=NOW)
        grant_role(user=user, role=role, now=NOW, **reach)
        return user

    return Cast(
        site=site,
        manager=person("manager", "project_manager", site=site),
        officer=person("officer", "site_safety", site=site),
        worker=person("worker", "worker", site=site),
        other_worker=person("mate", "worker", site=site),
        town=person("town", "town_reviewer", region=district),
        stranger=person("stranger", "site_safety", site=elsewhere),
    )


@pytest.fixture
def photo() -> Callable[[int], bytes]:
    """Make small different real JPEG pictures by number."""

    def make(number: int = 0, exif_time: str | None = None) -> bytes:
        image = Image.new("RGB", (64, 48), ((number * 37) % 256, (number * 91) % 256, number % 256))
        exif = Image.Exif()
        if exif_time:
            exif.get_ifd(0x8769)[36867] = exif_time
        out = io.BytesIO()
        image.save(out, "JPEG", exif=exif)
        return out.getvalue()

    return make


@pytest.fixture
def zone_of_site(cast):
    """A pit zone of 0.002 degrees around the centre, from 90 to 110 m."""
    from spatial.zones.operations import create_zone

    return create_zone(
        site=cast.site,
        code="pit",
        name="基坑",
        kind="pit",
        outline=square(0.002),
        bottom_m=90.0,
        top_m=110.0,
        actor=cast.manager,
        now=NOW,
    )


@pytest.fixture
def place() -> dict:
    """A place in the middle of the site, on the ground."""
    return {"lon": LON, "lat": LAT, "height_m": 100.0}


@pytest.fixture
def rows_of():
    """Count the rows that an operation on a ticket could write, to show that a refusal changed nothing."""
    from spatial.hazards.models import Hazard, Photo, Transition
    from spatial.ledger.models import Act
    from spatial.notices.models import Event
    from spatial.zones.models import Trigger

    def count() -> SimpleNamespace:
        tables = (Hazard, Photo, Transition, Act, Event, Trigger)
        counts = {model.__name__: list(model.objects.order_by("pk").values()) for model in tables}
        return SimpleNamespace(**counts)

    return count
