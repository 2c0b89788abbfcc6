"""The structured text of a document: blocks, fields, tables, and what is refused at which line."""

from __future__ import annotations

import pytest

from spatial.planning.body import Block, BodyRefused, Piece, blocks_of, check_body, fields_of, unfilled

FIELDS, TABLES = {"site_name", "officer"}, {"teams"}
TEXT = "# 一、总则\n{{site_name}}由{{officer}}负责。\n- 甲\n- 乙\n\n| 类型 | 频次 |\n| 日巡查 | 每日 |\n{{table:teams}}"


def test_a_text_becomes_headings_paragraphs_items_and_tables_with_its_fields_filled():
    facts = {"site_name": "塔楼", "officer": "", "teams": [["班组", "人数"], ["木工", "3"]]}
    blocks = blocks_of(TEXT, facts)
    assert [block.kind for block in blocks] == ["chapter", "paragraph", "items", "table", "table"]
    assert blocks[1].line == (
        Piece("塔楼", "site_name"),
        Piece("由"),
        Piece("＿＿＿＿", "officer", missing=True),
        Piece("负责。"),
    )
    assert [line[0].text for line in blocks[2].items] == ["甲", "乙"]
    assert blocks[3].cells == 2 and blocks[3].rows == (((Piece("日巡查"),), (Piece("每日"),)),)
    assert blocks[4].rows == (((Piece("木工"),), (Piece("3"),)),)


def test_a_table_that_nothing_fills_is_marked():
    assert blocks_of("{{table:teams}}", {"teams": [["班组", "人数"]]}) == [Block("table", missing_table="teams")]


def test_what_looks_like_html_stays_text():
    (block,) = blocks_of("<script>alert(1)</script>", {})
    assert block.line == (Piece("<script>alert(1)</script>"),)


def test_the_names_of_a_text_and_what_is_not_filled_are_told_in_its_order():
    assert fields_of(TEXT) == ({"site_name", "officer"}, {"teams"})
    assert unfilled(TEXT, {"site_name": "塔楼"}) == ["officer", "teams"]
    assert unfilled(TEXT, {"site_name": "塔楼", "officer": "安", "teams": [["班组"], ["木工"]]}) == []


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("  \n ", 0, "empty"),
        ("甲" * 60_001, 0, "60001 characters"),
        ("甲\n" + "乙" * 4_001, 2, "break it into several"),
        ("甲\n\n{{nobody}}", 3, "no field nobody"),
        ("{{table:site_name}}", 1, "no field table:site_name"),
        ("见 {{table:teams}}", 1, "line of its own"),
        ("{{site_name", 1, "close its braces"),
        ("{{Site}}", 1, "close its braces"),
        ("甲\x07", 1, "control character"),
    ],
)
def test_a_text_that_cannot_be_kept_is_refused_at_its_line(text, line, words):
    with pytest.raises(BodyRefused, match=words) as refused:
        check_body(text, fields=FIELDS, tables=TABLES)
    assert refused.value.line == line


def test_a_good_text_is_not_refused():
    check_body(TEXT, fields=FIELDS, tables=TABLES)
