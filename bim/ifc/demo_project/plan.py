"""Construction plan of the demo: section, planned finish, team and state of each part, for ``Twinwall_施工``. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

from bim.ifc.demo_project import dimensions as d

Trade = Literal["结构", "砌筑", "门窗", "机电", "架体", "模板", "基坑", "机械", "临建"]

PLAN_START = date(2026, 3, 2)
DAYS_PER_STOREY = 14
TEAMS: dict[Trade, str] = {
    "结构": "钢筋混凝土班组(李建国)",
    "砌筑": "砌筑抹灰班组(王保山)",
    "门窗": "幕墙门窗班组(赵志强)",
    "机电": "机电安装班组(刘海涛)",
    "架体": "架子工班组(陈小军)",
    "模板": "木工模板班组(张德胜)",
    "基坑": "基坑支护班组(孙立新)",
    "机械": "起重机械班组(周鹏)",
    "临建": "综合班组(马文杰)",
}
_LAG_DAYS: dict[Trade, int] = {"砌筑": 60, "门窗": 90, "机电": 120}


def section_of(storey: str | None, trade: Trade) -> str:
    """Construction section (施工段) of a part."""
    if trade == "基坑":
        return "二期基坑"
    if storey is None:
        return "场地"
    if d.LEVEL[storey].part == "basement":
        return "地下室"
    return "裙房段" if d.LEVEL[storey].part == "podium" else "塔楼段"


def planned_finish(storey: str | None, trade: Trade) -> date:
    """Planned finish of ``trade`` on ``storey``; parts of no storey count as the first one."""
    order = [level.code for level in d.LEVELS].index(storey) if storey else 0
    return PLAN_START + timedelta(days=DAYS_PER_STOREY * (order + 1) + _LAG_DAYS.get(trade, 0))


def construction_values(storey: str | None, trade: Trade, state: str = "已完成") -> dict[str, str]:
    """Values of the property set ``Twinwall_施工``."""
    return {
        "施工段": section_of(storey, trade),
        "计划完成": planned_finish(storey, trade).isoformat(),
        "责任班组": TEAMS[trade],
        "施工状态": state,
    }
