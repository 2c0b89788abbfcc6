"""Every sheet is read back from its PDF: exact sentences, one page of A4, Chinese lines that begin as they may."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import translation

from spatial.cards.queries import points_of, posts_of
from spatial.risks.models import ControlMeasure, HazardSource
from tests.webmap.cards.conftest import BACKEND, MEASURES, NOW, Walls
from tests.webmap.cards.reading import codes, flat_text, line_starts, page_sizes_mm
from webmap.documents.card_parts import site_facts
from webmap.documents.notice_card import notice_sheet
from webmap.documents.post_card import post_sheet
from webmap.documents.printing import write_pdf

NEVER_FIRST = set("、,。;:!?)》」』】”’,.;:!?)]}%…")
SHEETS = ("board.pdf", "chart.pdf", "signs.pdf")


def member(walls: Walls) -> Client:
    client = Client()
    client.force_login(walls.cast.worker, backend=BACKEND)
    return client


def sheet(walls: Walls, name: str, language: str = "zh-hans") -> bytes:
    answer = member(walls).get(f"/sites/field/risks/cards/{name}", {"lang": language})
    assert answer.status_code == 200, name
    return answer.content


def notice(walls: Walls, code: str = "RP-R", language: str = "zh-hans") -> bytes:
    return sheet(walls, f"{walls.points[code].pk}/card.pdf", language)


def post(walls: Walls, language: str = "zh-hans") -> bytes:
    return sheet(walls, f"posts/{posts_of(walls.site)[0].pk}/card.pdf", language)


def test_a_notice_card_says_everything_of_its_point_on_one_a4_page(open_walls: Walls) -> None:
    pdf = notice(open_walls)
    assert page_sizes_mm(pdf) == [(210, 297)]
    text = flat_text(pdf)
    for words in (
        "安全风险告知卡", "RP-R", "深基坑开挖", "重大", "红", "深基坑开挖失稳,人员被埋", "坍塌", "LECD=1440",
        *(measure["text"].replace(" ", "") for measure in MEASURES),
        "立即撤离危险区并清点人数", "当心塌方", "禁止入内", "必须戴安全帽", "company负责人", "0371-1234567",
        "值班室0371-7654321", "120", "12350", "版次1", "2026-03-02", "清单版本截至", "中原建工",
    ):  # fmt: skip
        assert words in text, words
    assert len(codes(pdf)) == 1


def test_a_notice_card_in_english_keeps_the_names_of_the_site(walls: Walls) -> None:
    pdf = notice(walls, language="en")
    text = flat_text(pdf)
    assert page_sizes_mm(pdf) == [(210, 297)]
    for words in (
        "Safetyrisknoticecard",
        "Inherentriskgrade",
        "Major",
        "深基坑开挖",
        "Warning:collapse",
        "Emergencysteps",
    ):
        assert words in text, words


def test_a_post_card_names_hazards_rules_equipment_and_leaves_lines_to_sign(walls: Walls) -> None:
    pdf = post(walls)
    text = flat_text(pdf)
    assert page_sizes_mm(pdf) == [(210, 297)]
    for words in (
        "岗位安全明白卡", "支护工岗位", "支护班组", "深基坑开挖", "每日检查支护与监测数据后下坑", "禁止超挖与坑边超载",
        "防滑鞋", "本人已阅读并理解本卡内容,承诺遵照执行。", "签字", "日期与时间",
    ):  # fmt: skip
        assert words in text, words


def test_the_board_lists_the_red_and_orange_points_only(walls: Walls) -> None:
    pdf = sheet(walls, "board.pdf")
    text = flat_text(pdf)
    assert page_sizes_mm(pdf) == [(210, 297)]
    for words in ("安全风险公告栏", "RP-R", "深基坑开挖", "RP-O", "塔吊吊装", "0371-1234567", "更新日期", "12350"):
        assert words in text, words
    assert "RP-Y" not in text and "RP-B" not in text


def test_the_chart_shows_activities_by_grade_then_value(walls: Walls) -> None:
    pdf = sheet(walls, "chart.pdf")
    text = flat_text(pdf)
    assert page_sizes_mm(pdf) == [(210, 297)]
    assert text.index("深基坑开挖") < text.index("外架搭设")
    assert "D=1440" in text and "D=90" in text and "塔吊吊装" not in text  # a facility has a place on the map


def test_the_list_of_signs_names_each_sign_once_with_its_places(walls: Walls) -> None:
    pdf = sheet(walls, "signs.pdf")
    text = flat_text(pdf)
    assert page_sizes_mm(pdf) == [(210, 297)]
    assert text.count("当心塌方") == 1 and text.count("必须戴安全帽") == 1 and "当心坠落" in text
    assert "图形为示意" in text


@pytest.mark.parametrize("name", SHEETS)
def test_the_sheets_are_one_page_in_english_too(walls: Walls, name: str) -> None:
    assert page_sizes_mm(sheet(walls, name, "en")) == [(210, 297)]


def test_no_line_of_chinese_begins_with_a_closing_mark(open_walls: Walls) -> None:
    long = "一级" + "、".join(f"第{n}道支撑与冠梁连接处" for n in range(40)) + "。"
    source = HazardSource.objects.get(risk_point=open_walls.points["RP-R"])
    ControlMeasure.objects.create(
        organisation=source.organisation, site=source.site, source=source, kind="management", text=long[:300]
    )
    for pdf in (notice(open_walls), post(open_walls), sheet(open_walls, "board.pdf")):
        starts = line_starts(pdf)
        assert len(starts) > 20
        assert [char for char in starts if char in NEVER_FIRST] == []


def test_a_card_with_far_too_much_to_say_still_is_one_page_and_says_what_it_left_out(walls: Walls) -> None:
    point = walls.points["RP-R"]
    for number in range(14):
        row = HazardSource.objects.create(
            organisation=point.organisation, site=point.site, risk_point=point, name=f"危险源{number}" + "说明" * 70,
           
            accident_type="坍塌", method="LEC", scores={"L": 1, "E": 3, "C": 7}, value=21, grade=1,
            rule_edition=point.rule_edition,
        )  # fmt: skip
        for kind in ControlMeasure.Kind.values:
            ControlMeasure.objects.create(
                organisation=point.organisation, site=point.site, source=row, kind=kind,
                text=f"措施{number}" + "逐条落实并记录" * 40,
            )  # fmt: skip
    pdf = notice(walls)
    text = flat_text(pdf)
    assert page_sizes_mm(pdf) == [(210, 297)]
    assert "…" in text and "个危险源见实时卡和清单。" in text and "条见实时卡。" in text
    assert len(codes(pdf)) == 1


def test_sheets_of_several_documents_become_one_file_in_order(walls: Walls) -> None:
    with translation.override("zh-hans"):
        facts = site_facts(walls.site, now=NOW, base_url="http://testserver", language="zh-hans")
        sheets = [notice_sheet(point, facts) for point in points_of(walls.site)]
        sheets += [post_sheet(post, facts) for post in posts_of(walls.site)]
        pdf = write_pdf(sheets, title="全部")
    assert page_sizes_mm(pdf) == [(210, 297)] * 6
    found = codes(pdf)
    assert [address.split("/c/")[1].rstrip("/") for address in found] == [
        walls.cards[code].token for code in sorted(walls.points)
    ]


def test_names_of_people_never_become_markup(walls: Walls) -> None:
    point = walls.points["RP-R"]
    point.name = '<img src="http://evil.example/x.png">&"\''
    point.save()
    assert '<imgsrc="http://evil.example/x.png">' in flat_text(notice(walls))
    assert '<imgsrc="http://evil.e' in flat_text(sheet(walls, "chart.pdf"))


@pytest.mark.parametrize("path", ["", *SHEETS, "board/", "chart/", "signs/", "posts/new/"])
def test_strangers_get_404_on_every_page_and_sheet(walls: Walls, path: str) -> None:
    client = Client()
    client.force_login(walls.cast.stranger, backend=BACKEND)
    assert client.get(f"/sites/field/risks/cards/{path}").status_code == 404
    assert client.get("/sites/field/risks/map-print/").status_code == 404
    assert client.get("/sites/field/risks/map-print/sheet.pdf").status_code == 404


def test_every_page_of_cards_is_complete_and_has_its_way_to_the_print(walls: Walls) -> None:
    client = member(walls)
    base = "/sites/field/risks/cards/"
    point, post_id = walls.points["RP-R"].pk, posts_of(walls.site)[0].pk
    for path, words in {
        "": "深基坑开挖", f"{point}/": "基坑周边设1.2m高防护栏杆", f"posts/{post_id}/": "支护班组", "board/": "RP-O",
        "chart/": "D=1440", "signs/": "RP-R",
    }.items():  # fmt: skip
        answer = client.get(base + path)
        assert answer.status_code == 200 and words in answer.content.decode(), path
        assert ".pdf" in answer.content.decode()
    assert client.get(f"{base}{point}/code.svg")["Content-Type"] == "image/svg+xml"
    assert client.get(f"{base}nothing/").status_code == 404
