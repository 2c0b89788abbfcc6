"""Real boundary files: Tianditu's as they are, DataV's in GCJ-02, a list of towns; read, compared, imported."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ingest.vectors.places.coordinates import offset_m
from ingest.vectors.places.headings import guess_columns
from ingest.vectors.places.operations import Answers, import_places, keep_file, preview, table_of
from spatial.places.models import Region
from spatial.places.operations import create_region
from tests.ingest.cast import START
from tests.ingest.vectors.test_import_places import user_of

DATA = Path(os.environ.get("TWINWALL_REAL_DATA", "/work/shared/data")) / "boundaries"
pytestmark = [pytest.mark.django_db, pytest.mark.skipif(not DATA.exists(), reason="no real boundary files here")]


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def owner(db):
    return user_of("owner", is_superuser=True)


def previewed(name: str, datum: str, user: Any, repair: bool = False):
    file = keep_file(kind="regions", site=None, content=(DATA / name).read_bytes(), file_name=Path(name).name,
                     actor=user, now=START)  # fmt: skip
    table = table_of(file)
    answers = Answers(table.name, guess_columns("regions", table.headings), datum, repair)
    return file, answers, preview(file, table, answers, user)[0]


def imported(name: str, datum: str, user: Any, repair: bool = False):
    file, answers, plan = previewed(name, datum, user, repair)
    assert [str(problem) for problem in plan.problems] == []
    return import_places(file=file, answers=answers, digest=plan.digest, actor=user, now=START)


def test_provinces_and_the_districts_of_luoyang_make_a_tree_and_datav_is_told_by_its_shift(owner):
    provinces = imported("tianditu_china_province_simplified.geojson", "EPSG:4490", owner)
    assert provinces.counts == {"new": 34, "changed": 0, "unchanged": 0, "refused": 0}
    districts = imported("tianditu_luoyang_410300_districts.geojson", "EPSG:4490", owner)
    assert districts.counts["new"] == 14
    assert Region.objects.get(code="410302").get_parent().name == "河南省"  # the file has no city
    _, _, wrong = previewed("datav_gcj02/tnnevol_410300.json", "EPSG:4490", owner)
    assert wrong.suggested_datum == "GCJ-02" and wrong.warnings[0].datum == "GCJ-02"
    shift = wrong.warnings[0].parts
    assert 500 < float(shift["distance"]) < 650 and float(shift["east"]) > 450
    _, _, right = previewed("datav_gcj02/tnnevol_410300.json", "GCJ-02", owner)
    assert right.warnings == [] and right.problems == []
    assert right.count("changed") + right.count("new") == 15


def test_the_boundaries_of_datav_lie_on_those_of_tianditu_once_gcj02_is_taken_back(owner):
    imported("tianditu_luoyang_410300_districts.geojson", "EPSG:4490", owner)
    before = {row.code: row.boundary.centroid for row in Region.objects.all()}
    create_region(code="410300", name="洛阳市", level="city")
    imported("datav_gcj02/lyhmyd1211_citys_410300.json", "GCJ-02", owner)
    same = [row for row in Region.objects.all() if row.code in before]
    away = [offset_m(*before[row.code].coords, *row.boundary.centroid.coords) for row in same]
    assert len(same) >= 13
    assert sorted(abs(east) for east, _ in away)[len(away) // 2] < 200  # as declared it would be about 570 m


def test_the_towns_of_three_cities_hang_below_their_districts(owner):
    name = next(file.name for file in (DATA / "toponyms").iterdir() if file.suffix == ".csv")
    _, answers, plan = previewed(f"toponyms/{name}", "", owner)
    assert answers.mapping["code"] == "ext_id" and answers.mapping["name"] == "name"
    assert plan.problems == []
    done = imported(f"toponyms/{name}", "", owner)
    assert done.counts["new"] == len(done.steps) == 265
    levels = {level: Region.objects.filter(level=level).count() for level in ("province", "city", "district", "town")}
    assert sum(levels.values()) == 265 and levels["town"] > 200
    assert not Region.objects.filter(level="town", depth__lt=3).exists()


def test_the_full_provinces_of_geocode_are_read_in_the_system_they_name(owner):
    _, answers, plan = previewed(
        "tianditu_official_china_province_full_GeoCode.geojson", "EPSG:4326", owner, repair=True
    )
    assert answers.mapping == {"code": "adcode", "name": "name", "level": "level"}
    assert plan.count("new") == 34 and plan.problems == []
