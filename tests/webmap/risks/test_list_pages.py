"""The pages of control lists: from an empty draft to a published list, with every refusal told and nothing lost."""

from __future__ import annotations

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from spatial.control_lists.models import ListEntry, ListVersion, SuggestionVerdict
from spatial.risks.models import RiskPoint
from tests.webmap.field_cast import LAT, LON, PASSWORD

pytestmark = pytest.mark.django_db
LISTS = "/sites/field/risks/lists/"
PEOPLE = {f"people-{level}": f"负责人{level} 13800000000" for level in ("company", "project", "team", "post")}


def source(number: int = 0, **changes: str) -> dict[str, str]:
    prefix = f"s{number}-"
    fields = {
        "step_no": "1", "step": "材料转运", "name": "临边防护缺失", "factor_code": "2102", "accident_type": "高处坠落",
        "method": "LEC", "LEC-before-L": "3", "LEC-before-E": "6", "LEC-before-C": "40",
        "LEC-after-L": "1", "LEC-after-E": "6", "LEC-after-C": "15",
        "m-engineering": "防护栏杆\n挡脚板", "m-management": "班前检查", "m-emergency": "急救",
    }  # fmt: skip
    return {prefix + name: value for name, value in (fields | changes).items()}


def started(client, kind: str = "activity") -> ListVersion:
    answer = client.post(LISTS, {"kind": kind, "reason": "年度评估"})
    version = ListVersion.objects.get(kind=kind, state="draft")
    assert answer.headers["Location"] == f"{LISTS}{version.pk}/"
    return version


def added(client, version: ListVersion, **changes: str) -> ListEntry:
    form = (
        {"code": "ZY-100", "name": "屋面临边作业", "place_text": "屋面", "col-routine": "routine"} | PEOPLE | source()
    )
    answer = client.post(f"{LISTS}{version.pk}/rows/new/", form | changes)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    return version.entries.get(code=form["code"])


def placed(client, version: ListVersion, entry: ListEntry, **changes: str) -> ListEntry:
    form = {"geometry": f'{{"type":"Point","coordinates":[{LON},{LAT}]}}', "height_m": "97"} | changes
    answer = client.post(f"{LISTS}{version.pk}/rows/{entry.pk}/place/", form)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    entry.refresh_from_db()
    return entry


def act(client, version: ListVersion, verb: str, **fields: str) -> str:
    answer = client.post(f"{LISTS}{version.pk}/act/", {"verb": verb} | fields, follow=True)
    version.refresh_from_db()
    return answer.content.decode()


def test_from_a_written_row_to_a_red_point_in_force(field, company, browser):
    safety, department, head = (browser(user) for user in (field.safety, company["department"], company["head"]))
    RiskPoint.objects.all().update(kind="facility")
    version = started(safety)
    entry = added(safety, version)
    assert (entry.grade_before, entry.grade_after) == (4, 2)
    assert entry.sources.get().measures["engineering"] == ["防护栏杆", "挡脚板"]
    page = act(safety, version, "submit")
    assert version.state == "draft" and "Put the row on the map" in page
    assert placed(safety, version, entry).storey == field.storey
    assert "Submitted to the company" in act(safety, version, "submit")
    act(department, version, "pass", note="同意")
    page = act(head, version, "publish", password="wrong")
    assert version.state == "head" and "password is not right" in page
    act(head, version, "publish", password=PASSWORD, note="批准")
    assert version.state == "published" and version.reassess_due is not None
    point = RiskPoint.objects.get(code="ZY-100")
    register = safety.get("/sites/field/risks/?grade=4").content.decode()
    assert "屋面临边作业" in register and f"/sites/field/map/?risk={point.pk}" in register
    shown = safety.get(f"/sites/field/risks/points/{point.pk}/").content.decode()
    assert "挡脚板" in shown and "负责人company" in shown
    major = safety.get("/sites/field/risks/major/").content.decode()
    assert "ZY-100 屋面临边作业" in major
    book = load_workbook(io.BytesIO(safety.get("/sites/field/risks/major/excel/").content))
    assert book.worksheets[0]["C5"].value == "ZY-100 屋面临边作业"


def test_the_tables_are_shown_in_full_and_the_grade_comes_from_the_server_while_one_picks(field, browser):
    client = browser(field.safety)
    version = started(client)
    page = client.get(f"{LISTS}{version.pk}/rows/new/").content.decode()
    block = page[page.index('data-prefix="s0-"') : page.index('id="empty-source"')]
    assert len(re.findall(r'name="s0-LEC-before-[LEC]"', block)) == 7 + 6 + 6
    assert len(re.findall(r'name="s0-LS-after-[LS]"', block)) == 10
    url = "/sites/field/risks/grade/"
    part = client.get(url, {"prefix": "s0-"} | source()).content.decode()
    assert "D = 720" in part and "D = 90" in part
    assert re.findall(r'data-grade="(\d)" class="picked"', part) == ["4", "2"]
    ls = {"prefix": "s0-", "s0-method": "LS", "s0-LS-before-L": "4", "s0-LS-before-S": "5"}
    part = client.get(url, ls).content.decode()
    assert "R = 20" in part and len(re.findall(r"<td data-grade", part)) == 25
    assert re.findall(r'data-grade="(\d)" class="picked"', part) == ["4"]
    assert (
        "pick all scores"
        in client.get(url, {"prefix": "s0-", "s0-method": "LEC", "s0-LEC-before-L": "3"}).content.decode()
    )
    assert client.get(url, {"prefix": "s0-", "s0-method": "X", "s0-LEC-before-L": "99"}).status_code == 200


def test_a_refused_row_keeps_what_was_written_and_says_why(field, browser):
    client = browser(field.safety)
    version = started(client)
    before = version.entries.count()
    form = {"code": "ZY-1", "name": "长" * 161} | source(name="危险源甲")
    answer = client.post(f"{LISTS}{version.pk}/rows/new/", form)
    page = answer.content.decode()
    assert answer.status_code == 422 and "is longer than 160 characters" in page and "危险源甲" in page
    assert version.entries.count() == before


def test_a_row_is_placed_by_line_area_whole_site_and_refused_outside(field, browser):
    client = browser(field.safety)
    version = started(client)
    entry = added(client, version)
    line = f'{{"type":"LineString","coordinates":[[{LON},{LAT}],[{LON + 0.0001},{LAT}]]}}'
    assert placed(client, version, entry, geometry=line).geometry.geom_type == "LineString"
    assert placed(client, version, entry, whole_site="1").geometry.geom_type == "Polygon"
    outside = client.post(
        f"{LISTS}{version.pk}/rows/{entry.pk}/place/", {"geometry": '{"type":"Point","coordinates":[115,30]}'}
    )
    assert outside.status_code == 422 and "m outside the site" in outside.content.decode()
    nothing = client.post(f"{LISTS}{version.pk}/rows/{entry.pk}/place/", {"geometry": "no"})
    assert nothing.status_code == 422
    entry.refresh_from_db()
    assert entry.geometry.geom_type == "Polygon"


def test_a_template_is_taken_and_an_over_scale_work_is_major(field, browser):
    client = browser(field.safety)
    version = started(client)
    page = client.get(f"{LISTS}{version.pk}/library/").content.decode()
    assert "深基坑土方开挖" in page and "DW-24" in page
    for value, judgement in (("4", ""), ("5", "DJ-03")):
        client.post(f"{LISTS}{version.pk}/library/", {"template": "A01", "value": value})
        entry = version.entries.order_by("-position").first()
        assert (entry.name, entry.sources.first().judgement) == ("深基坑土方开挖", judgement)
        assert entry.sources.count() == 3
    assert client.post(f"{LISTS}{version.pk}/library/", {"template": "Z9"}).status_code == 404


def test_excel_out_is_read_in_again_after_a_preview_and_a_bad_one_changes_nothing(field, browser):
    client = browser(field.safety)
    version = started(client)
    placed(client, version, added(client, version))
    data = client.get(f"{LISTS}{version.pk}/excel/").content
    book = load_workbook(io.BytesIO(data))
    sheet = book.worksheets[0]
    names = [sheet.cell(row, 3).value for row in range(5, sheet.max_row + 1)]
    row = 5 + names.index("屋面临边作业")
    sheet.cell(row, 2).value = "屋面北侧"
    out = io.BytesIO()
    book.save(out)
    url = f"{LISTS}{version.pk}/import/"
    preview = client.post(url, {"file": SimpleUploadedFile("a.xlsx", out.getvalue())})
    page = preview.content.decode()
    assert preview.status_code == 200, page
    assert version.entries.get(code="ZY-100").place_text == "屋面"
    token = re.search(r'name="token" value="([^"]+)"', page)[1]
    assert client.post(url, {"token": token}).headers["Location"] == f"{LISTS}{version.pk}/"
    entry = version.entries.get(code="ZY-100")
    assert (entry.place_text, entry.grade_before, entry.geometry.geom_type) == ("屋面北侧", 4, "Point")
    jha = book["JHA"]
    for number in range(1, jha.max_column + 1):
        if jha.cell(4, number).value == "C":
            for line in range(5, jha.max_row + 1):
                jha.cell(line, number).value = 41
            break
    out = io.BytesIO()
    book.save(out)
    refused = client.post(url, {"file": SimpleUploadedFile("b.xlsx", out.getvalue())})
    text = refused.content.decode()
    assert refused.status_code == 422 and "must be one of" in text and 'name="token"' not in text
    assert client.post(url, {"token": token + "x"}).status_code == 302
    assert version.entries.get(code="ZY-100").place_text == "屋面北侧"


def test_remarks_of_the_department_are_answered_by_the_project(field, company, browser):
    safety, department = browser(field.safety), browser(company["department"])
    version = started(safety)
    added(safety, version)
    assert "补充监测" in act(department, version, "remark", row="ZY-100", note="补充监测措施")
    made = version.remarks.get()
    assert "已补充" in act(safety, version, "settle", remark=str(made.pk), note="已补充")


def test_what_changed_is_a_page(field, company, browser):
    safety = browser(field.safety)
    version = started(safety)
    added(safety, version)
    page = safety.get(f"{LISTS}{version.pk}/changes/").content.decode()
    assert "ZY-100" in page and "Added" in page


def test_a_suggestion_is_dismissed_only_with_a_reason(field, browser):
    client = browser(field.safety)
    version = started(client)
    assert client.get(f"{LISTS}{version.pk}/suggestions/").status_code == 200
    client.post(f"{LISTS}{version.pk}/suggestions/", {"key": "nothing", "verdict": "take"})
    assert not SuggestionVerdict.objects.exists()


@pytest.mark.parametrize("path", ["", "rows/new/", "library/", "import/", "suggestions/", "changes/", "excel/"])
def test_a_stranger_finds_no_list_and_a_regulator_reads_but_does_not_write(field, browser, path):
    version = started(browser(field.safety))
    assert browser(field.stranger).get(f"{LISTS}{version.pk}/{path}").status_code == 404
    writes = path in ("rows/new/", "library/", "import/", "suggestions/")
    assert browser(field.town).get(f"{LISTS}{version.pk}/{path}").status_code == (404 if writes else 200)


def test_a_worker_may_not_submit(field, browser):
    version = started(browser(field.safety))
    assert "Only the project" in act(browser(field.worker), version, "submit")
    assert version.state == "draft"


@pytest.mark.parametrize("path", ["", "library/", "rows/new/", "import/", "suggestions/", "changes/"])
def test_the_pages_are_wholly_chinese(field, browser, path):
    from tests.webmap.pages.test_languages import visible_words

    version = started(browser(field.safety))
    answer = browser(field.safety, "zh-hans").get(f"{LISTS}{version.pk}/{path}")
    words = visible_words(answer.content.decode()).replace("English", "").replace("Twinwall", "")
    assert re.findall(r"[A-Za-z]{3,}(?:[ ,]+[A-Za-z]{2,})+", words) == []
