"""The people workbook: every fault by sheet, row and column, all or nothing, and out again as it came in."""

import io
from datetime import UTC, date, datetime

import pytest
from openpyxl import load_workbook

from spatial.ledger.models import Act
from spatial.people.importing import ImportRefused, export_roster, import_roster, preview_roster
from spatial.people.models import BriefingSignature, Certificate, Education, Employer, Person, Shift, Team
from spatial.people.roster import RosterRefused, read_roster, roster_workbook, template_workbook
from tests.ingest.cast import Cast, build_cast

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
ROWS = {
    "employers": [("豫建劳务", "劳务", "914100")],
    "teams": [("木工一班", "豫建劳务", "王组长")],
    "people": [
        ("A1", "李一", "木工", "木工一班", "", 13800000000, "2026-03-01", ""),
        ("A2", "赵二", "架子工", "木工一班"),
    ],
    "shifts": [("夜班", "19:00", "05:00", "1-5", "00:00-01:00", "木工一班")],
    "certificates": [("A2", "建筑架子工", "豫A1", "省厅", date(2025, 3, 1), "2027/2/28")],
    "education": [
        ("A1", "公司级", "2026-03-01", 15, "安"),
        ("A1", "项目级", "2026-03-01"),
        ("A1", "班组", "2026年3月1日"),
    ],
    "briefings": [("支模", "安", "2026-03-02 07:10", "2026-03-02", "2026-03-08", "A1、A2", "系安全带")],
}


@pytest.fixture
def cast(db) -> Cast:
    return build_cast(NOW)


def test_every_fault_names_sheet_row_and_column():
    rows = {
        "people": [("A1", "李一", "木工"), ("A1", "李二", "木工"), ("A3", "", "木工", "无此班"),
                   ("A4", "王", "木工", "", "", "", "昨天")],
        "certificates": [("A9", "建筑架子工", "n", "", "2026-01-01", "2025-01-01"),
                         ("A1", "驾照", "n", "", "2026-01-01", "2026-02-30")],
        "shifts": [("早", "25:00", "12:00", "8", "中午")],
        "education": [("A1", "幼儿园", "2026-01-01", -1)],
    }  # fmt: skip
    faults = read_roster(roster_workbook(rows)).faults
    places = {f"{fault.sheet}!{fault.column}{fault.row}" for fault in faults}
    assert places == {
        "人员!A3", "人员!B4", "人员!D4", "人员!G5", "证书!A2", "证书!F2", "证书!B3", "证书!F3",
        "班次!B2", "班次!D2", "班次!E2",
        "三级安全教育!B2", "三级安全教育!D2",
    }  # fmt: skip


def test_a_file_that_is_no_workbook_or_has_other_sheets_is_refused_whole():
    for content in (b"", b"PK\x03\x04 broken", b"a,b\n1,2"):
        with pytest.raises(RosterRefused, match="cannot be read"):
            read_roster(content)
    book = load_workbook(io.BytesIO(template_workbook()))
    for sheet in list(book.worksheets)[:-1]:
        book.remove(sheet)
    file = io.BytesIO()
    book.save(file)
    with pytest.raises(RosterRefused, match="none of the sheets"):
        read_roster(file.getvalue())


def test_a_column_that_is_needed_and_missing_is_named():
    book = load_workbook(io.BytesIO(roster_workbook(ROWS)))
    book["人员"].delete_cols(2)
    file = io.BytesIO()
    book.save(file)
    faults = read_roster(file.getvalue()).faults
    assert any(fault.sheet == "人员" and fault.values.get("name") == "姓名" for fault in faults)


def test_the_template_can_be_read_and_its_examples_are_right():
    assert read_roster(template_workbook(), known_badges=["A0002"]).faults == []


def test_a_workbook_is_taken_whole_and_given_out_as_it_came_in(cast: Cast):
    roster = read_roster(roster_workbook(ROWS))
    assert roster.faults == []
    outcome = preview_roster(site=cast.site, roster=roster, actor=cast.officer, now=NOW)
    assert dict(outcome.new) == {
        "employers": 1, "teams": 1, "people": 2, "shifts": 1, "certificates": 1, "education": 3, "briefings": 1
    }  # fmt: skip
    assert Person.objects.exclude(badge="").count() == 0
    assert not Act.objects.filter(verb="import_people").exists()

    import_roster(site=cast.site, roster=roster, actor=cast.officer, now=NOW)

    person = Person.objects.get(badge="A1")
    assert (person.full_name, person.team.name, person.employer.name, person.phone) == (
        "李一",
        "木工一班",
        "豫建劳务",
        "13800000000",
    )
    assert Certificate.objects.get().valid_until == date(2027, 2, 28)
    assert Education.objects.filter(person=person).count() == 3
    assert BriefingSignature.objects.get(person=person).signed_at == datetime(2026, 3, 1, 23, 10, tzinfo=UTC)
    shift = Shift.objects.get()
    assert (shift.weekdays, shift.breaks, [team.name for team in shift.teams.all()]) == (
        [1, 2, 3, 4, 5],
        [["00:00", "01:00"]],
        ["木工一班"],
    )

    again = import_roster(site=cast.site, roster=read_roster(export_roster(cast.site)), actor=None, now=NOW)
    assert not again.new
    assert not again.changed
    assert sum(again.same.values()) == 10


def test_one_bad_row_keeps_everything_out(cast: Cast):
    rows = {**ROWS, "people": [*ROWS["people"], ("A3", "", "木工")]}
    with pytest.raises(ImportRefused) as refused:
        import_roster(site=cast.site, roster=read_roster(roster_workbook(rows)), actor=cast.officer, now=NOW)
    assert [str(fault) for fault in refused.value.faults] == ["人员 B4: 姓名 is missing; fill it in."]
    assert (Employer.objects.count(), Team.objects.count(), Person.objects.exclude(badge="").count()) == (0, 0, 0)


def test_strangers_import_nothing(cast: Cast):
    with pytest.raises(ImportRefused, match="kept by"):
        import_roster(site=cast.site, roster=read_roster(roster_workbook(ROWS)), actor=cast.stranger, now=NOW)
    assert Employer.objects.count() == 0


def test_words_that_excel_would_calculate_are_written_as_words():
    sheet = load_workbook(io.BytesIO(roster_workbook({"employers": [("=1+1", "劳务")]})))["单位"]
    assert sheet["A2"].value == "=1+1"
    assert sheet["A2"].data_type == "s"
