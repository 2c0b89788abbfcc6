"""A site, a small building, and folders of its own for every test of imports into the database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.gis.geos import Point, Polygon
from django.utils import timezone

from spatial.places.models import Site
from spatial.places.operations import create_organisation, create_site
from tests.bim.authoring import small_building


@pytest.fixture(autouse=True)
def data_root(tmp_path: Path, settings: Any) -> Iterator[Path]:
    settings.TWINWALL_DATA_ROOT = tmp_path / "data"
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.TWINWALL_DATA_ROOT.mkdir()
    settings.MEDIA_ROOT.mkdir()
    yield tmp_path / "data"


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
