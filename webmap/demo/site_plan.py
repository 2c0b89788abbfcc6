"""The demo's site plan (施工总平面布置图) as a picture with control points, drawn from the model's dimensions."""

from __future__ import annotations

import itertools
from math import cos, pi, radians, sin
from pathlib import Path
from random import Random
from typing import Any

from bim.ifc.demo_project import dimensions as d
from bim.ifc.demo_project import site_layout as layout
from bim.ifc.demo_project.georeference import to_map
from webmap.demo.drawing_sheet import Colour, DrawingSheet
from webmap.demo.placing import corners, grown

SIZE_PX = (2400, 1870)
PIXELS_PER_M = 11.0
LOWER_LEFT: d.Point = (-60.0, -68.0)

_PAPER: Colour = (238, 236, 228)
_GROUND: Colour = (226, 219, 201)
_GREEN: Colour = (190, 208, 165)
_ROAD: Colour = (176, 178, 180)
_KERB: Colour = (247, 247, 244)
_INK: Colour = (36, 40, 46)
_WHITE: Colour = (255, 255, 255)
_YARD: dict[str, Colour] = {
    "steel": (170, 186, 201),
    "timber": (222, 194, 146),
    "gravel": (204, 196, 176),
    "red": (232, 165, 155),
}
_HUT: dict[str, Colour] = {"living": (167, 203, 226), "office": (140, 184, 219), "service": (196, 210, 220)}


def control_points() -> list[dict[str, Any]]:
    """Eight points of the plan: name, pixel (column, row from the upper left) and map (E, N in EPSG:4547)."""
    places: dict[str, d.Point] = {
        "围挡西南角": layout.BOUNDARY[0],
        "围挡东南角": layout.BOUNDARY[1],
        "围挡西北角": layout.BOUNDARY[-1],
        "1号大门西墩": layout.GATES[0].start,
        "轴线1-A": (d.GRID_X[0], d.GRID_Y[0]),
        "轴线9-F": (d.GRID_X[-1], d.GRID_Y[-1]),
        "基坑东南角": (d.PIT[2], d.PIT[1]),
        "塔吊基础中心": d.CRANE_BASE,
    }
    sheet = _sheet()
    return [
        {
            "name": name,
            "pixel": [round(value, 3) for value in sheet.pixel(*place)],
            "map": [round(value, 3) for value in to_map(*place)],
        }
        for name, place in places.items()
    ]


def draw_site_plan(path: Path) -> None:
    """Draw the plan and save it as PNG."""
    sheet = _sheet()
    _surroundings(sheet)
    _roads(sheet)
    _yards_and_huts(sheet)
    _pit(sheet)
    _building(sheet)
    _machines(sheet)
    _gates(sheet)
    _road_names(sheet)
    _legend(sheet)
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.finished().save(path, optimize=False, compress_level=6)


def _sheet() -> DrawingSheet:
    return DrawingSheet(SIZE_PX, LOWER_LEFT, PIXELS_PER_M, _PAPER)


def _surroundings(sheet: DrawingSheet) -> None:
    x0, y0, x1 = LOWER_LEFT[0], LOWER_LEFT[1], LOWER_LEFT[0] + SIZE_PX[0] / PIXELS_PER_M
    sheet.box((x0, -60.0, x1, -47.0), _ROAD)
    sheet.dashes(((x0, -53.5), (x1, -53.5)), (250, 214, 90), 0.3, 4.0, 3.0)
    sheet.box((x0, -47.0, x1, -45.2), (206, 200, 186))
    sheet.box((x0, y0, x1, -60.0), (206, 200, 186))
    sheet.box((x0, -44.0, -43.5, 102.0), _ROAD)
    sheet.dashes(((-51.5, -44.0), (-51.5, 102.0)), (250, 214, 90), 0.3, 4.0, 3.0)
    sheet.box((66.0, -47.5, 72.0, -43.0), _ROAD)
    sheet.box((-44.0, 61.0, -39.0, 67.0), _ROAD)
    sheet.polygon(layout.BOUNDARY, _GROUND)
    random = Random("trees")
    for x0, y0, x1, y1 in ((-37, -18, -25, 2), (-37, 14, -25, 58), (26, -42, 46, -32), (112, 68, 120, 72)):
        sheet.box((x0, y0, x1, y1), _GREEN)
        for _ in range(int((x1 - x0) * (y1 - y0) / 14)):
            at = (random.uniform(x0 + 1, x1 - 1), random.uniform(y0 + 1, y1 - 1))
            sheet.disc(at, random.uniform(0.6, 1.1), (121, 158, 96), (92, 128, 72), 0.12)
    sheet.polyline([*layout.BOUNDARY, layout.BOUNDARY[0]], (38, 92, 132), 0.9)
    sheet.dashes([*layout.BOUNDARY, layout.BOUNDARY[0]], _WHITE, 0.3, 3.0, 3.0)


def _roads(sheet: DrawingSheet) -> None:
    for width, colour in ((layout.ROAD_WIDTH_M + 0.8, _KERB), (layout.ROAD_WIDTH_M, _ROAD)):
        for line in layout.ROADS.values():
            half = width / 2
            for start, end in itertools.pairwise(line):
                low = (min(start[0], end[0]) - half, min(start[1], end[1]) - half)
                high = (max(start[0], end[0]) + half, max(start[1], end[1]) + half)
                if line[0][1] == -44.0:
                    low = (low[0], -44.0)
                if line[0][0] == -40.0:
                    low, high = (-40.0, low[1]), (136.0, high[1])
                sheet.box((*low, *high), colour)
    for line in layout.ROADS.values():
        sheet.dashes(line, (240, 240, 236), 0.18, 2.5, 2.0)


def _yards_and_huts(sheet: DrawingSheet) -> None:
    for yard in layout.YARDS:
        sheet.box(yard.rectangle, _YARD[yard.colour], (92, 96, 102), 0.2)
        if yard.shed_height_m:
            sheet.hatch(yard.rectangle, (255, 255, 255, 110), 1.6)
    for stack in layout.STACKS:
        sheet.box(stack.rectangle, (150, 128, 104), (100, 84, 66), 0.12)
    for yard in layout.YARDS:
        x0, y0, x1, y1 = yard.rectangle
        height = min(2.0, (x1 - x0) / len(yard.name) * 0.9)
        sheet.label(yard.name, ((x0 + x1) / 2, (y0 + y1) / 2), height, _INK, _WHITE)
    for area, name in ((layout.LIVING_AREA, "生活区"), (layout.OFFICE_AREA, "办公区")):
        sheet.box(area, (233, 236, 226), (104, 128, 110), 0.2)
        sheet.label(name, (area[2] - 4.5, area[3] - 2.0), 2.0, (50, 100, 66), _WHITE)
    for hut in layout.HUTS:
        x0, y0, x1, y1 = hut.rectangle
        sheet.box((x0 + 0.5, y0 - 0.5, x1 + 0.5, y1 - 0.5), (0, 0, 0, 40))
        sheet.box(hut.rectangle, _HUT[hut.kind], (50, 92, 138), 0.2)
        sheet.polyline(((x0, (y0 + y1) / 2), (x1, (y0 + y1) / 2)), (50, 92, 138, 120), 0.1)
        height = min(1.7, (x1 - x0) / len(hut.name) * 0.95)
        sheet.label(hut.name, ((x0 + x1) / 2, (y0 + y1) / 2), height, _INK, _WHITE)
    sheet.box(layout.WASH_BAY, (142, 190, 206), (60, 110, 130), 0.2)
    sheet.label("洗车池", ((layout.WASH_BAY[0] + layout.WASH_BAY[2]) / 2, -34.0), 1.5, _INK, _WHITE)
    x, y = layout.ASSEMBLY_POINT
    sheet.disc((x, y), 4.0, (58, 150, 84), _WHITE, 0.4)
    sheet.label("应急", (x, y + 1.1), 1.8, _WHITE)
    sheet.label("集合点", (x, y - 1.2), 1.8, _WHITE)


def _pit(sheet: DrawingSheet) -> None:
    rim = grown(d.PIT, d.PIT_RAIL_OFFSET_M)
    sheet.box(rim, (214, 206, 190), (205, 52, 44), 0.35)
    sheet.box(grown(d.PIT, 0.7), (160, 158, 152))
    sheet.box(d.PIT, (158, 132, 100), (92, 74, 52), 0.3)
    sheet.box(grown(d.PIT, -3.0), (176, 152, 118))
    x0, y0, x1, y1 = d.PIT
    for step in range(int((x1 - x0) / 1.5)):
        x = x0 + 0.75 + 1.5 * step
        sheet.disc((x, y0 - 0.6), 0.4, (112, 110, 106), None, 0)
        sheet.disc((x, y1 + 0.6), 0.4, (112, 110, 106), None, 0)
        sheet.disc((x0 - 0.6, y0 + 0.75 + 1.5 * step), 0.4, (112, 110, 106), None, 0)
        sheet.disc((x1 + 0.6, y0 + 0.75 + 1.5 * step), 0.4, (112, 110, 106), None, 0)
    for x in (84.0, 90.0, 96.0, 102.0, 108.0):
        sheet.polyline(((x, y0), (x, y1)), (58, 102, 148), 0.6)
    for a, b in (
        ((x0, y0 + 5), (x0 + 5, y0)),
        ((x1 - 5, y0), (x1, y0 + 5)),
        ((x1, y1 - 5), (x1 - 5, y1)),
        ((x0 + 5, y1), (x0, y1 - 5)),
    ):
        sheet.polyline((a, b), (58, 102, 148), 0.6)
    sheet.box(d.PIT_STAIR, (240, 200, 70), _INK, 0.15)
    sheet.label("梯笼", ((d.PIT_STAIR[0] + d.PIT_STAIR[2]) / 2, 33.5), 1.4, _INK)
    sheet.label("二期基坑", ((x0 + x1) / 2, 22.5), 3.2, _WHITE, (90, 66, 40))
    sheet.label(f"开挖深度 {d.PIT_DEPTH_M:.1f}m", ((x0 + x1) / 2, 17.8), 2.0, _WHITE, (90, 66, 40))


def _building(sheet: DrawingSheet) -> None:
    px0, py0, px1, py1 = d.PODIUM
    sheet.box((px0 + 1.2, py0 - 1.2, px1 + 1.2, py1 - 1.2), (0, 0, 0, 60))
    sheet.box(grown(d.PODIUM, d.SLAB_EDGE_M), (244, 238, 226), _INK, 0.35)
    tx0, ty0, tx1, ty1 = d.TOWER
    sheet.box((tx0 + 1.5, ty0 - 1.5, tx1 + 1.5, ty0), (0, 0, 0, 50))
    sheet.box((tx1, ty0 - 1.5, tx1 + 1.5, ty1 - 1.5), (0, 0, 0, 50))
    sheet.box(grown(d.TOWER, 1.6), (150, 190, 150), (44, 110, 66), 0.25)
    sheet.box(grown(d.TOWER, d.SLAB_EDGE_M), (232, 214, 190), _INK, 0.35)
    sheet.hatch(d.TOWER, (170, 140, 104, 110), 2.2)
    sheet.box(d.CORE, (206, 184, 154), _INK, 0.3)
    for x0, y0, x1, y1 in (*d.LIFT_SHAFTS.values(), *d.STAIR_SHAFTS.values()):
        sheet.box((x0, y0, x1, y1), None, _INK, 0.2)
    for x0, y0, x1, y1 in d.LIFT_SHAFTS.values():
        sheet.polyline(((x0, y0), (x1, y1)), _INK, 0.1)
        sheet.polyline(((x0, y1), (x1, y0)), _INK, 0.1)
    for i, j in d.column_places("F01"):
        sheet.box(grown((d.GRID_X[i], d.GRID_Y[j], d.GRID_X[i], d.GRID_Y[j]), 0.4), (70, 74, 80))
    sheet.box(d.HOISTING_OPENING, (250, 226, 120), (205, 52, 44), 0.25)
    sheet.label("吊装孔", (52.0, 24.8), 1.3, (170, 40, 34), _WHITE)
    sheet.label("塔楼 13层 54.0m", (30.0, 20.0), 2.3, _INK, _WHITE)
    sheet.label("裙房 3层 15.0m", (14.0, 4.0), 2.2, _INK, _WHITE)
    sheet.label("郑东示范塔楼", (30.0, 12.0), 3.4, _INK, _WHITE)
    sheet.label("±0.000 = 88.60m", (47.0, 4.0), 1.7, _INK, _WHITE)
    for i, x in enumerate(d.GRID_X):
        _axis_bubble(sheet, (x, -6.0), (x, -1.0), d.GRID_X_NAMES[i])
    for j, y in enumerate(d.GRID_Y):
        _axis_bubble(sheet, (-6.0, y), (-1.0, y), d.GRID_Y_NAMES[j])


def _axis_bubble(sheet: DrawingSheet, at: d.Point, to: d.Point, name: str) -> None:
    sheet.polyline((at, to), (110, 110, 110), 0.08)
    sheet.disc(at, 1.2, _WHITE, (70, 70, 70), 0.15)
    sheet.label(name, at, 1.5)


def _machines(sheet: DrawingSheet) -> None:
    for rectangle in d.LANDING_PLATFORMS.values():
        sheet.box(rectangle, (246, 190, 60), _INK, 0.15)
    sheet.label("料台", (51.2, 35.3), 1.4, _INK, _WHITE)
    x, y = d.HOIST_MAST
    sheet.box((x - 4.2, y - 1.5, x + 4.2, y + 1.5), (214, 92, 76), _INK, 0.2)
    sheet.label("1#施工升降机", (x - 1.0, y + 3.0), 1.6, _INK, _WHITE)
    cx, cy = d.CRANE_BASE
    ring = [
        (cx + d.CRANE_JIB_M * cos(2 * pi * n / 180), cy + d.CRANE_JIB_M * sin(2 * pi * n / 180)) for n in range(181)
    ]
    for start, end in list(itertools.pairwise(ring))[::2]:
        sheet.polyline((start, end), (208, 48, 40), 0.35)
    turn = radians(d.CRANE_SLEW_DEG)
    tip = (cx + d.CRANE_JIB_M * cos(turn), cy + d.CRANE_JIB_M * sin(turn))
    back = (cx - d.CRANE_COUNTER_JIB_M * cos(turn), cy - d.CRANE_COUNTER_JIB_M * sin(turn))
    sheet.polyline((back, tip), (238, 160, 24), 0.7)
    sheet.box((cx - 3, cy - 3, cx + 3, cy + 3), (250, 214, 120), _INK, 0.3)
    sheet.disc((cx, cy), 1.4, (224, 140, 20), _INK, 0.2)
    sheet.label("1#塔吊 QTZ125", (cx + 9.5, cy + 1.0), 1.7, _INK, _WHITE)
    sheet.label("R=55m", (cx + 6.8, cy - 1.4), 1.7, (190, 40, 34), _WHITE)
    sheet.label("塔吊回转半径", (cx - 37.5, cy + 45.8), 1.6, (190, 40, 34), _WHITE)


def _gates(sheet: DrawingSheet) -> None:
    for gate in layout.GATES:
        sheet.polyline((gate.start, gate.end), (250, 230, 60), 1.2)
        for post in (gate.start, gate.end):
            sheet.box(grown((*post, *post), 0.7), (38, 92, 132))
    sheet.label("1号大门(主出入口)", (54.0, -46.2), 1.7, _INK, _WHITE)
    sheet.label("2号大门", (-46.5, 64.0), 1.7, _INK, _WHITE)
    sheet.label("3号应急门", (142.5, 63.0), 1.7, _INK, _WHITE)


def _road_names(sheet: DrawingSheet) -> None:
    for name, at in (
        ("南环路", (20.0, -14.0)),
        ("北环路", (4.0, 64.0)),
        ("东环路", (126.0, 20.0)),
        ("中路", (69.0, 20.0)),
        ("西环路", (-20.0, 30.0)),
        ("商鼎示范路", (110.0, -53.5)),
    ):
        sheet.label(name, at, 1.7, (70, 74, 80), (236, 236, 232))


def _legend(sheet: DrawingSheet) -> None:
    x1 = LOWER_LEFT[0] + SIZE_PX[0] / PIXELS_PER_M
    sheet.label("郑东示范塔楼 施工总平面布置图", (-41.0, 98.5), 4.0, _INK, anchor="lm")
    sheet.label(
        "主体施工阶段 · CGCS2000 3度带 中央子午线114° · 1985国家高程基准 · 示范数据",
        (-41.0, 94.2),
        1.7,
        (90, 94, 100),
        anchor="lm",
    )
    turn = radians(90.0 - d.ROTATION_DEG)
    base, tip = (146.0, 88.0), (146.0 + 9.0 * cos(turn), 88.0 + 9.0 * sin(turn))
    side = (cos(turn - pi / 2) * 2.0, sin(turn - pi / 2) * 2.0)
    notch = (base[0] + (tip[0] - base[0]) * 0.2, base[1] + (tip[1] - base[1]) * 0.2)
    sheet.polygon((tip, (base[0] + side[0], base[1] + side[1]), notch), _INK)
    sheet.polygon((tip, (base[0] - side[0], base[1] - side[1]), notch), _WHITE, _INK, 0.15)
    sheet.label("北", (tip[0] + 1.8 * cos(turn), tip[1] + 1.8 * sin(turn)), 2.4)
    left, bottom = x1 - 44.0, LOWER_LEFT[1] + 2.0
    for step in range(4):
        fill = _INK if step % 2 == 0 else _WHITE
        sheet.box((left + 10 * step, bottom, left + 10 * step + 10, bottom + 1.0), fill, _INK, 0.12)
    for step in range(5):
        sheet.label(str(10 * step), (left + 10 * step, bottom + 2.2), 1.5)
    sheet.label("m", (left + 42.2, bottom + 0.6), 1.6)
    keys: list[tuple[str, Colour]] = [
        ("拟建裙房", (244, 238, 226)),
        ("拟建塔楼", (232, 214, 190)),
        ("基坑", (176, 152, 118)),
        ("道路", _ROAD),
        ("加工棚与堆场", (170, 186, 201)),
        ("临建房屋", (167, 203, 226)),
        ("绿化", _GREEN),
    ]
    at = -56.0
    for name, colour in keys:
        sheet.box((at, LOWER_LEFT[1] + 1.8, at + 3.0, LOWER_LEFT[1] + 3.8), colour, _INK, 0.12)
        sheet.label(name, (at + 3.8, LOWER_LEFT[1] + 2.8), 1.6, _INK, anchor="lm")
        at += 6.5 + 1.7 * len(name)


def plan_corners() -> list[d.Point]:
    """Local corners of the sheet, anti-clockwise from its lower left."""
    x0, y0 = LOWER_LEFT
    return corners((x0, y0, x0 + SIZE_PX[0] / PIXELS_PER_M, y0 + SIZE_PX[1] / PIXELS_PER_M))
