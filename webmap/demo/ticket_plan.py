"""The demo's tickets: what was found where, and how far each has got. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from webmap.demo.pictures import Scene
from webmap.demo.risk_points import OVERDUE_RISK_POINT

Stage = Literal["SUBMITTED", "RETURNED", "ASSIGNED", "RECTIFIED", "CLOSED"]
OVERDUE_AFTER = timedelta(seconds=75)
"""How long after its assignment the demo's overdue ticket is due."""


@dataclass(frozen=True)
class DemoTicket:
    """One ticket on a risk point; ``deadline_class`` is a class of spec/domain/03, 3.7."""

    key: str
    risk_point: str
    description: str
    category: str
    scene: Scene
    stage: Stage
    measure: str
    deadline_class: str
    found_before: timedelta


OVERDUE_TICKET = DemoTicket(
    "overdue",
    OVERDUE_RISK_POINT,
    "四层裙房屋面东侧临边防护栏杆缺失一跨",
    "edge_protection",
    "edge",
    "ASSIGNED",
    "恢复定型化防护栏杆并挂安全网",
    "immediate",
    timedelta(minutes=20),
)

_ROWS: tuple[tuple[str, str, str, Scene, Stage, str, str, int], ...] = (
    (
        "R-01",
        "三层西侧临边未防护且有堆料",
        "edge_protection",
        "edge",
        "ASSIGNED",
        "安装临边防护,清走堆料",
        "short",
        300,
    ),
    ("R-02", "三层中庭洞口北侧护栏缺失", "edge_protection", "hole", "ASSIGNED", "补装洞口防护栏杆", "short", 240),
    ("R-04", "四层材料吊装孔两侧无防护", "edge_protection", "hole", "RECTIFIED", "设可开启式防护门", "short", 1300),
    ("R-06", "屋面南侧临边警示灯损坏", "edge_protection", "edge", "CLOSED", "更换警示灯", "normal", 1380),
    (
        "R-07",
        "九层2号电梯井口防护门被拆除",
        "edge_protection",
        "hole",
        "ASSIGNED",
        "恢复防护门并加锁",
        "immediate",
        90,
    ),
    ("R-08", "十一层北侧临边栏杆缺失", "edge_protection", "edge", "SUBMITTED", "", "", 35),
    (
        "R-12",
        "十三层西侧临边未及时防护",
        "edge_protection",
        "edge",
        "ASSIGNED",
        "拆模同步装防护",
        "normal",
        700,
    ),
    ("R-20", "基坑西侧护栏缺口,工人由此抄近路", "pit", "edge", "ASSIGNED", "封闭缺口,设置梯笼通道标识", "short", 420),
    ("R-24", "塔身第14节螺栓防松标记不清", "lifting", "scaffold", "RECTIFIED", "复紧并重新标记", "normal", 1250),
    ("R-27", "吊装区未拉警戒带", "lifting", "passage", "CLOSED", "设置警戒带并派监护人", "immediate", 1190),
    ("R-29", "七层升降机层门缺失", "hoist", "edge", "ASSIGNED", "停用该层停靠,安装层门", "immediate", 150),
    ("R-34", "十层南侧外架脚手板缺失两块", "scaffold", "scaffold", "RECTIFIED", "补铺脚手板并绑扎", "short", 1200),
    ("R-36", "六层料台限载牌缺失", "scaffold", "stack", "CLOSED", "悬挂限载牌", "normal", 1350),
    ("R-39", "钢筋切断机防护罩松动", "machines", "box", "SUBMITTED", "", "", 50),
    ("R-42", "总配电房门口堆放杂物", "electricity", "passage", "CLOSED", "清理杂物,保持通道", "immediate", 1100),
    ("R-44", "宿舍1号楼203室私拉电线", "fire", "box", "RETURNED", "", "", 260),
    ("R-43", "砌块堆码超高", "housekeeping", "stack", "SUBMITTED", "", "", 25),
)


def demo_tickets() -> tuple[DemoTicket, ...]:
    """All tickets but the overdue one."""
    return tuple(
        DemoTicket(
            f"ticket-{number:02d}", point, text, category, scene, stage, measure, days, timedelta(minutes=before)
        )
        for number, (point, text, category, scene, stage, measure, days, before) in enumerate(_ROWS, start=1)
    )
