"""The pages of the production-risk assessment: now, kept, signed, on paper, and for whom."""

from __future__ import annotations

import pytest

from spatial.assessments.models import Assessment
from spatial.assessments.operations import keep_assessment
from spatial.assessments.queries import method_text
from tests.spatial.assessments.test_operations import LATER
from tests.webmap.planning.test_pages import text_of
from webmap.pages.assessments.words import SENTENCES

pytestmark = pytest.mark.django_db


def base(enterprise) -> str:
    return f"/organisations/{enterprise.organisation.pk}/assessment/"


def kept(enterprise) -> Assessment:
    return keep_assessment(organisation=enterprise.organisation, actor=enterprise.department, now=LATER)


def test_the_page_of_now_says_the_numbers_and_the_conclusions(enterprise, as_user):
    page = as_user(enterprise.department).get(base(enterprise)).content.decode()
    assert "2 sites with 3 risk points in use: 1 major, 1 considerable, 0 general, 1 low." in page
    assert "1 of 1 major risk points lack a person at a level or a kind of measure" in page
    assert "Lacking: measure: Management, measure: Emergency" in page
    assert "2 sites have no control list in force: 塔楼, 大桥." in page
    assert "No overdue hazard, open major hazard or missed control raises risk now." in page
    assert all(rule in page.replace("&#x27;", "'") for rule in method_text()["rules_en"])


def test_in_chinese_it_is_a_whole_chinese_report(enterprise, as_user):
    page = as_user(enterprise.head, "zh-hans").get(base(enterprise)).content.decode()
    assert "共 2 个项目、3 个在用风险点,其中重大 1 个、较大 1 个、一般 0 个、低 1 个。" in page
    assert "高处坠落 2、坍塌 1" in page
    assert all(limit in page for limit in method_text()["limits_zh"])


def test_a_version_is_kept_signed_by_both_and_shown_as_the_same_bytes(enterprise, as_user):
    department, head = as_user(enterprise.department), as_user(enterprise.head)
    answer = department.post(f"{base(enterprise)}keep/")
    address = f"{base(enterprise)}v1/"
    assert answer.headers["Location"] == address
    assert "Computed again from its facts: the same bytes" in department.get(address).content.decode()
    assert head.post(f"{address}sign/", {"step": "approve"}).status_code == 422
    assert department.post(f"{address}sign/", {"step": "compile"}).status_code == 302
    assert head.post(f"{address}sign/", {"step": "approve"}).status_code == 302
    assert Assessment.objects.get().signatures.count() == 2
    assert head.get(address).content.decode().count("№ ") == 2


def test_the_pdf_read_back_holds_numbers_people_method_and_signatures(enterprise, as_user):
    row = kept(enterprise)
    client = as_user(enterprise.department)
    client.post(f"{base(enterprise)}v1/sign/", {"step": "compile"})
    first = client.get(f"{base(enterprise)}v1/assessment.pdf")
    pages, text = text_of(first.content)
    assert 2 <= pages <= 4
    for words in (
        *("企业生产风险评估", "中原建设", "共2个项目、3个在用风险点", "R-01深基坑", "支护", "负责人company"),
        *("缺少:管理措施", "风险指数是排序用的相对数值", "department", "待签署", row.content_sha256[:20]),
    ):
        assert words in text, words
    assert client.get(f"{base(enterprise)}v1/assessment.pdf").content == first.content
    _, now = text_of(client.get(f"{base(enterprise)}assessment.pdf").content)
    assert "未保存" in now and "待签署" not in now


def test_a_regulator_sees_the_sites_of_the_own_region_only(enterprise, as_user):
    kept(enterprise)
    town, city = as_user(enterprise.cast.town), as_user(enterprise.city_regulator)
    page = town.get(base(enterprise)).content.decode()
    assert "1 sites with 2 risk points" in page and "大桥" not in page
    assert town.get(f"{base(enterprise)}v1/").status_code == 404
    assert town.post(f"{base(enterprise)}keep/").status_code == 403
    assert city.get(f"{base(enterprise)}v1/").status_code == 200
    assert Assessment.objects.count() == 1


def test_for_everybody_else_there_is_no_such_page(enterprise, as_user):
    kept(enterprise)
    for user in (enterprise.cast.manager, enterprise.cast.worker, enterprise.cast.stranger):
        client = as_user(user)
        for path in ("", "assessment.pdf", "v1/", "v1/assessment.pdf"):
            assert client.get(base(enterprise) + path).status_code == 404
        for path in ("keep/", "v1/sign/"):
            assert client.post(base(enterprise) + path, {}).status_code == 404
        assert client.get("/assessments/").status_code == 404
        assert "/assessments/" not in client.get("/sites/tower/hazards/").content.decode()


def test_the_list_of_enterprises_leads_to_the_newest_version(enterprise, as_user):
    kept(enterprise)
    page = as_user(enterprise.city_regulator).get("/assessments/").content.decode()
    assert "中原建设" in page and f"{base(enterprise)}v1/" in page


def test_every_conclusion_of_the_rules_has_a_sentence():
    assert set(SENTENCES) == {
        *("nothing", "counts", "level", "accidents", "no_major", "major_whole", "major_gaps", "raising"),
        *("nothing_raises", "trend_up", "trend_down", "trend_same", "trend_unknown", "unlisted", "first_sites"),
    }
