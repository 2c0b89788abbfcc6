"""Numbers of the site around the building: boundary, roads, gates, yards, huts. Local metres, see ``dimensions``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bim.ifc.demo_project.dimensions import Point, Rectangle

BOUNDARY: tuple[Point, ...] = ((-40.0, -44.0), (136.0, -44.0), (136.0, 78.0), (122.0, 90.0), (-40.0, 90.0))
"""Site fence line, anti-clockwise, open ring."""
FENCE_PANEL_M = 6.0
FENCE_HEIGHT_M = 2.5


@dataclass(frozen=True)
class Gate:
    """An opening in the fence; ``start`` and ``end`` lie on the boundary."""

    name: str
    start: Point
    end: Point


GATES = (
    Gate("1号大门", (65.0, -44.0), (73.0, -44.0)),
    Gate("2号大门", (-40.0, 60.0), (-40.0, 68.0)),
    Gate("3号应急门", (136.0, 60.0), (136.0, 66.0)),
)

ROAD_WIDTH_M = 6.0
ROADS: dict[str, tuple[Point, ...]] = {
    "主入口路": ((69.0, -44.0), (69.0, -14.0)),
    "南环路": ((-20.0, -14.0), (126.0, -14.0)),
    "西环路": ((-20.0, -14.0), (-20.0, 64.0)),
    "北环路": ((-40.0, 64.0), (136.0, 64.0)),
    "中路": ((69.0, -14.0), (69.0, 64.0)),
    "东环路": ((126.0, -14.0), (126.0, 64.0)),
}


@dataclass(frozen=True)
class Yard:
    """A paved area; ``shed_height_m`` is 0 where nothing covers it."""

    name: str
    rectangle: Rectangle
    shed_height_m: float
    colour: Literal["steel", "timber", "gravel", "red"]


YARDS = (
    Yard("钢筋加工棚", (-8.0, 72.0, 16.0, 84.0), 5.0, "steel"),
    Yard("木工加工棚", (22.0, 72.0, 38.0, 82.0), 4.5, "timber"),
    Yard("脚手架管堆场", (44.0, 72.0, 62.0, 84.0), 0.0, "steel"),
    Yard("模板堆场", (76.0, 72.0, 94.0, 84.0), 0.0, "timber"),
    Yard("材料堆场", (84.0, 47.0, 110.0, 58.0), 0.0, "gravel"),
    Yard("吊装卸料区", (40.0, 51.0, 62.0, 60.0), 0.0, "gravel"),
    Yard("危险品库", (104.0, 73.0, 112.0, 79.0), 3.2, "red"),
)


@dataclass(frozen=True)
class Hut:
    """A row of site huts of ``storeys`` floors at 2.9 m."""

    name: str
    rectangle: Rectangle
    storeys: int
    kind: Literal["living", "office", "service"]


HUT_STOREY_M = 2.9
HUTS = (
    Hut("宿舍1号楼", (-34.0, -27.0, -4.0, -21.5), 2, "living"),
    Hut("宿舍2号楼", (-34.0, -36.0, -4.0, -30.5), 2, "living"),
    Hut("食堂", (2.0, -36.0, 20.0, -28.0), 1, "living"),
    Hut("淋浴卫生间", (2.0, -26.0, 14.0, -21.5), 1, "living"),
    Hut("项目部办公楼", (84.0, -29.0, 114.0, -23.0), 2, "office"),
    Hut("会议室", (84.0, -38.0, 100.0, -33.0), 1, "office"),
    Hut("标养室", (106.0, -38.0, 114.0, -33.0), 1, "office"),
    Hut("门卫室", (75.0, -42.5, 79.0, -39.0), 1, "service"),
    Hut("实名制通道", (59.0, -42.5, 63.0, -39.5), 1, "service"),
    Hut("总配电房", (-36.0, 4.0, -29.0, 9.0), 1, "service"),
    Hut("医务急救站", (118.0, -29.0, 126.0, -24.0), 1, "service"),
)
WASH_BAY: Rectangle = (66.0, -38.0, 72.0, -30.0)
LIVING_AREA: Rectangle = (-37.0, -40.0, 23.0, -19.0)
OFFICE_AREA: Rectangle = (81.0, -41.0, 130.0, -19.0)
ASSEMBLY_POINT: Point = (48.0, -29.0)


@dataclass(frozen=True)
class Stack:
    """A pile of material lying in a yard."""

    name: str
    rectangle: Rectangle
    height_m: float
    colour: Literal["steel", "timber", "gravel", "block"]


def _stacks() -> tuple[Stack, ...]:
    found = []
    for index in range(4):
        x = 46.0 + 4.0 * index
        found.append(Stack(f"钢管堆{index + 1}", (x, 74.0, x + 2.6, 80.0), 1.2, "steel"))
        x = 78.0 + 4.0 * index
        found.append(Stack(f"模板堆{index + 1}", (x, 74.0, x + 2.5, 79.0), 1.5, "timber"))
        x = 86.0 + 6.0 * index
        found.append(Stack(f"砌块堆{index + 1}", (x, 48.5, x + 4.0, 52.0), 1.4, "block"))
    for index in range(3):
        x = -6.0 + 7.0 * index
        found.append(Stack(f"钢筋原材{index + 1}", (x, 73.5, x + 5.5, 76.0), 0.8, "steel"))
        found.append(Stack(f"砂石料{index + 1}", (86.0 + 7.0 * index, 54.0, 91.0 + 7.0 * index, 57.0), 1.8, "gravel"))
        x = 42.0 + 6.5 * index
        found.append(Stack(f"待吊材料{index + 1}", (x, 53.0, x + 4.0, 56.0), 1.1, "steel"))
    return tuple(found)


STACKS = _stacks()
