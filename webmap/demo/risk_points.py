"""Where each risk of the demo site stands: template, element key of the model, local point. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from bim.ifc.demo_project import dimensions as d
from bim.ifc.demo_project import site_layout as layout


@dataclass(frozen=True)
class DemoRiskPoint:
    """One risk point: ``element`` is the key whose GlobalId the anchor names, ``at`` its place in local metres."""

    code: str
    name: str
    template: str
    element: str
    at: tuple[float, float, float]


OVERDUE_RISK_POINT = "R-05"
"""Risk point of the ticket that goes overdue about a minute after start."""


def _floor(storey: str) -> float:
    return d.LEVEL[storey].elevation_m


def demo_risk_points() -> tuple[DemoRiskPoint, ...]:
    """All risk points of the demo site in code order."""
    rows = [*_edges_and_holes(), *_pit(), *_machines(), *_temporary_works(), *_ground()]
    return tuple(
        DemoRiskPoint(f"R-{number:02d}", name, template, element, at)
        for number, (name, template, element, at) in enumerate(rows, start=1)
    )


_Row = tuple[str, str, str, tuple[float, float, float]]


def _edges_and_holes() -> list[_Row]:
    return [
        ("三层西侧临边", "临边作业", "F03/slab", (0.2, 28.0, _floor("F03"))),
        ("三层中庭洞口", "洞口作业", "F03/slab", (26.0, 15.4, _floor("F03"))),
        ("三层材料吊装孔", "洞口作业", "F03/slab", (54.4, 28.0, _floor("F03"))),
        ("四层材料吊装孔", "洞口作业", "F04/slab", (52.0, 25.6, _floor("F04"))),
        ("四层裙房屋面东侧临边", "屋面临边", "F04/slab", (59.6, 20.0, _floor("F04"))),
        ("四层裙房屋面南侧临边", "屋面临边", "F04/slab", (41.0, 0.4, _floor("F04"))),
        ("九层2号电梯井口", "电梯井口", "F09/core-wall/Q12", (30.0, 27.9, _floor("F09"))),
        ("十一层北侧临边", "临边作业", "F11/slab", (26.0, 39.6, _floor("F11"))),
        ("十二层东侧临边", "临边作业(未受控)", "F12/slab", (44.6, 20.0, _floor("F12"))),
        ("十二层南侧临边", "临边作业(未受控)", "F12/slab", (34.0, 16.4, _floor("F12"))),
        ("十二层1号电梯井口", "电梯井口", "F12/core-wall/Q12", (27.0, 27.9, _floor("F12"))),
        ("十三层西侧临边", "临边作业(未受控)", "F13/slab", (15.4, 20.0, _floor("F13"))),
        ("二层中庭洞口", "洞口作业", "F02/slab", (26.0, 8.6, _floor("F02"))),
        ("A楼梯六层通道", "楼梯通道", "F06/stair/A/flight/1", (24.0, 25.0, _floor("F06"))),
        ("B楼梯三层通道", "楼梯通道", "F03/stair/B/flight/1", (36.0, 25.0, _floor("F03"))),
    ]


def _pit() -> list[_Row]:
    x0, _, x1, y1 = d.PIT
    low, ground = d.PIT_BOTTOM_M, d.GROUND_M
    return [
        ("基坑西侧支护", "深基坑", "PIT/facing/西", (x0 + 0.1, 20.0, low + 3.0)),
        ("基坑北侧支护", "深基坑", "PIT/facing/北", (96.0, y1 - 0.1, low + 3.0)),
        ("基坑东侧冠梁位移", "基坑支撑", "PIT/cap/东", (x1 + 0.6, 20.0, ground)),
        ("基坑3号钢支撑", "基坑支撑", "PIT/strut/3", (96.0, 20.0, d.PIT_STRUT_LEVEL_M)),
        ("基坑西侧护栏缺口", "基坑临边", "PIT/cap/西", (x0 - 0.7, 17.0, ground)),
        ("基坑北侧护栏缺口", "基坑临边", "PIT/cap/北", (106.0, y1 + 0.7, ground)),
        ("基坑梯笼", "楼梯通道", "PIT/stair", (81.0, 33.5, low + 1.0)),
    ]


def _machines() -> list[_Row]:
    x, y = d.CRANE_BASE
    hx, hy = d.HOIST_MAST
    mast_top = d.CRANE_JIB_LEVEL_M - 2.4
    return [
        ("1号塔吊基础", "塔式起重机", "CRANE/base", (x, y, d.GROUND_M + 1.2)),
        ("1号塔吊塔身", "塔式起重机", "CRANE/mast/14", (x, y, 34.0)),
        ("1号塔吊附墙装置2", "塔式起重机", "CRANE/tie/2", (x - 4.0, y - 3.0, d.CRANE_TIE_LEVELS_M[1])),
        ("1号塔吊回转机构", "塔式起重机", "CRANE/slewing", (x, y, mast_top + 1.0)),
        ("吊装卸料区起重作业", "吊装作业", "SITE/yard/吊装卸料区", (51.0, 55.5, d.GROUND_M)),
        ("1号施工升降机底笼", "施工升降机", "HOIST/enclosure", (hx, hy, d.GROUND_M + 0.5)),
        ("七层升降机层门", "施工升降机", "F07/hoist-landing", (hx, 41.5, _floor("F07"))),
        ("施工升降机导轨架", "施工升降机", "HOIST/mast/20", (hx, hy, 29.0)),
    ]


def _temporary_works() -> list[_Row]:
    rows: list[_Row] = [
        ("十三层模板支架3C区", "模板支架", "F13/formwork/3C/22", (18.75, 20.0, _floor("F13"))),
        ("十三层模板支架6E区", "模板支架", "F13/formwork/6E/22", (41.25, 36.0, _floor("F13"))),
        ("屋面层模板安装", "临边作业", "RF/formwork-deck/5C", (33.75, 20.0, _floor("RF") - 0.2)),
        ("十层南侧外架", "外脚手架", "F10/scaffold/南6", (29.0, 14.8, _floor("F10") + 1.0)),
        ("十二层西侧外架", "外脚手架", "F12/scaffold/西5", (13.8, 29.0, _floor("F12") + 1.0)),
    ]
    for storey in d.LANDING_PLATFORMS:
        x0, y0, x1, y1 = d.LANDING_PLATFORMS[storey]
        name = f"{d.LEVEL[storey].name}悬挑料台"
        rows.append((name, "卸料平台", f"{storey}/platform", ((x0 + x1) / 2, (y0 + y1) / 2, _floor(storey) + 0.1)))
    return rows


def _ground() -> list[_Row]:
    ground = d.GROUND_M + 0.2
    yards = {yard.name: yard.rectangle for yard in layout.YARDS}
    huts = {hut.name: hut.rectangle for hut in layout.HUTS}

    def middle(rectangle: d.Rectangle) -> tuple[float, float, float]:
        return (rectangle[0] + rectangle[2]) / 2, (rectangle[1] + rectangle[3]) / 2, ground

    return [
        ("钢筋加工棚机械", "加工机械", "SITE/yard/钢筋加工棚", middle(yards["钢筋加工棚"])),
        ("木工加工棚", "木工火灾", "SITE/yard/木工加工棚", middle(yards["木工加工棚"])),
        ("危险品库", "危险品储存", "SITE/yard/危险品库", middle(yards["危险品库"])),
        ("总配电房", "配电房", "SITE/hut/总配电房", middle(huts["总配电房"])),
        ("材料堆场", "材料堆放", "SITE/yard/材料堆场", middle(yards["材料堆场"])),
        ("宿舍1号楼", "生活区火灾", "SITE/hut/宿舍1号楼", middle(huts["宿舍1号楼"])),
        ("食堂燃气", "生活区火灾", "SITE/hut/食堂", middle(huts["食堂"])),
        ("1号大门车辆出入", "车辆运输", "SITE/gate/1号大门", (69.0, -43.0, ground)),
        ("钢筋原材堆放", "材料堆放", "SITE/stack/钢筋原材1", middle(layout.STACKS[0].rectangle)),
    ]
