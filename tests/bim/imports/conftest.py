"""A site, a small building, and folders of its own for every test of imports into the database."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.gis.geos import Point, Polygon
from django.utils import timezone

from spatial.places.models import Site
from spatial.places.operations import create_organisation, create_site
from tests.bim.authoring import small_building


@pytest.fixture(autouse=True)
def in_own_folders(data_root: Path) -> Path:
    return data_root


@pytest.fixture
def building(tmp_path: Path) -> Path:
    small_building(tmp_path / "一期主体.ifc")
    return tmp_path / "一期主体.ifc"


@pytest.fixture
def site() -> Site:
    now = timezone.now()
    outline = Polygon(((113.62, 34.74), (113.63, 34.74), (113.63, 34.75), (113.62, 34.75), (113.62, 34.74)), srid=4490)
    return create_site(
        code="ZD-TOWER", name="郑东塔楼", organisation=create_organisation(name="总包"), boundary=outline,
        location=Point(113.625, 34.7466, srid=4490), projected_srid=4547, ground_height_m=110.5, actor=None, now=now,
    )  # fmt: skip
