"""What every kind of alarm is called, in Chinese and in English, with the rules' names of the edition that ships."""

import json
import re
from datetime import date
from pathlib import Path

import pytest

from spatial.alarms.rules import alarm_rule
from spatial.alarms.titles import (
    Words,
    crowd_title,
    device_title,
    entry_title,
    machine_title,
    paper_title,
    reading_title,
    titled,
)

TABLE = json.loads(Path("spatial/rulebook/data/alarm_rules.json").read_text(encoding="utf-8"))


def rule(name: str) -> Words:
    return Words.of(alarm_rule(TABLE, name))


def machine(name: str, machine: str, other: str, **numbers: float | None) -> Words:
    return machine_title(alarm_rule(TABLE, name), machine, other, numbers)


@pytest.mark.parametrize(
    ("title", "zh", "en"),
    [
        (entry_title(rule("P-01"),
         "张三", "基坑", "B1"), "危险区域闯入：张三 · 基坑（B1）", "Danger-zone entry: 张三 · 基坑 (B1)"),
        (entry_title(rule("P-12"),
         "张三", "基坑", ""), "无证进入：张三 · 基坑", "No certificate: 张三 · 基坑"),
        (entry_title(rule("C-01"),
         "张三", "集水井", Words("未检测气体、无有效许可", "gas not tested, no valid permit")),
         "未检测进入：张三 · 集水井（未检测气体、无有效许可）",
         "Entry without test: 张三 · 集水井 (gas not tested, no valid permit)"),
        (crowd_title(rule("P-04"),
         "基坑", "B1", 6.0, 4), "区域超员：基坑（B1） 6 / 4", "Headcount over limit: 基坑 (B1) 6 / 4"),
        (crowd_title(rule("P-04"),
         "基坑", "", None, None), "区域超员：基坑 0 / 0", "Headcount over limit: 基坑 0 / 0"),
        (reading_title(rule("G-03"), Words("隧道口 一氧化碳", "隧道口 Carbon monoxide"),
         "31 mg/m³", ">= 30 mg/m³"),
         "一氧化碳：隧道口 一氧化碳 31 mg/m³（>= 30 mg/m³）", "CO: 隧道口 Carbon monoxide 31 mg/m³ (>= 30 mg/m³)"),
        (device_title(rule("P-08"), "张三", "H-07", None), "SOS求救：张三（H-07）", "SOS: 张三 (H-07)"),
        (device_title(rule("P-11"),
         "张三", "H-07", 9.6), "低电量：张三（H-07） 10 %", "Low battery: 张三 (H-07) 10 %"),
        (device_title(rule("P-14"), "张三", Words("电工", "electrician"), None),
         "疲劳超时：张三（电工）", "Overtime: 张三 (electrician)"),
        (device_title(rule("P-14"), "张三", Words("", ""), None), "疲劳超时：张三", "Overtime: 张三"),
        (paper_title(rule("H-05"), Words("1号升降机（SC-1）坠落试验", "1号升降机 (SC-1) drop test"), date(2026, 3, 31)),
         "防坠安全器过期：1号升降机（SC-1）坠落试验（有效期至 2026-03-31）",
         "Anti-fall device overdue: 1号升降机 (SC-1) drop test (valid until 2026-03-31)"),
        (titled(rule("X-02"), Words.same("")), "无证动火", "Hot work without permit"),
        (titled(rule("X-02"), Words.same("基坑")), "无证动火：基坑", "Hot work without permit: 基坑"),
        (machine("TC-04", "1号塔吊", "2号塔吊", distance_m=4.2, contact_s=8.0),
         "群塔碰撞-水平：2号塔吊 · 1号塔吊（4.2 m，8 s）",
         "Multi-crane horizontal: 2号塔吊 · 1号塔吊 (4.2 m, 8 s)"),
        (machine("TC-04", "1号塔吊", "2号塔吊", distance_m=2.5, contact_s=None),
         "群塔碰撞-水平：2号塔吊 · 1号塔吊（2.5 m）",
         "Multi-crane horizontal: 2号塔吊 · 1号塔吊 (2.5 m)"),
        (machine("P-15", "1号塔吊", "张三", load_t=2.4, load_bottom_m=9.0),
         "起重作业半径内有人：张三 · 1号塔吊（2.4 t）",
         "Person inside lifting radius: 张三 · 1号塔吊 (2.4 t)"),
        (machine("K-02", "3号挖掘机", "基坑", edge_m=1.2),
         "坑边荷载：基坑 · 3号挖掘机（1.2 m）", "Edge loading: 基坑 · 3号挖掘机 (1.2 m)"),
        (machine("TC-07", "3号塔吊", "塔楼", distance_m=0.09672416549497237), "与建筑物距离：塔楼 · 3号塔吊（0.1 m）",
         "Clearance to structure: 塔楼 · 3号塔吊 (0.1 m)"),
        (machine("TC-10", "1号塔吊", ""), "司机身份不符：1号塔吊", "Driver not verified: 1号塔吊"),
    ],
)  # fmt: skip
def test_a_title_says_the_same_in_both_languages(title: Words, zh: str, en: str) -> None:
    assert (title.zh, title.en) == (zh, en)


def test_every_rule_has_an_english_name_without_chinese() -> None:
    names = {row["id"]: row["en"] for row in TABLE["rules"]}
    assert len(names) > 50
    assert [
        key for key, name in names.items() if not name.strip() or re.search("[\u3000-\u9fff\uff00-\uffef]", name)
    ] == []


@pytest.mark.parametrize("file", ["spatial/alarms/data/policy.json", "spatial/machines/data/paper_rules.json"])
def test_words_of_titles_are_there_in_both_languages(file: str) -> None:
    found = list(_pairs(json.loads(Path(file).read_text(encoding="utf-8"))))
    assert len(found) >= 9
    for zh, en in found:
        assert re.search("[\u4e00-\u9fff]", zh) and not re.search("[\u4e00-\u9fff]", en)
        assert sorted(re.findall(r"{(\w+)", zh)) == sorted(re.findall(r"{(\w+)", en))


def _pairs(content: object) -> list[tuple[str, str]]:
    if isinstance(content, dict) and set(content) == {"zh", "en"}:
        return [(content["zh"], content["en"])]
    inner = content.values() if isinstance(content, dict) else content if isinstance(content, list) else []
    return [pair for one in inner for pair in _pairs(one)]
