"""Excel: what is written is read back the same; real people's forms are understood; faults name their cell."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from spatial.control_lists.rules import CHOICES, COLUMNS, LENGTHS, MAJOR_COLUMNS, EntryData, PersonData, SourceData
from spatial.control_lists.sheets.forms import ACTIVITIES, FACILITIES, GRADED, JHA, SCL
from spatial.control_lists.sheets.reading import read_list
from spatial.control_lists.sheets.writing import Heading, write_list, write_major

from .conftest import FALL, MEASURES, PEOPLE, row
from .tables import TABLES

HEADING = Heading("activity", "塔楼", "v1", "甲", "乙", "丙", "2026-11-27", "2027-11-27")


def values(data: bytes, sheet: str) -> list[list]:
    return [list(line) for line in load_workbook(io.BytesIO(data))[sheet].iter_rows(values_only=True)]


def keys(form) -> list[str]:
    return [column.key for column in form.columns if column.official]


def test_the_columns_are_the_official_ones_in_their_order():
    assert keys(ACTIVITIES) == [
        "code", "place_text", "name", "content", "routine", "frequency", "people_count", "period", "remark",
    ]  # fmt: skip
    assert keys(FACILITIES) == [
        "code", "name", "facility_class", "model", "number", "place_text", "special_equipment", "registration_no",
        "owner", "remark",
    ]  # fmt: skip
    measures = [f"measures.{kind}" for kind in ("engineering", "management", "training", "ppe", "emergency")]
    scores = ["before.LEC.L", "before.LEC.E", "before.LEC.C", "before.LEC.value", "before.LS.L", "before.LS.S",
              "before.LS.value"]  # fmt: skip
    sign = ["grade", "added_measures", "lead_level", "person", "analyst", "reviewer", "approver", "analysed_on"]
    assert keys(JHA) == ["name", "step_no", "step", "source", "factor_code", "accident_type", *measures, *scores, *sign]
    assert keys(SCL)[:8] == [
        "name", "step_no", "step", "standard", "deviation", "source", "factor_code", "accident_type",
    ]  # fmt: skip
    assert keys(GRADED) == [
        "code", "kind", "name", "step", "source", "accident_type", "grade", "colour", *measures, "lead_level", "unit",
        "people.company", "people.project", "people.team", "people.post", "remark",
    ]  # fmt: skip


def test_a_workbook_prints_on_a3_landscape_with_repeated_heads_and_merged_points():
    two = replace(FALL, step_no="2", name="堆料坠落", accident_type="物体打击、高处坠落")
    book = load_workbook(io.BytesIO(write_list([row(sources=(FALL, two))], HEADING, TABLES)))
    assert book.sheetnames == ["作业活动清单", "JHA", "安全风险分级管控清单"]
    for sheet in book:
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.page_setup.fitToWidth) == (
            "landscape", 8, 1,
        )  # fmt: skip
        assert sheet.print_title_rows == "$1:$4" and sheet.freeze_panes == "A5"
    graded = book["安全风险分级管控清单"]
    assert graded["A1"].value == "作业活动安全风险分级管控清单"
    assert "A5:A6" in {str(area) for area in graded.merged_cells.ranges}
    head = {graded.cell(3, n).value: n for n in range(1, graded.max_column + 1)}
    assert graded.cell(5, head["风险等级"]).value == "较大风险"
    assert graded.cell(5, head["颜色"]).fill.fgColor.rgb == "FFFFA500"
    assert graded.cell(5, head["管控层级"]).value == "项目级"
    assert graded.cell(5, head["管控措施"]).value == MEASURES["engineering"][0]


NOT_IN_WORDS = "_/-—无、;；()（）:：,，*0123456789"
TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters=NOT_IN_WORDS),
    min_size=2, max_size=12,
).filter(lambda t: t.strip() == t and t.lower() not in ("none", "na"))  # fmt: skip
L, E, C = ([cell["v"] for cell in TABLES.lec[name]] for name in "LEC")
SCORES = {
    "LEC": st.fixed_dictionaries({"L": st.sampled_from(L), "E": st.sampled_from(E), "C": st.sampled_from(C)}),
    "LS": st.fixed_dictionaries({"L": st.integers(1, 5), "S": st.integers(1, 5)}),
}
ACCIDENTS = st.lists(st.sampled_from(TABLES.levels["accident_types_GB6441"]), max_size=2, unique=True).map("、".join)
MEASURE = st.dictionaries(
    st.sampled_from(list(MEASURES)), st.lists(TEXT, min_size=1, max_size=3).map(tuple), max_size=5
)  # fmt: skip


@st.composite
def sources(draw, kind: str) -> SourceData:
    method = draw(st.sampled_from(["LEC", "LS"]))
    before = draw(SCORES[method])
    return SourceData(
        name=draw(TEXT), step_no=str(draw(st.integers(1, 99))), step=draw(st.just("") | TEXT),
        standard=draw(TEXT) if kind == "facility" else "", deviation=draw(TEXT) if kind == "facility" else "",
        factor_code=draw(st.sampled_from(["", "2102", "11", "4"])), accident_type=draw(ACCIDENTS), method=method,
        before=before, after=draw(st.just({}) | SCORES[method]), judgement=draw(st.sampled_from(["", "", "DJ-03"])),
        measures=draw(MEASURE), added_measures=draw(st.just("") | TEXT),
    )  # fmt: skip


@st.composite
def entries(draw, kind: str, code: str) -> EntryData:
    columns = {}
    for name in (*COLUMNS[kind], "unit", "analyst", "remark", *MAJOR_COLUMNS):
        if draw(st.booleans()):
            columns[name] = draw(st.sampled_from(CHOICES[name]) if name in CHOICES else TEXT)
    people = tuple(
        PersonData(level, draw(TEXT), draw(st.sampled_from(["", "13800000000", "0371-6666 7777"])))
        for level in ("company", "project", "team", "post") for _ in range(draw(st.integers(0, 2)))
    )  # fmt: skip
    return row(
        code, name=draw(TEXT), place_text=draw(TEXT), columns=columns, people=people,
        sources=tuple(draw(st.lists(sources(kind), max_size=3))),
    )  # fmt: skip


@settings(max_examples=40, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(data=st.data(), kind=st.sampled_from(["activity", "facility"]), language=st.sampled_from(["zh", "en"]))
def test_out_and_in_again_is_the_same(data, kind, language):
    rows = [data.draw(entries(kind, f"ZY-{n:03d}")) for n in range(data.draw(st.integers(1, 3)))]
    book = write_list(rows, replace(HEADING, kind=kind), TABLES, language)
    read = read_list(book, kind, TABLES)
    assert read.faults == ()
    assert list(read.entries) == rows


def test_a_text_that_looks_like_a_formula_stays_a_text():
    book = write_list([row(name='=HYPERLINK("http://x")')], HEADING, TABLES)
    sheet = load_workbook(io.BytesIO(book))["作业活动清单"]
    assert (sheet["C5"].value, sheet["C5"].data_type) == ('=HYPERLINK("http://x")', "s")


def book_of(*sheets: tuple[str, list[list], list[str]]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for name, rows, merged in sheets:
        sheet = book.create_sheet(name)
        for line in rows:
            sheet.append(line)
        for area in merged:
            sheet.merge_cells(area)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_graded_list_as_a_company_has_it_is_read_with_merged_and_empty_cells():
    rows = [
        ["XX项目作业活动风险分级管控清单"],
        ["编制单位：XX建设集团", None, None, None, "日期：2026年5月"],
        ["序号", "风险点", "作业步骤", "主要危害因素", "易发生的事故类型", "风险等级", "工程技术", "管理措施",
         "培训教育", "个体防护", "应急处置", "管控级别", "责任部门", "项目部责任人", "班组责任人", "岗位责任人",
         "备注"],
        [1, "基坑开挖", "土方开挖", "边坡失稳", "坍塌", "较大", "1.放坡\n2.支护", "监测", "交底", "安全帽", "撤离",
         "项目", "工程部", "王五 13900000000", "赵六", "钱七", None],
        [None, None, "坑边堆载", "超载坍塌", "坍塌/物体打击", "一般", "限载", "巡查", None, None, "卸载", None, None,
         None, None, None, None],
        ["编制：甲  审核：乙"],
    ]  # fmt: skip
    read = read_list(book_of(("清单", rows, ["A1:Q1", "A4:A5", "B4:B5", "A6:Q6"])), "activity", TABLES)
    assert read.faults == ()
    (entry,) = read.entries
    assert (entry.code, entry.name, entry.columns["unit"], entry.lead_level) == ("1", "基坑开挖", "工程部", "project")
    assert [source.name for source in entry.sources] == ["边坡失稳", "超载坍塌"]
    assert entry.sources[0].measures["engineering"] == ("放坡", "支护")
    assert entry.sources[1].accident_type == "坍塌、物体打击"
    assert entry.people == (
        PersonData("project", "王五", "13900000000"), PersonData("team", "赵六"), PersonData("post", "钱七"),
    )  # fmt: skip


JHA_HEAD = ["作业活动", "步骤序号", "作业步骤", "危险源", "事故类型", "工程技术措施", "管理措施", "应急处置措施", "L",
            "E", "C", "D", "评价级别", "责任人"]  # fmt: skip


def jha(*rows: list) -> bytes:
    return book_of(("JHA", [["JHA记录"], JHA_HEAD, *rows], ["A1:N1"]))


def test_a_jha_record_with_one_head_row_is_read_by_names():
    data = jha(["动火", 1, "焊接", "火花引燃", "火灾", "接火斗", "动火证", "灭火器", 3, 6, 7, 126, "一般", "张三"],
               ["动火", 2, "收工", "余火", "火灾", "看护", "检查", "灭火器", 1, 6, 7, 42, "低", "张三"])  # fmt: skip
    read = read_list(data, "activity", TABLES)
    assert read.faults == ()
    (entry,) = read.entries
    assert [(s.step, s.before) for s in entry.sources] == [
        ("焊接", {"L": 3, "E": 6, "C": 7}), ("收工", {"L": 1, "E": 6, "C": 7}),
    ]  # fmt: skip
    assert entry.people == (PersonData("team", "张三"),)


@pytest.mark.parametrize(
    ("line", "column", "word"),
    [
        (["动火", 1, "焊接", "火花", "火灾", "a", "b", "c", 4, 6, 7, None, None, None], "I", "must be one of"),
        (["动火", 1, "焊接", "火花", "着火", "a", "b", "c", 3, 6, 7, None, None, None], "E", "GB 6441"),
        (["动火", 1, "焊接", "火花", "火灾", "a", "b", "c", 3, 6, 7, 500, None, None], "L", "the scores give"),
        (["动火", 1, "焊接", "火花", "火灾", "a", "b", "c", 3, 6, 7, None, "重大", None], "M", "the scores give grade"),
        (["动火", 1, "焊接", "火花", "火灾", "a", "b", "c", 3, 6, 7, None, "很大", None], "M", "is no grade"),
        (["动火", 1, "焊接", "火" * (LENGTHS["source"] + 1), "火灾", "a", "b", "c", 3, 6, 7, None, None, None], "D",
         "shorten"),
    ],
)  # fmt: skip
def test_a_fault_names_sheet_row_column_and_what_to_do(line, column, word):
    good = ["动火", 1, "焊接", "火花", "火灾", "a", "b", "c", 3, 6, 7, None, None, None]
    read = read_list(jha(good, line), "activity", TABLES)
    (fault,) = read.faults
    assert read.refused
    assert (fault.sheet, fault.row, fault.column) == ("JHA", 4, column)
    assert word in fault.sentence


def test_two_sheets_that_contradict_each_other_are_a_fault_of_the_second():
    head = ["编号", "作业活动", "作业内容", "备注"]
    graded = ["风险点编号", "风险点名称", "危险源", "管控层级", "备注"]
    data = book_of(("清单", [head, ["A1", "吊装", "吊钢筋", "甲"]], []),
                   ("分级", [graded, ["A1", "吊装", "坠物", "班组级", "乙"]], []))  # fmt: skip
    (fault,) = read_list(data, "activity", TABLES).faults
    assert (fault.sheet, fault.row, fault.column, fault.values["old"]) == ("分级", 2, "E", "甲")


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 no", b"a,b\n1,2\n"])
def test_a_file_that_is_no_workbook_is_refused(data):
    read = read_list(data, "activity", TABLES)
    assert read.entries == () and "no Excel workbook" in read.faults[0].sentence


def test_a_workbook_without_a_form_and_a_form_of_the_other_list_are_refused():
    assert "official form" in read_list(book_of(("x", [["a", "b"]], [])), "activity", TABLES).faults[0].sentence
    scl = write_list([row(columns={})], replace(HEADING, kind="facility"), TABLES)
    assert {fault.sentence[:30] for fault in read_list(scl, "activity", TABLES).faults} >= {
        "This sheet is a form of the ot"
    }


def test_the_major_risk_table_has_its_columns_and_rows():
    rows = [{"row_no": "1", "project": "塔楼", "risk": "深基坑开挖", "state": "受控"}]
    sheet = values(write_major(rows, HEADING), "重大风险管控统计表")
    assert sheet[0][0] == "重大风险管控统计表"
    assert sheet[2] == ["序号", "项目名称", "重大风险", "部位", "开始日期", "结束日期", "可能事故及影响人数",
                        "管控措施", "管控层级及责任人", "监测监控或值守", "专项方案及专家论证", "应急预案",
                        "当前状态"]  # fmt: skip
    assert (sheet[4][2], sheet[4][12]) == ("深基坑开挖", "受控")


def test_people_are_the_ones_of_the_graded_list():
    assert read_list(write_list([row()], HEADING, TABLES), "activity", TABLES).entries[0].people == PEOPLE
