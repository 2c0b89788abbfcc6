"""Files of places read: their rows, their coordinates, their headings; and what people's files have wrong."""

from __future__ import annotations

import pytest

from ingest.vectors.places.coordinates import check_datum, to_storage
from ingest.vectors.places.drafts import read_drafts
from ingest.vectors.places.headings import guess_columns, known_headings, settle_axes
from ingest.vectors.places.problems import FieldRefused, FileRefused
from ingest.vectors.places.tables import read_table
from spatial import crs
from tests.ingest.vectors.place_files import excel, geojson, geopackage, shapefile, square

ZHENGZHOU = (113.625, 34.7466)  # spec 08, 8.2 and 8.4
IN_4547 = (465661.6505, 3846545.194)
GCJ_02, BD_09 = (113.631046331, 34.745417014), (113.637447988, 34.75171949)


def table_of(content: bytes, name: str, kind: str = "sites", **more):
    return read_table(content, name, wanted=kind, known=known_headings(kind), **more)


def drafts_of(content: bytes, name: str, kind: str, datum: str, repair: bool = False):
    table = table_of(content, name, kind)
    mapping = settle_axes(guess_columns(kind, table.headings), (row.values for row in table.rows))
    return read_drafts(kind, table, mapping, datum=datum, repair=repair)


def only_problem(content: bytes, name: str, kind: str, datum: str) -> tuple[int, str, str]:
    drafts = drafts_of(content, name, kind, datum)
    assert len(drafts.problems) == 1
    return drafts.problems[0].row, drafts.problems[0].field, str(drafts.problems[0])


@pytest.mark.parametrize(
    ("datum", "place"),
    [
        ("EPSG:4490", ZHENGZHOU),
        ("EPSG:4326", ZHENGZHOU),
        ("EPSG:4547", IN_4547),
        ("EPSG:4526", (38465661.6505, 3846545.194)),
        ("GCJ-02", GCJ_02),
        ("BD-09", BD_09),
    ],
)
def test_a_place_of_any_declared_system_is_the_same_place(datum, place):
    header = ["编码", "名称", "施工单位", "东坐标", "北坐标"]
    drafts = drafts_of(excel([header, ["a", "甲", "乙", *place]]), "a.xlsx", "sites", datum)
    assert drafts.problems == []
    placed = drafts.good[0].shape
    assert (placed.x, placed.y) == pytest.approx(ZHENGZHOU, abs=2e-8)  # 2 mm


@pytest.mark.parametrize("text", ["GCJ02", "gcj-02", "BD09", "4547", "epsg:4547", "EPSG 4547"])
def test_a_declaration_is_read_as_people_write_it(text):
    assert check_datum(text) in ("GCJ-02", "BD-09", "EPSG:4547")


@pytest.mark.parametrize("text", ["EPSG:12345", "Beijing", "", "454"])
def test_a_declaration_that_is_none_is_refused(text):
    with pytest.raises(FieldRefused):
        check_datum(text)


def test_a_gbk_shapefile_without_cpg_or_with_a_wrong_one_keeps_its_names():
    rows = [
        ({"区划编码": "410105", "名称": "金水区"}, square(*ZHENGZHOU)),
        ({"区划编码": "410104", "名称": "管城回族区"}, square(113.7, 34.7)),
    ]
    for without, cpg in (((".cpg",), None), ((), "UTF-8"), ((), None)):
        table = table_of(shapefile(rows, srid=4490, encoding="GB18030", without=without, cpg=cpg), "a.zip", "regions")
        assert [row.values["名称"] for row in table.rows] == ["金水区", "管城回族区"]
        assert table.srid == 4490 and table.headings == ("区划编码", "名称")


def test_a_utf8_shapefile_whose_names_are_cut_by_their_field_is_not_taken_for_gbk():
    rows = [({"CODE": "1", "NAME": "很长的名称" * 17}, square(*ZHENGZHOU))]
    table = table_of(shapefile(rows, srid=4490), "a.zip", "regions")
    assert table.rows[0].values["NAME"].startswith("很长的名称很长的名称")


def test_a_shapefile_without_prj_says_that_it_does_not_say():
    table = table_of(shapefile([({"code": "1"}, square(*ZHENGZHOU))], srid=4490, without=(".prj",)), "a.zip")
    assert table.srid is None
    assert [str(note) for note in table.notes] == [
        "The shapefile has no .prj: it does not say which coordinates it has."
    ]


@pytest.mark.parametrize("srid", [4490, 4547, 4526, 4326])
def test_the_prj_of_esri_names_its_code(srid):
    shape = crs.transform_shape(square(*ZHENGZHOU), from_srid=4490, to_srid=srid)
    assert table_of(shapefile([({"code": "1"}, shape)], srid=srid), "a.zip").srid == srid


def test_the_layer_of_the_asked_kind_is_taken_from_a_geopackage():
    content = geopackage([({"code": "410105", "name": "金水区"}, square(*ZHENGZHOU))], srid=4490, layer="regions")
    table = table_of(content, "a.gpkg", "regions")
    assert (table.name, table.srid, len(table.rows)) == ("regions", 4490, 1)


def test_headings_are_found_below_a_title_and_rows_keep_the_numbers_of_the_sheet():
    rows = [
        ["郑州市项目一览表"],
        ["制表:2026 年 3 月"],
        [],
        ["序号", "项目编号", "项目名称", "施工单位"],
        [1, "a-1", "甲", "乙"],
        [],
        [2, "a-2", "丙", "乙"],
    ]
    table = table_of(excel(rows, merge=("A1:D1",)), "a.xlsx")
    assert [(row.number, row.values["项目编号"]) for row in table.rows] == [(5, "a-1"), (7, "a-2")]
    assert guess_columns("sites", table.headings) == {
        "code": "项目编号",
        "name": "项目名称",
        "organisation": "施工单位",
    }


def test_merged_cells_down_a_column_are_the_value_of_each_row():
    rows = [["楼栋", "楼层", "标高"], ["1号楼", "1F", 100.0], [None, "2F", 103.0], [None, "3F", 106.0]]
    table = table_of(excel(rows, merge=("A2:A4",)), "a.xlsx", "structure")
    assert [row.values["楼栋"] for row in table.rows] == ["1号楼"] * 3
    assert str(table.notes[0]) == "The merged cells A2:A4 were read as 1号楼 in each of their rows."


def test_cells_merged_across_columns_are_refused_by_row_and_area():
    content = excel([["编码", "名称", "施工单位"], ["a", "甲", "乙"], ["丙", None, "乙"]], merge=("A3:B3",))
    drafts = drafts_of(content, "a.xlsx", "sites", "EPSG:4490")
    assert {problem.row for problem in drafts.problems} == {3}
    assert str(drafts.problems[0]) == "Row 3, 丙: the cells A3:B3 are merged across columns: unmerge them."


@pytest.mark.parametrize(
    ("x", "y", "datum", "field", "words"),
    [
        (3846545.2, 465661.7, "EPSG:4547", "geometry", "have east and north swapped"),
        (
            38465661.7,
            3846545.2,
            "EPSG:4547",
            "geometry",
            "begins with zone number 38, but EPSG:4547 has none: declare EPSG:4526.",
        ),
        (465661.7, 3846545.2, "EPSG:4526", "geometry", "EPSG:4526 wants a zone number before the east value"),
        (39465661.7, 3846545.2, "EPSG:4526", "geometry", "begins with zone number 39: declare EPSG:4527."),
        (465661.7, 3846545.2, "EPSG:4490", "geometry", "are metres, but EPSG:4490 is in degrees"),
        (38465661.7, 3846545.2, "GCJ-02", "geometry", "are metres, but GCJ-02 is in degrees"),
        (34.7466, 113.625, "EPSG:4490", "geometry", "have latitude and longitude swapped"),
        (113.625, 34.7466, "EPSG:4547", "geometry", "are degrees, but EPSG:4547 is in metres"),
        (2.3522, 48.8566, "EPSG:4490", "geometry", "lies outside China as EPSG:4490: 2.3522° E, 48.8566° N"),
        (113.625, None, "EPSG:4490", "y", "is missing: a place has both coordinates."),
        ("东经113度", 34.7, "EPSG:4490", "x", "东经113度 is not a number."),
    ],
)
def test_a_place_that_cannot_be_what_was_declared_is_refused_with_what_to_do(x, y, datum, field, words):
    content = excel([["编码", "名称", "施工单位", "东坐标", "北坐标"], ["a", "甲", "乙", x, y]])
    row, where, said = only_problem(content, "a.xlsx", "sites", datum)
    assert (row, where) == (2, field) and words in said


def test_survey_sheets_with_x_to_the_north_are_read_by_their_values():
    content = excel([["编码", "名称", "施工单位", "X", "Y"], ["a", "甲", "乙", IN_4547[1], IN_4547[0]]])
    drafts = drafts_of(content, "a.xlsx", "sites", "EPSG:4547")
    assert (drafts.good[0].shape.x, drafts.good[0].shape.y) == pytest.approx(ZHENGZHOU, abs=1e-8)


BOW = {"type": "Polygon", "coordinates": [[[113.6, 34.7], [113.7, 34.8], [113.7, 34.7], [113.6, 34.8], [113.6, 34.7]]]}


def test_a_boundary_that_crosses_itself_is_refused_with_the_place_and_repaired_only_with_consent():
    content = geojson([({"adcode": 410105, "name": "金水区"}, BOW)])
    row, field, said = only_problem(content, "a.geojson", "regions", "EPSG:4490")
    assert (row, field) == (1, "geometry") and "Self-intersection[113.65 34.75]" in said
    drafts = drafts_of(content, "a.geojson", "regions", "EPSG:4490", repair=True)
    assert drafts.problems == [] and drafts.good[0].shape.is_valid and len(drafts.good[0].shape.geoms) == 2
    assert drafts.good[0].repaired_m2 == pytest.approx(2 * 0.1 * 0.05 / 2 * 111_132**2 * 0.8216, rel=0.01)


def test_codes_that_stand_twice_are_refused_with_both_rows():
    content = excel([["编码", "名称"], [410105, "金水区"], ["410104", "管城区"], ["410105000000", "金水"]])
    assert only_problem(content, "a.xlsx", "regions", "EPSG:4490") == (
        4, "code", "Row 4, code: 410105 is in row 2 already: keep one of the two.",
    )  # fmt: skip


def test_numbers_with_units_and_full_width_digits_are_numbers():
    content = excel([["楼栋", "正负零标高", "楼层", "楼面标高(m)"], ["1号楼", "95.50 m", "1F", "１００．２米"]])
    values = drafts_of(content, "a.xlsx", "structure", "").good[0].values
    assert (values["zero_level_m"], values["elevation_m"]) == (95.5, 100.2)


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "a.xlsx", "The file is empty."),
        (excel([]), "a.xlsx", "No sheet of the workbook has a value in it."),
        (excel([["编码", "名称"]]), "a.xlsx", "Sheet1 has no rows below its headings."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old.xls", "an Excel file of the old kind or one with a password"),
        (b"PK\x03\x04 not a zip", "a.xlsx", "The zip is broken"),
        (b'{"type": "FeatureCollection", "features": [', "a.geojson", "The file is not JSON: line 1, column 44."),
        (b'{"type": "Polygon"}', "a.geojson", "must be a GeoJSON FeatureCollection"),
        (b"\x00\x00\x27\x0a\x00\x00", "a.shp", "One file of a shapefile is not enough"),
        (b"%PDF-1.4", "plan.pdf", "plan.pdf is none of GeoPackage, GeoJSON"),
        (b"SQLite format 3\x00 but broken", "a.gpkg", "The GeoPackage cannot be read"),
        (shapefile([({"c": "1"}, square(*ZHENGZHOU))], srid=4490, without=(".dbf",)), "a.zip", "区划.shp lacks its"),
        (excel([["a"], ["b"], [1]]), "a.xlsx", "has no row of headings in its first 10 rows."),
    ],
)  # fmt: skip
def test_a_file_that_is_no_table_is_refused_with_what_to_do(content, name, words):
    with pytest.raises(FileRefused) as refused:
        table_of(content, name, "regions")
    assert words in str(refused.value)


def test_a_feature_whose_shape_is_broken_is_one_refused_row_of_a_file_that_is_read():
    broken = {"type": "Polygon", "coordinates": [[[113.6, 34.7], [113.7, 34.8]]]}
    content = geojson(
        [({"adcode": "410105", "name": "甲"}, broken), ({"adcode": "410104", "name": "乙"}, square(*ZHENGZHOU))]
    )
    drafts = drafts_of(content, "a.geojson", "regions", "EPSG:4490")
    assert [draft.row for draft in drafts.good] == [2]
    assert [(problem.row, problem.field) for problem in drafts.problems] == [(1, "geometry")]


def test_a_csv_in_gbk_is_read():
    content = "编码,名称,级别\n410105,金水区,区\n".encode("gb18030")
    drafts = drafts_of(content, "a.csv", "regions", "")
    assert drafts.good[0].values == {"code": "410105", "name": "金水区", "level": "district"}


def test_formulas_that_fail_are_refused_by_their_cell():
    content = excel([["编码", "名称", "施工单位"], ["a", "#REF!", "乙"]])
    drafts = drafts_of(content, "a.xlsx", "sites", "")
    assert str(drafts.problems[0]) == "Row 2, 名称: the formula gives #REF!: correct it, or write the value itself."


def test_a_shape_is_converted_at_every_corner():
    placed = to_storage(square(*GCJ_02, 0.001), "GCJ-02")
    assert (placed.centroid.x, placed.centroid.y) == pytest.approx(ZHENGZHOU, abs=1e-6)
