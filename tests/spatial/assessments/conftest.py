"""An enterprise with two sites in two districts, its safety department and head, and regulators of one and of both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from spatial.people.models import Role
from spatial.people.operations import create_user, grant_role
from spatial.places.models import Region
from spatial.places.operations import create_region, create_site
from tests.spatial.conftest import LAT, LON, NOW, Cast, square
from tests.spatial.risks.test_operations import make_point, source


@dataclass
class Enterprise:
    """The cast's enterprise: sites `tower` (district 410105) and `bridge` (district 410106)."""

    cast: Cast
    organisation: Any
    bridge: Any
    department: Any
    head: Any
    city_regulator: Any


MAJOR = source(
    scores={"L": 10, "E": 6, "C": 15},
    accident_type="坍塌",
    measures=[
        {"kind": "engineering", "text": "支护"},
        {"kind": "management", "text": "监测"},
        {"kind": "emergency", "text": "撤离"},
    ],
)
CONSIDERABLE = source(accident_type="高处坠落")
LOW = source(scores={"L": 0.5, "E": 2, "C": 3}, accident_type="触电")


@pytest.fixture
def enterprise(cast: Cast) -> Enterprise:
    """Tower: one major, one considerable (activities). Bridge: one low facility. All known at 10:00 on 23 November."""
    organisation = cast.site.organisation  # type: ignore[attr-defined]
    city = Region.objects.get(code="410100")
    other = create_region(code="410106", name="上街区", level="district", parent=city, now=NOW)
    bridge = create_site(
        code="bridge",
        name="大桥",
        organisation=organisation,
        region=other,
        boundary=square(0.01, LON + 0.05, LAT)[0],
        projected_srid=4547,
        people_count=30,
        actor=None,
        now=NOW,
    )

    def person(name: str, role: str, **reach: Any) -> Any:
        user = create_user(username=name, password="a long pass phrase", full_name=name, now=NOW)
        grant_role(user=user, role=role, now=NOW, **reach)
        return user

    make_point(cast, "R-01", name="深基坑", sources=[MAJOR, CONSIDERABLE])
    make_point(cast, "R-02", sources=[CONSIDERABLE])
    elsewhere = Cast(**{**cast.__dict__, "site": bridge})
    make_point(elsewhere, "B-01", lon=LON + 0.05, kind="facility", name="配电箱", sources=[LOW])
    return Enterprise(
        cast=cast,
        organisation=organisation,
        bridge=bridge,
        department=person("department", Role.ENTERPRISE_SAFETY, organisation=organisation),
        head=person("head", Role.ENTERPRISE_HEAD, organisation=organisation),
        city_regulator=person("city", Role.DEPT_REVIEWER, region=city),
    )
