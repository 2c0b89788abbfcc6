"""The cast of the field pages' tests: one site with its people, a neighbour's site, and a stranger."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib.gis.geos import Polygon
from PIL import ExifTags, Image, ImageDraw

from spatial.people.models import User
from spatial.people.operations import create_user, grant_role
from spatial.places.models import Site, Storey
from spatial.places.operations import create_building, create_organisation, create_site, create_storey, place_anchor
from spatial.risks.models import RiskPoint
from spatial.risks.operations import create_risk_point
from spatial.zones.models import Zone
from spatial.zones.operations import create_zone

LON, LAT, GROUND_M = 113.7700, 34.7650, 92.0
BUILT_AT = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
RESPONSIBLE_LEVELS = ("company", "project", "team", "post")
PASSWORD = "一座工地-2026-field"


@dataclass(frozen=True)
class Cast:
    """Who and what the tests play with. `edge` is a zone around (LON, LAT) from 90 m to 100 m."""

    site: Site
    other_site: Site
    storey: Storey
    edge: Zone
    risk_point: RiskPoint
    worker: User
    safety: User
    manager: User
    engineer: User
    foreman: User
    town: User
    stranger: User


def square(lon: float, lat: float, half_deg: float) -> Polygon:
    """Return a square outline around a point, in EPSG:4490."""
    west, east, south, north = lon - half_deg, lon + half_deg, lat - half_deg, lat + half_deg
    return Polygon(((west, south), (east, south), (east, north), (west, north), (west, south)), srid=4490)


def build_cast() -> Cast:
    """Build the cast through the product's own operations."""
    company = create_organisation(name="中原建工")
    neighbour = create_organisation(name="邻区建设")
    shared: dict[str, Any] = {
        "projected_srid": 4547, "geoid_offset_m": -18.0, "ground_height_m": GROUND_M, "actor": None, "now": BUILT_AT,
    }  # fmt: skip
    site = create_site(
        code="field", name="金水一号工地", organisation=company, boundary=square(LON, LAT, 0.002), **shared
    )
    other = create_site(
        code="next-door", name="邻家工地", organisation=neighbour, boundary=square(LON + 0.02, LAT, 0.002), **shared
    )
    building = create_building(site=site, name="1号楼", zero_level_m=92.5)
    storey = create_storey(building=building, name="2F", elevation_m=96.0, top_m=99.0, index=2)
    edge = create_zone(
        site=site, code="Z-EDGE", name="二层临边", kind="edge", outline=square(LON, LAT, 0.0003),
        bottom_m=90.0, top_m=100.0, actor=None, now=BUILT_AT,
    )  # fmt: skip
    risk_point = create_risk_point(
        site=site, code="RP-01", name="楼层临边作业", kind="activity",
        anchor=place_anchor(site=site, lon=LON, lat=LAT, height_m=97.0),
        sources=[{"name": "临边防护缺失", "accident_type": "高处坠落", "method": "LEC",
                  "scores": {"L": 1, "E": 3, "C": 7}, "measures": [{"kind": "engineering", "text": "设置防护栏杆"}]}],
        responsible=[{"level": level, "full_name": "周班长", "phone": ""} for level in RESPONSIBLE_LEVELS],
        actor=None, now=BUILT_AT,
    )  # fmt: skip
    people = {
        "worker": _member("worker", "王工", "worker", site),
        "safety": _member("safety", "赵安全", "site_safety", site),
        "manager": _member("manager", "陈经理", "project_manager", site),
        "engineer": _member("engineer", "林工程师", "bim_engineer", site),
        "foreman": _member("foreman", "周班长", "worker", site),
        "town": _member("town", "吴街道", "town_reviewer", site),
        "stranger": _member("stranger", "陌生人", "site_safety", other),
    }
    return Cast(site=site, other_site=other, storey=storey, edge=edge, risk_point=risk_point, **people)


def _member(username: str, full_name: str, role: str, site: Site) -> User:
    user = create_user(username=username, password=PASSWORD, full_name=full_name, language="en")
    grant_role(user=user, role=role, site=site)
    return user


def photo_bytes(text: str, *, taken_at: datetime | None = None, size: tuple[int, int] = (640, 480)) -> bytes:
    """Return a real JPEG that differs by its text; with the time of taking in EXIF where one is given."""
    picture = Image.new("RGB", size, (120, 130, 140))
    ImageDraw.Draw(picture).text((20, 20), text, fill=(255, 255, 255))
    exif = Image.Exif()
    if taken_at:
        block = exif.get_ifd(ExifTags.IFD.Exif)
        block[ExifTags.Base.DateTimeOriginal] = taken_at.strftime("%Y:%m:%d %H:%M:%S")
        block[ExifTags.Base.OffsetTimeOriginal] = "+00:00"
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80, exif=exif)
    return out.getvalue()
