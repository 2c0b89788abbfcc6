"""Papers and shifts of the demo's people, as a workbook would have them. Names and numbers are invented. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from spatial.people.rules import certificate_kinds, certificates_needed
from webmap.demo.cast import CREWS, wearers

GENERAL, LABOUR, FACADE = "中原建工示例集团", "豫安示例劳务有限公司", "商都示例幕墙工程有限公司"
EMPLOYERS = ((GENERAL, "总包", "91410000DEMO00001X"), (LABOUR, "劳务", "91410000DEMO00002X"), (FACADE, "分包", ""))
SHIFTS = (
    ("白班", "07:00", "19:00", "1-7", "11:30-13:00", ""),
    ("夜班", "19:00", "07:00", "1-7", "00:00-01:00", ""),
)
LEFT_OF = {5: -12, 13: 5, 31: 21}
"""Days until the certificate of these wearers (by number) ends: one is expired, two are about to."""
NOT_BRIEFED, NOT_EDUCATED = {12, 26}, {30}
CONFINED_SPACE_HOLDER = 17
REQUIRED = ("幕墙安装工", "work_at_height", "示例企业《高处作业管理制度》第六条")
"""What the demo's company requires of a trade beyond the national table: trade, certificate, source."""
WITHOUT_REQUIRED = 21
"""A curtain wall installer who has not got it yet."""


def badge(number: int) -> str:
    """Return the badge of the wearer with this number, from 1."""
    return f"ZD{number:04d}"


def roster_rows(today: date) -> dict[str, list[Any]]:
    """Return the rows of the demo's people workbook."""
    people = list(enumerate(wearers(), start=1))
    in_force = [badge(number) for number, _ in people if number not in NOT_BRIEFED]
    monday = today - timedelta(days=today.weekday())
    return {
        "employers": list(EMPLOYERS),
        "teams": [(crew, FACADE if "幕墙" in crew else LABOUR, "") for crew in CREWS],
        "people": [
            (badge(number), one.full_name, one.trade, one.crew, GENERAL if one.trade == "安全员" else "", "",
             today - timedelta(days=60 + number), None)
            for number, one in people
        ],
        "shifts": list(SHIFTS),
        "certificates": [row for number, one in people for row in _certificates(number, one.trade, today)],
        "education": [
            (badge(number), level, today - timedelta(days=58 + number), hours, "安晓敏")
            for number, _ in people
            for level, hours in (("公司级", 15), ("项目级", 15), ("班组级", 20))
            if not (number in NOT_EDUCATED and level == "班组级")
        ],
        "briefings": [
            ("主体结构施工", "安晓敏", f"{monday - timedelta(days=7)} 06:50", monday - timedelta(days=7),
             monday - timedelta(days=1), "、".join(in_force), "临边洞口防护、安全带高挂低用、禁止抛物"),
            ("主体结构与幕墙安装", "安晓敏", f"{monday} 06:50", monday, monday + timedelta(days=13),
             "、".join(in_force), "吊装区域禁止穿行；幕墙作业须系安全带；六级以上大风停止高处作业"),
        ],
    }  # fmt: skip


def _certificates(number: int, trade: str, today: date) -> list[Any]:
    found = []
    kinds = list(certificates_needed(trade, [] if number == WITHOUT_REQUIRED else [REQUIRED[:2]]))
    if number == CONFINED_SPACE_HOLDER:
        kinds.append("confined_space")
    for kind in kinds:
        known = certificate_kinds()[kind]
        until = today + timedelta(days=LEFT_OF.get(number, 200 + 7 * number))
        since = until - timedelta(days=known.months * 30)
        found.append((badge(number), known.zh, f"示例{kind[:3].upper()}{number:05d}", "示例发证机关", since, until))
    return found
