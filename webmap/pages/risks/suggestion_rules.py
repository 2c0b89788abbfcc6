"""Which elements of a model call for a risk point: cranes, hoists, lifting, scaffolds, pits, formwork. Pure.

A suggestion is a question to a person, never a finding; wording and thresholds are our own (confidence C).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

HIGH_FORMWORK_M, DEEP_PIT_M = 5.0, 3.0  # first thresholds of DW-03 and DW-01 (住建部令第37号)


@dataclass(frozen=True)
class Rule:
    """Words in a class, type or name of an element, and what they call for: a template of the library."""

    kind: str
    words: re.Pattern[str]
    facility: str
    activity: str
    least_height_m: float = 0.0


RULES = (
    Rule("crane", re.compile(r"塔吊|塔式起重机|塔机|tower ?crane|起重机", re.I), "塔式起重机", "塔式起重机吊运"),
    Rule("hoist", re.compile(r"施工升降机|施工电梯|人货梯|物料提升|hoist", re.I), "施工升降机", "电梯井道作业"),
    Rule("platform", re.compile(r"卸料平台|料台|操作平台|loading ?platform", re.I), "悬挑式卸料平台", "临边洞口作业"),
    Rule("scaffold", re.compile(r"脚手架|外架|吊篮|scaffold", re.I), "落地式脚手架", "落地式脚手架搭设与拆除"),
    Rule("pit", re.compile(r"基坑|冠梁|围护|支护|钢支撑|腰梁|excavation|shoring", re.I), "深基坑支护结构",
         "深基坑土方开挖"),
    Rule("formwork", re.compile(r"模板支架|模板支撑|满堂|高支模|formwork|falsework", re.I), "",
         "高大模板支撑搭设与浇筑"),
    Rule("lifting", re.compile(r"吊装|卸料区|lifting", re.I), "汽车起重机", "装配式构件吊装"),
)  # fmt: skip


def rule_for(ifc_class: str, name: str, type_name: str) -> Rule | None:
    """Return the first rule whose words are in the name or type of an element."""
    text = f"{name} {type_name} {ifc_class}"
    return next((rule for rule in RULES if rule.words.search(text)), None)


_TAIL = re.compile(r"[\s\-_#:：]*[0-9A-Za-z\-_#:]*$")


def group_name(name: str) -> str:
    """Return a name without the number at its end, so that parts of one thing are one suggestion."""
    return _TAIL.sub("", name) or name
