"""Sources of editions are told in the reader's language; the editions themselves stay as they were loaded."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from spatial.rulebook.source_words import source_words

DATA = Path("spatial/rulebook/data")
RULES = json.loads((DATA / "alarm_rules.json").read_text(encoding="utf-8"))["rules"]
CHINESE = re.compile("[\u3400-\u9fff]")
ALONE = re.compile(r"(JGJ|GB|DB|Q/|TB)[^;]*")  # what names a standard by its number only


def sources(content: Any) -> Iterator[str]:
    """Every source that a file names, the rules' apart."""
    if isinstance(content, dict):
        if isinstance(content.get("source"), str) and content["source"]:
            yield content["source"]
        content = list(content.values())
    if isinstance(content, list):
        for one in content:
            yield from sources(one)


@pytest.mark.parametrize("rule", [row for row in RULES if row["source"]], ids=lambda row: row["id"])
def test_the_source_of_an_alarm_rule_is_chinese_for_one_and_english_for_the_other(rule: dict[str, str]) -> None:
    zh, en = (source_words(rule["source"], language, row=rule["id"]) for language in ("zh", "en"))
    assert CHINESE.search(zh) and not CHINESE.search(en), (zh, en)
    for told in (zh, en):
        assert not re.search("as named|seed|MH2024|spec", told)
    numbers = re.findall(r"\d{3,6}(?:\.\d)?-\d{4}", rule["source"])
    assert all(number in zh and number in en for number in numbers)


@pytest.mark.parametrize(
    ("rule", "zh", "en"),
    [
        ("P-13", "JGJ 59-2011《建筑施工安全检查标准》表 B.1 安全管理", "JGJ 59-2011 table B.1 (safety management)"),
        ("TC-05", "GB 5144-2006《塔式起重机安全规程》10.5", "GB 5144-2006 10.5"),
        (
            "TC-03",
            "JGJ 33-2012《建筑机械使用安全技术规程》4.1.14；"
            "JGJ 196-2010《建筑施工塔式起重机安装、使用、拆卸安全技术规程》3.4.8；"
            "GB 5144-2006《塔式起重机安全规程》",
            "JGJ 33-2012 4.1.14; JGJ 196-2010 3.4.8; GB 5144-2006",
        ),
    ],
)
def test_a_source_says_exactly(rule: str, zh: str, en: str) -> None:
    says = next(row["source"] for row in RULES if row["id"] == rule)
    assert (source_words(says, "zh", row=rule), source_words(says, "en", row=rule)) == (zh, en)


@pytest.mark.parametrize("file", sorted(path.name for path in DATA.glob("*.json")))
def test_no_source_that_ships_names_what_only_we_have(file: str) -> None:
    for says in sources(json.loads((DATA / file).read_text(encoding="utf-8"))):
        if file != "alarm_rules.json":
            zh, en = source_words(says, "zh"), source_words(says, "en")
            assert not re.search(r"\bspec\b|\bours\b|\bseed\b", zh + en), says
            assert not CHINESE.search(en), says
            assert CHINESE.search(zh) or ALONE.fullmatch(zh), says


def test_a_source_that_a_company_wrote_stands_as_it_is() -> None:
    assert [source_words("企业标准 Q/ZD 12-2026", language, row="P-04") for language in ("zh", "en")] == [
        "企业标准 Q/ZD 12-2026"
    ] * 2
    assert source_words("as named", "zh", row="P-99") == "as named"
