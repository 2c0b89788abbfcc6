"""A district with two towns, their regulators, and people who must see nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.contrib.gis.geos import Point

from spatial.people.models import Role
from spatial.people.operations import create_user, grant_role
from spatial.places.models import Region
from spatial.places.operations import create_region
from spatial.public_risks.operations import Placed
from spatial.public_risks.rules import RiskGiven
from tests.spatial.conftest import LAT, LON, NOW, Cast, square


@dataclass
class Towns:
    """Two towns of one district, the regulator of one, of the district, of the other, and the cast."""

    cast: Cast
    east: Region
    west: Region
    district: Region
    clerk: Any
    above: Any
    neighbour: Any


def given(**changes: Any) -> RiskGiven:
    """Return the facts of a point: LEC 3 · 3 · 15 = 135, yellow."""
    facts: dict[str, Any] = {
        "code": "GG-001",
        "name": "人民路立交桥下",
        "kind": "flooding",
        "method": "LEC",
        "scores": {"L": 3, "E": 3, "C": 15},
        "responsible_unit": "市政养护中心",
        "responsible_person": "王建民",
        "phone": "0371-00000000",
        "measures": "设置积水警示桩",
        "next_check_on": date(2026, 12, 31),
    }
    return RiskGiven(**(facts | changes))


def placed(towns: Towns, *, lon: float = LON, lat: float = LAT, region: Region | None = None, **changes: Any) -> Placed:
    """Return a point as given in the eastern town."""
    return Placed(region or towns.east, given(**changes), Point(lon, lat, srid=4490), "EPSG:4490")


@pytest.fixture
def towns(cast: Cast) -> Towns:
    """The cast's district with two towns below it."""
    district = cast.site.region  # type: ignore[attr-defined]

    def town(code: str, name: str, lon: float) -> Region:
        district.refresh_from_db()
        boundary = square(0.02, lon, LAT)
        return create_region(code=code, name=name, level="town", parent=district, boundary=boundary, now=NOW)

    def regulator(name: str, region: Region, role: str) -> Any:
        user = create_user(username=name, password="a long pass phrase", full_name=name, now=NOW)
        grant_role(user=user, role=role, region=region, now=NOW)
        return user

    east, west = town("410105001", "东街道", LON), town("410105002", "西街道", LON - 0.02)
    return Towns(
        cast=cast,
        east=east,
        west=west,
        district=district,
        clerk=regulator("clerk", east, Role.TOWN_REVIEWER),
        above=regulator("above", district, Role.DEPT_REVIEWER),
        neighbour=regulator("neighbour", west, Role.TOWN_REVIEWER),
    )
