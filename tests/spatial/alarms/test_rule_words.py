"""What the alarm rules of the newest editions say of themselves is told in the reader's language, and in no other."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args

import pytest

from spatial.alarms.rule_words import Field, rule_words
from spatial.rulebook.differences import with_differences
from spatial.rulebook.rules import read_pack
from spatial.rulebook.source_words import source_words

DATA = Path("spatial/rulebook/data")
CHINESE = re.compile("[\u3400-\u9fff]")
ALONE = re.compile(r"[<>≥]\d+(\.\d+)?( (%|m))?|PM2\.5")
"""A number with its sign and unit, and a quantity, which are read alike in both languages."""
LATIN = re.compile(r"[A-Za-z][A-Za-z\d/.³-]*")
IDS = re.compile(r"[A-Z][A-Z\d/.-]*")
"""Standards, rules, tables, marks, gases and values: capitals and digits only."""
UNITS = frozenset({"m", "mm", "g", "s", "min", "h", "m/s", "mg/m³", "g/m³", "mA", "dB", "Leq", "q/Q"})


@lru_cache
def tables(pack: str, version: str) -> dict[str, Any]:
    """The tables of an edition that ships, with those that it inherits."""
    found = read_pack(
        (DATA / f"{pack}-{version}.json").read_text(encoding="utf-8"),
        lambda name: (DATA / name).read_text(encoding="utf-8"),
    )
    return with_differences(tables(*found["inherits"]) if found["inherits"] else found["tables"], found["differences"])


def newest(pack: str) -> str:
    """The version of the newest edition of a pack."""
    return max(path.stem.removeprefix(f"{pack}-") for path in DATA.glob(f"{pack}-*.json"))


def rules_of(pack: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = tables(pack, newest(pack))["alarm_rules"]["content"]["rules"]
    return rows


def told(rule: dict[str, Any], language: str) -> dict[str, str]:
    """All that pages tell of a rule, without what it does not say."""
    fields: tuple[Any, ...] = get_args(Field)
    found = {field: rule_words(rule, field, language) for field in fields}
    found |= {"name": rule[language], "source": source_words(rule["source"], language, row=rule["id"])}
    return {field: says for field, says in found.items() if says}


PACKS = ("cn-national", "cn-henan")
RULES = [pytest.param(rule, id=f"{pack}-{rule['id']}") for pack in PACKS for rule in rules_of(pack)]
BATTERY = next(rule for rule in rules_of("cn-national") if rule["id"] == "P-11")


def test_every_rule_of_the_newest_editions_is_looked_at() -> None:
    assert [(pack, newest(pack), len(rules_of(pack))) for pack in PACKS] == [
        ("cn-national", "2026.5", 58),
        ("cn-henan", "2026.4", 58),
    ]
    assert [sum(1 for rule in rules_of(pack) if rule["action"]) for pack in PACKS] == [19, 19]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_told_in_chinese_without_english(rule: dict[str, Any]) -> None:
    for field, says in told(rule, "zh").items():
        assert CHINESE.search(says) or ALONE.fullmatch(says), (field, says)
        words = [word for word in LATIN.findall(says) if word not in UNITS and not IDS.fullmatch(word)]
        assert not words, (field, says)


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_told_in_english_without_chinese_or_code(rule: dict[str, Any]) -> None:
    for field, says in told(rule, "en").items():
        assert re.search("[A-Za-z]", says) or ALONE.fullmatch(says), (field, says)
        assert not re.search(r"[\u3400-\u9fff，。；：（）]|==|>=|<=|_|\.json", says), (field, says)


def test_a_condition_an_action_and_phrases_are_told_exactly() -> None:
    assert [told(BATTERY, language) for language in ("zh", "en")] == [
        {
            "name": "低电量",
            "condition": "电量 ≤20 % 黄色一次；≤10 % 橙色",
            "level": "黄／橙",
            "inputs": "电池",
            "clear": ">25 %",
            "action": "提醒佩戴人",
        },
        {
            "name": "Low battery",
            "condition": "Battery at or below 20 %: yellow, once; at or below 10 %: orange",
            "level": "yellow or orange",
            "inputs": "battery",
            "clear": ">25 %",
            "action": "notify wearer",
        },
    ]


@pytest.mark.parametrize("field", ["condition", "action", "level", "inputs", "clear"])
def test_what_an_edition_changed_in_a_rule_stands_as_it_is(field: Field) -> None:
    changed = {**BATTERY, field: "call the foreman"}
    assert [rule_words(changed, field, language) for language in ("zh", "en")] == ["call the foreman"] * 2


def test_a_rule_that_a_company_added_stands_as_it_is() -> None:
    own = {"id": "Q-01", "condition": "超过 3 人", "action": "通知班组长", "level": "red"}
    assert [rule_words(own, field, "en") for field in ("condition", "action", "level")] == [
        "超过 3 人", "通知班组长", "red",
    ]  # fmt: skip
