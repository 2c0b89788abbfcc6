"""The pages of planning: what is missing, from template to issued, the PDF read back, and who may not."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pypdfium2
import pytest
from django.utils import timezone

from spatial.ledger.models import Act
from spatial.planning.models import DocumentVersion, GroupMember, TrainingSession
from spatial.planning.templates import template_set
from tests.spatial.planning.test_operations import issue, seat, whole_group
from webmap.documents.printing import pdf_of
from webmap.pages.planning.paper import document_pdf_of

pytestmark = pytest.mark.django_db
BASE = "/sites/tower/risks/planning/"
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def text_of(pdf: bytes) -> tuple[int, str]:
    """Return the number of pages of a PDF, and its text without line ends."""
    document = pypdfium2.PdfDocument(pdf)
    pages = [page.get_textpage().get_text_range() for page in document]
    return len(pages), re.sub(r"\s+", "", "".join(pages))


def test_an_empty_site_shows_fifteen_missing_things_and_no_points(planners, as_user):
    page = as_user(planners.cast.officer).get(BASE).content.decode()
    assert page.count("data-code=") == 15
    assert "Absent: Implementation plan" in page and "begin it from the template" in page
    assert "0 / 10" in page
    assert page.count('data-kind="') == 9


def test_the_page_in_chinese_names_documents_and_what_to_do(planners, as_user):
    page = as_user(planners.cast.officer, "zh-hans").get(BASE).content.decode()
    assert "缺少文件：双重预防机制建设实施方案" in page.replace(":", "：")
    assert "领导小组没有组长" in page and "请任命项目经理为组长" in page


def test_a_document_goes_from_template_to_issued_through_the_pages(planners, as_user):
    whole_group(planners)
    officer, manager, head = (as_user(user) for user in (planners.cast.officer, planners.cast.manager, planners.head))
    address = f"{BASE}org_decision/"
    assert "There is no version of this document yet" in officer.get(address).content.decode()
    assert officer.post(f"{address}start/", {"from": "template"}).status_code == 302
    text = DocumentVersion.objects.get().text + "\n补充：{{officer}}每周五汇总。"
    assert officer.post(f"{address}edit/", {"title": "成立领导小组的通知", "text": text}).status_code == 302
    for client, step in ((officer, "compile"), (manager, "review"), (head, "approve"), (officer, "issue")):
        assert client.post(f"{address}v1/sign/", {"act": step}).status_code == 302
    page = officer.get(address).content.decode()
    assert "补充：officer每周五汇总。" in page
    assert page.count("№ ") == 4
    assert DocumentVersion.objects.get().state == "issued"
    assert "TOWER-SC-01-V1" in officer.get(BASE).content.decode()


def test_the_pdf_says_what_the_page_says_with_numbers_and_signatures(planners, as_user):
    whole_group(planners)
    version = issue(planners)
    answer = as_user(planners.cast.town).get(f"{BASE}org_decision/v1/document.pdf")
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/pdf"
    pages, text = text_of(answer.content)
    assert pages == 2
    for words in (
        *("关于成立双重预防机制建设领导小组的通知", "Decisiontosetuptheleadinggroup", "公司主要负责人"),
        *("文件编号:TOWER-SC-01-V1", "发布日期:2026-11-23", "有效期至:2028-11-23"),
        *("组长：manager", "专职负责人：officer", version.content_sha256[:16]),
    ):
        assert words in text, words
    assert "未发布" not in text


def test_every_template_becomes_a_pdf_whose_fields_are_filled(planners):
    whole_group(planners)
    for kind in template_set().documents:
        pages, text = text_of(document_pdf_of(issue(planners, kind), NOW))
        assert 1 <= pages <= 4, kind
        assert "{{" not in text and "＿＿＿＿" not in text, kind
        assert re.sub(r"\s+", "", template_set().documents[kind].zh) in text


def test_a_draft_is_marked_as_not_issued_and_shows_its_blanks(planners, as_user):
    client = as_user(planners.cast.officer)
    client.post(f"{BASE}org_decision/start/", {})
    page = client.get(f"{BASE}org_decision/").content.decode()
    assert page.count("paper-blank") >= 4
    assert "Leader of the group" in page and "give somebody this duty" in page
    _, text = text_of(client.get(f"{BASE}org_decision/v1/document.pdf").content)
    assert "未发布" in text and "＿＿＿＿" in text
    answer = client.post(f"{BASE}org_decision/v1/sign/", {"act": "compile"})
    assert answer.status_code == 422
    assert "These fields are not filled yet: Leader of the group, Deputy leaders" in answer.content.decode()


def test_the_same_version_gives_the_same_bytes(planners):
    whole_group(planners)
    version = issue(planners, "reward")
    later = datetime(2027, 3, 1, tzinfo=UTC)
    assert document_pdf_of(version, NOW) == document_pdf_of(version, later)


def test_markup_in_a_text_is_shown_as_text_and_a_paper_fetches_nothing(planners, as_user, caplog):
    client = as_user(planners.cast.officer)
    client.post(f"{BASE}reward/start/", {})
    evil = '<script>alert(1)</script>\n<img src="https://example.org/a.png">'
    assert client.post(f"{BASE}reward/edit/", {"title": "<b>办法</b>", "text": evil}).status_code == 302
    page = client.get(f"{BASE}reward/").content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    _, text = text_of(client.get(f"{BASE}reward/v1/document.pdf").content)
    assert "<script>alert(1)</script>" in text
    assert text_of(pdf_of('<p>好</p><img src="https://example.org/a.png">', "x"))[1] == "好"
    assert "A paper loads nothing, not https://example.org/a.png" in caplog.text
    assert pdf_of("<p>好</p>", "x") == pdf_of("<p>好</p>", "x")


def test_a_bad_text_is_shown_again_with_its_line(planners, as_user):
    client = as_user(planners.cast.officer)
    client.post(f"{BASE}reward/start/", {})
    answer = client.post(f"{BASE}reward/edit/", {"title": "办法", "text": "好\n{{nobody}}"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Line 2: There is no field nobody" in page and "{{nobody}}" in page
    assert DocumentVersion.objects.get().text == template_set().documents["reward"].text


def test_what_changed_is_shown_where_the_document_is(planners, as_user):
    whole_group(planners)
    issue(planners)
    seat(planners, planners.cast.other_worker, "member", task="钢筋班组长")
    page = as_user(planners.cast.manager).get(f"{BASE}org_decision/").content.decode()
    assert "Out of date: people or places have changed" in page
    assert "<s>worker</s> → worker、mate" in page
    assert "成员 mate 作业人员 钢筋班组长" in page


def test_seats_and_trainings_are_written_from_the_page(planners, as_user):
    client = as_user(planners.cast.manager)
    manager = str(planners.cast.manager.pk)
    assert client.post(f"{BASE}group/", {"user": manager, "duty": "leader", "task": ""}).status_code == 302
    assert client.post(f"{BASE}group/{GroupMember.objects.get().pk}/end/").status_code == 302
    form = {"level": "team", "topic": "交底", "held_on": timezone.localdate().isoformat(), "attended": "12"}
    assert client.post(f"{BASE}trainings/", form).status_code == 302
    assert TrainingSession.objects.get().attended == 12
    refused = client.post(f"{BASE}trainings/", form | {"held_on": "2099-01-01"})
    assert refused.status_code == 422 and "when it was held" in refused.content.decode()
    assert TrainingSession.objects.count() == 1


def test_a_worker_looks_but_does_not_write(planners, as_user):
    client = as_user(planners.cast.worker)
    page = client.get(BASE)
    assert page.status_code == 200 and "<form" not in page.content.decode().split("<main")[1]
    before = Act.objects.count()
    assert client.post(f"{BASE}reward/start/").status_code == 403
    assert client.post(f"{BASE}group/", {"user": str(planners.cast.worker.pk), "duty": "leader"}).status_code == 403
    assert Act.objects.count() == before


def test_a_stranger_finds_nothing(planners, as_user):
    client = as_user(planners.cast.stranger)
    begin = f"{BASE}reward/"
    for address in (BASE, begin, f"{begin}edit/", f"{begin}v1/", f"{begin}v1/document.pdf"):
        assert client.get(address).status_code == 404
    for address in (f"{begin}start/", f"{begin}v1/sign/", f"{BASE}group/", f"{BASE}trainings/"):
        assert client.post(address, {}).status_code == 404
    assert as_user(planners.cast.officer).get(f"{BASE}nothing-like-it/").status_code == 404
