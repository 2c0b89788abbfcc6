"""The people of planning: the company's safety department and its head join the cast of the site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from spatial.people.operations import create_person, create_team, create_user, grant_role
from spatial.places.operations import create_building, create_storey
from tests.spatial.conftest import NOW, Cast
from tests.spatial.risks.test_operations import make_point, source


@dataclass
class Planners:
    """The cast, and two people of the company."""

    cast: Cast
    department: Any
    head: Any

    @property
    def site(self) -> Any:
        return self.cast.site


@pytest.fixture
def planners(cast: Cast) -> Planners:
    """A site with a building, a crew, two risk points, and people at every level."""
    company = cast.site.organisation  # type: ignore[attr-defined]

    def person(name: str, role: str) -> Any:
        user = create_user(username=name, password="a long pass phrase", full_name=name, now=NOW)
        grant_role(user=user, role=role, organisation=company, now=NOW)
        return user

    building = create_building(site=cast.site, name="1号楼", zero_level_m=100.0)
    create_storey(building=building, name="1F", elevation_m=100.0, index=1)
    team = create_team(site=cast.site, name="木工班组", now=NOW)
    for name in ("甲", "乙", "丙"):
        create_person(site=cast.site, full_name=name, trade="木工", team=team, now=NOW)
    make_point(cast, "R-01")
    make_point(cast, "R-02", sources=[source(scores={"L": 10, "E": 6, "C": 15})], name="深基坑开挖")
    return Planners(cast, person("department", "enterprise_safety"), person("head", "enterprise_head"))
