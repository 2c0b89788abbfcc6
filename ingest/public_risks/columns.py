"""The columns of a file of public risk points: how they are called in Chinese and English, and the words for kinds."""

from __future__ import annotations

from typing import Final

COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "code": ("编号", "code"),
    "name": ("名称", "name"),
    "kind": ("类别", "kind"),
    "town": ("乡镇(街道)", "乡镇（街道）", "乡镇", "街道", "town"),
    "x": ("经度或东坐标", "经度", "东坐标", "x", "lon"),
    "y": ("纬度或北坐标", "纬度", "北坐标", "y", "lat"),
    "method": ("评价方法", "method"),
    "L": ("L",),
    "E": ("E",),
    "C": ("C",),
    "S": ("S",),
    "direct_reason": ("直接判定条款", "direct_reason"),
    "responsible_unit": ("责任单位", "responsible_unit"),
    "responsible_person": ("责任人", "responsible_person"),
    "phone": ("联系电话", "phone"),
    "measures": ("管控措施", "measures"),
    "next_check_on": ("下次检查日期", "next_check_on"),
}
NEEDED: Final = ("code", "name", "kind", "town", "method", "responsible_unit", "responsible_person", "measures")
KIND_WORDS: Final[dict[str, str]] = {
    "道路": "road",
    "桥梁隧道": "bridge",
    "河湖水域": "water",
    "边坡滑坡": "slope",
    "低洼易涝点": "flooding",
    "燃气管线": "gas",
    "电力线路": "power",
    "人员密集场所": "crowd",
    "老旧危房": "building",
    "窨井与占道开挖": "manhole",
    "其他": "other",
}
METHOD_WORDS: Final[dict[str, str]] = {"直接判定": "direct", "lec": "LEC", "ls": "LS", "direct": "direct"}


def field_of(heading: str) -> str | None:
    """Return the field that a column or property name stands for, or None."""
    text = str(heading).strip()
    for name, names in COLUMNS.items():
        if text in names or text.lower() in {word.lower() for word in names if len(word) > 1}:
            return name
    return None
