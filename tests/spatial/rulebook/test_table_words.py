"""Fields, codes and sentences of tables of editions are told in both languages; the unknown stands as it is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from spatial.rulebook.table_words import field_words, in_order, text_words

TABLE = json.loads(Path("spatial/rulebook/data/table_words.json").read_text(encoding="utf-8"))
CHINESE = re.compile("[\u3400-\u9fff]")


@pytest.mark.parametrize("part", ["fields", "values"])
def test_every_word_is_said_in_both_languages(part: str) -> None:
    for name, told in TABLE[part].items():
        assert told.keys() == {"zh", "en"} and all(told.values()), name
        assert CHINESE.search(told["zh"]) or re.fullmatch(r"[–≥\d.]+", told["zh"]), name
        assert not re.search(r"[\u3400-\u9fff，；：（）]|[a-z]_[a-z]|==|>=|!=|:=", told["en"]), name


@pytest.mark.parametrize(
    ("name", "block", "zh", "en"),
    [
        ("v", "L", "分值", "Score"),
        ("v", "power_line_crane", "垂直距离（m）", "Vertical (m)"),
        ("from", "transitions", "原状态", "From"),
        ("from", "bands", "综合指数不低于", "Index from"),
        ("own_field", "kinds", "own_field", "own_field"),
    ],
)
def test_a_field_is_called_by_its_name_and_where_it_stands(name: str, block: str, zh: str, en: str) -> None:
    assert (field_words(name, "zh", block=block), field_words(name, "en", block=block)) == (zh, en)


def test_a_code_is_told_by_the_field_that_holds_it() -> None:
    assert [text_words("team", "zh", field=field) for field in ("required", "")] == ["评估组", "team"]
    assert [text_words("HAZ_MAJOR_OPEN", language) for language in ("zh", "en")] == [
        "重大隐患未销号", "major hazard open",
    ]  # fmt: skip
    assert text_words("公司自定", "en") == "公司自定"


def test_columns_come_in_the_order_of_the_table_whatever_order_the_database_gives() -> None:
    assert in_order(["own", "conf", "floor", "hold_s", "name", "lift"]) == [
        "name", "floor", "lift", "hold_s", "conf", "own",
    ]  # fmt: skip
    assert in_order(["h", "kv", "v"], block="power_line_crane") == ["kv", "v", "h"]
