"""Files of public risk points: the template itself, Excel and GeoJSON in any CRS, problems by row and field."""

from __future__ import annotations

import io
import json
from datetime import date

import pytest
from openpyxl import Workbook, load_workbook

from ingest.public_risks.columns import COLUMNS, KIND_WORDS
from ingest.public_risks.reading import FileRefused, read_file
from ingest.public_risks.template_file import EXAMPLE, template_workbook
from spatial import crs
from spatial.places.models import Region
from spatial.public_risks.models import PublicRisk

EAST = Region(code="410105001", name="东街道")
REGIONS = [EAST, Region(code="410105002", name="西街道")]
ROW = {**EXAMPLE, "town": "东街道"}


def workbook(*rows: dict, without: str = "") -> bytes:
    book = Workbook()
    names = [name for name in COLUMNS if name != without]
    book.active.append([COLUMNS[name][0] for name in names])
    for row in rows:
        book.active.append([row.get(name) for name in names])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def geojson(*features: tuple[dict, dict | None]) -> bytes:
    rows = [{"type": "Feature", "properties": facts, "geometry": geometry} for facts, geometry in features]
    return json.dumps({"type": "FeatureCollection", "features": rows}).encode()


def told(content: bytes, declared: str = "EPSG:4490") -> list[tuple[int, str]]:
    reading = read_file(content, declared_crs=declared, regions=REGIONS)
    return [(row, str(problem)) for row, problem in reading.problems]


def test_the_template_is_itself_a_good_file():
    content = template_workbook("东街道")
    reading = read_file(content, declared_crs="EPSG:4490", regions=REGIONS)
    assert (reading.count, reading.problems) == (1, [])
    (row,) = reading.rows
    assert (row.region, row.row, row.given.code, row.given.kind) == (EAST, 1, "GG-001", "flooding")
    assert row.given.scores == {"L": 3, "E": 3, "C": 15}
    assert row.given.next_check_on == date(2026, 12, 31)
    assert row.geometry.coords == (113.77, 34.765) and row.geometry.srid == 4490
    assert len(load_workbook(io.BytesIO(content)).sheetnames) == 2


def test_every_kind_has_its_chinese_word():
    assert set(KIND_WORDS.values()) == set(PublicRisk.Kind.values)


@pytest.mark.parametrize("declared", ["GCJ-02", "BD-09", "EPSG:4547"])
def test_coordinates_in_a_declared_crs_are_converted(declared):
    lon, lat = 113.77, 34.765
    x, y = {
        "GCJ-02": crs.to_gcj02(lon, lat),
        "BD-09": crs.to_bd09(lon, lat),
        "EPSG:4547": crs.transform_point(lon, lat, from_srid=4490, to_srid=4547),
    }[declared]
    (row,) = read_file(workbook({**ROW, "x": x, "y": y}), declared_crs=declared, regions=REGIONS).rows
    assert row.geometry.coords == pytest.approx((lon, lat), abs=1e-8)
    assert row.source_crs == declared


def test_geojson_keeps_lines_and_areas_and_reads_chinese_and_english_names():
    line = {"type": "LineString", "coordinates": [[113.77, 34.765, 80], [113.78, 34.766, 81]]}
    english = {**ROW, "kind": "road", "town": "410105002", "method": "direct", "direct_reason": "DJ-02"}
    chinese = {COLUMNS[name][0]: value for name, value in ROW.items()}
    area = {"type": "Polygon", "coordinates": [[[113.77, 34.76], [113.78, 34.76], [113.78, 34.77], [113.77, 34.76]]]}
    reading = read_file(geojson((english, line), (chinese, area)), declared_crs="EPSG:4326", regions=REGIONS)
    assert reading.problems == []
    first, second = reading.rows
    assert (first.geometry.geom_type, first.geometry.hasz, first.region.name) == ("LineString", False, "西街道")
    assert (first.given.method, first.given.direct_reason, first.given.scores) == ("direct", "DJ-02", {})
    assert (second.geometry.geom_type, second.given.kind) == ("Polygon", "flooding")


def test_every_problem_is_told_by_row_and_field_and_good_rows_are_still_read():
    bad = {**ROW, "code": "B", "town": "南街道", "x": "这里", "L": "三", "next_check_on": "明年"}
    content = workbook(ROW, bad, {**ROW, "code": "", "measures": None})
    reading = read_file(content, declared_crs="EPSG:4490", regions=REGIONS)
    assert [row.given.code for row in reading.rows] == ["GG-001"]
    assert [(row, problem.field) for row, problem in reading.problems] == [
        *((2, "town"), (2, "geometry"), (2, "L"), (2, "next_check_on"), (3, "code"), (3, "measures")),
    ]
    assert "三 is no number" in str(reading.problems[2][1])


def test_swapped_grid_coordinates_are_told():
    east, north = crs.transform_point(113.77, 34.765, from_srid=4490, to_srid=4547)
    ((row, words),) = told(workbook({**ROW, "x": north, "y": east}), "EPSG:4547")
    assert row == 1 and "look swapped" in words


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x00\x01", "neither Excel"),
        (b"{}", "must be a GeoJSON FeatureCollection"),
        (b'{"features": []}', "holds no rows"),
        (workbook(), "holds no rows"),
        (workbook(ROW, without="responsible_unit"), "lacks the columns 责任单位"),
        (b"PK\x03\x04 broken", "neither Excel"),
        (b"[" * 100_000, "neither Excel"),
        (geojson(*[({}, None)] * 2001), "more than 2000"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(content, words):
    with pytest.raises(FileRefused, match=words):
        read_file(content, declared_crs="EPSG:4490", regions=REGIONS)


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Point", "coordinates": [113.77]},
        {"type": "Point"},
        {"type": "GeometryCollection", "geometries": []},
        {"type": "Point", "coordinates": [1e400, 34]},
        {"type": "Polygon", "coordinates": []},
        "here",
        {},
    ],
)
def test_a_broken_geometry_is_a_problem_of_its_row(geometry):
    assert [(row, words.split(":")[0]) for row, words in told(geojson((ROW, geometry)))] == [(1, "geometry")]
