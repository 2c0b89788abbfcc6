"""The cast of the ingest tests: a site with a fenced pit, two storeys, a worker with a helmet, a safety officer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from django.contrib.gis.geos import MultiPolygon, Polygon

from spatial import crs
from spatial.devices.operations import register_device
from spatial.fences.operations import create_fence
from spatial.people.operations import create_person, create_user, grant_role
from spatial.places.operations import create_building, create_organisation, create_site, create_storey
from spatial.rulebook.operations import load_editions
from spatial.zones.operations import create_zone

SRID = 4547
PIT_EAST, PIT_NORTH = 478_950.0, 3_848_600.0  # lower left corner of the pit, EPSG:4547
START = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)


def place(east_m: float, north_m: float) -> tuple[float, float]:
    """Longitude and latitude of a place in metres from the pit's lower left corner."""
    return crs.transform_point(PIT_EAST + east_m, PIT_NORTH + north_m, from_srid=SRID, to_srid=crs.STORAGE_SRID)


def rectangle(west: float, south: float, east: float, north: float) -> MultiPolygon:
    """A rectangle in metres from the pit's corner, in EPSG:4490."""
    corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return MultiPolygon(Polygon([place(*corner) for corner in corners]), srid=4490)


@dataclass
class Cast:
    organisation: Any
    site: Any
    pit: Any
    fence: Any
    basement: Any
    ground_floor: Any
    worker: Any
    helmet: Any
    password: str
    officer: Any
    stranger: Any

    def fix(self, at: datetime, east_m: float, north_m: float = 10.0, **fields: Any) -> dict[str, Any]:
        """A fix in the payload's form, in metres from the pit's corner; 92 m is in the pit."""
        lon, lat = place(east_m, north_m)
        milliseconds = int(at.timestamp() * 1000)
        fix = {"t": milliseconds, "lon": lon, "lat": lat, "h": 92.0, "h_ref": "yellow_sea"}
        return {**fix, "acc": 0.3, "src": "UWB", "worn": True, **fields}


def build_cast(now: datetime = START) -> Cast:
    """Build the cast through the product's own operations."""
    load_editions()
    tag = uuid4().hex[:6]
    organisation = create_organisation(name=f"中建测试公司{tag}")
    site = create_site(
        code=f"zd-{tag}",
        name="郑东测试工地",
        organisation=organisation,
        projected_srid=SRID,
        geoid_offset_m=-13.5,
        actor=None,
        now=now,
    )
    building = create_building(site=site, name="1号楼", zero_level_m=95.0)
    basement = create_storey(building=building, name="B1", elevation_m=90.0, top_m=95.0, index=0)
    ground_floor = create_storey(building=building, name="F1", elevation_m=95.0, top_m=100.0, index=1)
    pit = create_zone(
        site=site,
        code="PIT",
        name="基坑",
        kind="pit",
        outline=rectangle(0, 0, 20, 20),
        bottom_m=90.0,
        top_m=95.0,
        actor=None,
        now=now,
    )
    fence = create_fence(zone=pit, actor=None, now=now)
    worker = create_person(site=site, full_name="张三", trade="钢筋工")
    helmet, password = register_device(
        site=site,
        code=f"H-{tag}",
        name="安全帽1",
        kind="helmet",
        report_interval_s=5,
        person=worker,
        actor=None,
        now=now,
    )
    officer = create_user(username=f"officer-{tag}", password="Correct-horse-9", full_name="李安全")
    grant_role(user=officer, role="site_safety", site=site)
    stranger = create_user(username=f"stranger-{tag}", password="Correct-horse-9", full_name="王路人")
    return Cast(organisation, site, pit, fence, basement, ground_floor, worker, helmet, password, officer, stranger)
