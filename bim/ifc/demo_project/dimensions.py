"""Numbers of the demo building, its pit, crane and hoist. No IFC, no Django, no clock.

Local project coordinates in metres: x along the building's long side, y to its left, z above the drawing zero.
The origin is the crossing of grid line 1 with grid line A. ``georeference`` below carries them to the map.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

Point = tuple[float, float]
Rectangle = tuple[float, float, float, float]
"""x_min, y_min, x_max, y_max in local metres."""
Side = Literal["南", "东", "北", "西"]

SITE_CODE = "ZD-TOWER"
SITE_NAME = "郑东示范塔楼"

# --- georeference -----------------------------------------------------------------------------------------------
PROJECTED_SRID = 4547
"""CGCS2000 / 3-degree Gauss-Kruger CM 114E (spec/domain/08, 8.2)."""
EASTING_M = 478_930.0
NORTHING_M = 3_848_520.0
ROTATION_DEG = 12.3
"""Angle from map east to the local x axis, anti-clockwise (spec/domain/08, 8.6)."""
ZERO_LEVEL_M = 88.60
"""Yellow Sea 1985 height of the drawing zero."""
GEOID_OFFSET_M = -13.4
"""h = H + N for this site: a round figure for Zhengzhou, replaced by a control point on a real site (conf C)."""
GROUND_M = -0.30
"""Level of the levelled ground, local."""


# --- storeys ----------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class StoreyLevel:
    """One storey: code used in keys, Chinese name, floor level and height in local metres."""

    code: str
    name: str
    elevation_m: float
    height_m: float
    part: Literal["basement", "podium", "tower", "roof"]


def _levels() -> tuple[StoreyLevel, ...]:
    chinese = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二", "十三"]
    levels = [StoreyLevel("B01", "地下一层", -5.4, 5.4, "basement")]
    elevation = 0.0
    for number, height in enumerate((5.4, 4.8, 4.8), start=1):
        levels.append(StoreyLevel(f"F{number:02d}", f"{chinese[number - 1]}层", round(elevation, 3), height, "podium"))
        elevation += height
    for number in range(4, 14):
        levels.append(StoreyLevel(f"F{number:02d}", f"{chinese[number - 1]}层", round(elevation, 3), 3.9, "tower"))
        elevation += 3.9
    levels.append(StoreyLevel("RF", "屋面层", round(elevation, 3), 3.0, "roof"))
    return tuple(levels)


LEVELS = _levels()
LEVEL = {level.code: level for level in LEVELS}
WALLED_STOREYS = ("F01", "F02", "F03", "F04", "F05", "F06", "F07", "F08", "F09", "F10")
"""Storeys with facade walls; above them the structure is bare."""
GLAZED_STOREYS = WALLED_STOREYS[:8]
"""Storeys whose windows are in; above them the wall openings are empty."""
STAIR_RAILED_STOREYS = ("B01", "F01", "F02", "F03", "F04", "F05", "F06")
LIFT_DOOR_STOREYS = ("B01", "F01", "F02", "F03")
FINISHED_STAIR_STOREYS = tuple(level.code for level in LEVELS if level.code not in ("F12", "F13", "RF"))
"""Storeys from which a stair goes up; the flights of F12 and F13 are not cast yet."""

# --- grid and outlines ------------------------------------------------------------------------------------------
GRID_X = tuple(7.5 * index for index in range(9))
GRID_Y = tuple(8.0 * index for index in range(6))
GRID_X_NAMES = tuple(str(index + 1) for index in range(9))
GRID_Y_NAMES = tuple("ABCDEF")
PODIUM: Rectangle = (0.0, 0.0, 60.0, 40.0)
TOWER: Rectangle = (15.0, 16.0, 45.0, 40.0)
SLAB_EDGE_M = 0.4
"""Slabs reach this far beyond the outer grid lines."""
SLAB_THICKNESS_M = 0.25
RAFT_THICKNESS_M = 0.9
PODIUM_COLUMN_M = 0.8
TOWER_COLUMN_M = 0.9
BEAM_WIDTH_M = 0.35
BEAM_DEPTH_M = 0.7
FACADE_WALL_M = 0.2
CORE_WALL_M = 0.3

# --- core -------------------------------------------------------------------------------------------------------
CORE: Rectangle = (22.5, 24.0, 37.5, 32.0)
STAIR_SHAFTS: dict[str, Rectangle] = {"A": (22.5, 24.0, 25.5, 32.0), "B": (34.5, 24.0, 37.5, 32.0)}
LIFT_SHAFTS: dict[str, Rectangle] = {
    "1": (25.5, 28.0, 28.5, 32.0),
    "2": (28.5, 28.0, 31.5, 32.0),
    "3": (31.5, 28.0, 34.5, 32.0),
}
STAIR_LANDING_M = 1.7
"""Depth of the storey's own landing inside the stair shaft, from its south wall."""
STAIR_TREAD_M = 0.28
STAIR_FLIGHT_WIDTH_M = 1.3


@dataclass(frozen=True)
class SlabOpening:
    """A hole through the floor of one storey."""

    storey: str
    kind: Literal["stair", "lift", "mep", "hoisting", "atrium"]
    name: str
    rectangle: Rectangle

    @property
    def key(self) -> str:
        return f"{self.storey}/opening/{self.name}"


HOISTING_OPENING: Rectangle = (50.0, 26.0, 54.0, 30.0)
HOISTING_STOREYS = ("F02", "F03", "F04")
ATRIUM: Rectangle = (23.3, 8.9, 29.2, 15.1)
ATRIUM_STOREYS = ("F02", "F03")
MEP_SHAFTS: dict[str, Rectangle] = {"强电井": (20.6, 26.5, 21.8, 29.5), "水暖井": (38.2, 26.5, 39.4, 29.5)}


def slab_openings(storey: str) -> tuple[SlabOpening, ...]:
    """All holes through the floor slab of ``storey`` (none in the raft and none above the cast slabs)."""
    if storey in ("B01", "RF"):
        return ()
    half = CORE_WALL_M / 2
    found = []
    for name, (x0, y0, x1, y1) in STAIR_SHAFTS.items():
        inner = (x0 + half, y0 + half + STAIR_LANDING_M, x1 - half, y1 - half)
        found.append(SlabOpening(storey, "stair", f"{name}楼梯间", inner))
    for name, (x0, y0, x1, y1) in LIFT_SHAFTS.items():
        found.append(SlabOpening(storey, "lift", f"{name}号电梯井", (x0 + half, y0 + half, x1 - half, y1 - half)))
    for name, rectangle in MEP_SHAFTS.items():
        found.append(SlabOpening(storey, "mep", name, rectangle))
    if storey in HOISTING_STOREYS:
        found.append(SlabOpening(storey, "hoisting", "材料吊装孔", HOISTING_OPENING))
    if storey in ATRIUM_STOREYS:
        found.append(SlabOpening(storey, "atrium", "中庭", ATRIUM))
    return tuple(found)


def slab_outline(storey: str) -> Rectangle:
    """Outline of the floor slab of ``storey``."""
    x0, y0, x1, y1 = TOWER if LEVEL[storey].elevation_m > LEVEL["F04"].elevation_m else PODIUM
    return x0 - SLAB_EDGE_M, y0 - SLAB_EDGE_M, x1 + SLAB_EDGE_M, y1 + SLAB_EDGE_M


def grid_of(storey: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Indices of the x and y grid lines that carry columns standing on the floor of ``storey``."""
    if LEVEL[storey].part in ("tower", "roof"):
        return tuple(range(2, 7)), tuple(range(2, 6))
    return tuple(range(9)), tuple(range(6))


def column_places(storey: str) -> tuple[tuple[int, int], ...]:
    """Grid index pairs of the columns of ``storey``: every crossing that is not inside the core."""
    xs, ys = grid_of(storey)
    x0, y0, x1, y1 = CORE
    return tuple((i, j) for i in xs for j in ys if not (x0 <= GRID_X[i] <= x1 and y0 <= GRID_Y[j] <= y1))


@dataclass(frozen=True)
class EdgeBay:
    """One bay of a slab's edge between two grid lines, walked anti-clockwise around the plan."""

    storey: str
    side: Side
    index: int
    start: Point
    end: Point

    @property
    def key(self) -> str:
        return f"{self.storey}/{self.side}{self.index}"

    @property
    def length_m(self) -> float:
        return abs(self.end[0] - self.start[0]) + abs(self.end[1] - self.start[1])


def edge_bays(storey: str, rectangle: Rectangle) -> tuple[EdgeBay, ...]:
    """Bays of ``rectangle``'s four sides at the grid lines, numbered from 1 on each side."""
    x0, y0, x1, y1 = rectangle
    xs = [x for x in GRID_X if x0 <= x <= x1]
    ys = [y for y in GRID_Y if y0 <= y <= y1]
    bays: list[EdgeBay] = []
    for index, (a, b) in enumerate(pairwise(xs), start=1):
        bays.append(EdgeBay(storey, "南", index, (a, y0), (b, y0)))
    for index, (a, b) in enumerate(pairwise(ys), start=1):
        bays.append(EdgeBay(storey, "东", index, (x1, a), (x1, b)))
    for index, (a, b) in enumerate(pairwise(reversed(xs)), start=1):
        bays.append(EdgeBay(storey, "北", index, (a, y1), (b, y1)))
    for index, (a, b) in enumerate(pairwise(reversed(ys)), start=1):
        bays.append(EdgeBay(storey, "西", index, (x0, a), (x0, b)))
    return tuple(bays)


# --- guardrails: the safety story ---------------------------------------------------------------------------------
UNWALLED_BAYS = frozenset({"F03/北7", "F03/北8", "F03/西1", "F03/西2"})
"""Facade bays of the walled storeys that are still open and guarded by a railing instead."""
PLATFORM_BAYS = frozenset({"F06/东3", "F08/东2", "F10/东1"})
"""Facade bays left open for a landing platform."""
HOIST_BAY = {"podium": "北4", "tower": "北2"}
"""Bay in front of the hoist: no wall and no railing, closed by landing gates."""
MISSING_GUARDRAILS = frozenset(
    {
        "F03/西2",
        "F04/东3",
        "F04/南6",
        "F11/北3",
        "F12/东1",
        "F12/南3",
        "F13/西3",
        "F03/中庭/北",
        "F03/材料吊装孔/东",
        "F04/材料吊装孔/南",
        "F04/材料吊装孔/西",
        "F09/2号电梯井/防护门",
        "F12/1号电梯井/防护门",
        "F07/升降机/层门",
        "PIT/西4",
        "PIT/北2",
    }
)
"""Keys of the guardrails that the plan demands and the site lacks (JGJ 80-2016, 4.1.1 and 4.2.1)."""
GUARDRAIL_HEIGHT_M = 1.2


def is_hoist_bay(bay: EdgeBay) -> bool:
    """Whether the hoist lands in ``bay``."""
    part = "tower" if bay.storey not in ("F01", "F02", "F03") else "podium"
    return bay.key == f"{bay.storey}/{HOIST_BAY[part]}"


def walled_bays(storey: str) -> tuple[EdgeBay, ...]:
    """Facade bays of ``storey`` that have a wall."""
    if storey not in WALLED_STOREYS:
        return ()
    bays = edge_bays(storey, TOWER if LEVEL[storey].part == "tower" else PODIUM)
    open_keys = UNWALLED_BAYS | PLATFORM_BAYS
    return tuple(bay for bay in bays if bay.key not in open_keys and not is_hoist_bay(bay))


def guarded_bays(storey: str) -> tuple[EdgeBay, ...]:
    """Edge bays of ``storey`` that need a guardrail, whether or not it is there (JGJ 80-2016, 4.1.1)."""
    if storey in ("F11", "F12", "F13"):
        return tuple(bay for bay in edge_bays(storey, TOWER) if not is_hoist_bay(bay))
    if storey == "F04":
        under_tower = {f"F04/北{index}" for index in range(3, 7)}
        return tuple(bay for bay in edge_bays(storey, PODIUM) if bay.key not in under_tower)
    if storey in ("F01", "F02", "F03"):
        return tuple(bay for bay in edge_bays(storey, PODIUM) if bay.key in UNWALLED_BAYS)
    return ()


def rectangle_sides(rectangle: Rectangle) -> dict[Side, tuple[Point, Point]]:
    """The four sides of a rectangle, each from its start to its end, anti-clockwise."""
    x0, y0, x1, y1 = rectangle
    return {
        "南": ((x0, y0), (x1, y0)),
        "东": ((x1, y0), (x1, y1)),
        "北": ((x1, y1), (x0, y1)),
        "西": ((x0, y1), (x0, y0)),
    }


SIDE_TURN_DEG: dict[Side, float] = {"南": 0.0, "东": 90.0, "北": 180.0, "西": 270.0}

# --- foundation pit of phase two ----------------------------------------------------------------------------------
PIT: Rectangle = (78.0, 2.0, 114.0, 38.0)
PIT_BOTTOM_M = -9.3
PIT_DEPTH_M = round(GROUND_M - PIT_BOTTOM_M, 3)
PIT_PILE_DIAMETER_M = 1.0
PIT_PILE_SPACING_M = 1.5
PIT_PILE_TOE_M = -17.3
PIT_CAP_WIDTH_M = 1.2
PIT_CAP_DEPTH_M = 0.8
PIT_STRUT_LEVEL_M = -4.8
PIT_RAIL_BAY_M = 6.0
PIT_RAIL_OFFSET_M = 1.4
PIT_STAIR: Rectangle = (79.0, 30.0, 83.0, 37.0)

# --- tower crane ----------------------------------------------------------------------------------------------------
CRANE_BASE: Point = (52.0, 45.5)
CRANE_MAST_SECTION_M = 2.5
CRANE_MAST_SECTIONS = 28
CRANE_MAST_WIDTH_M = 1.8
CRANE_JIB_M = 55.0
CRANE_COUNTER_JIB_M = 15.0
CRANE_SLEW_DEG = -61.0
"""Angle of the jib from the local x axis as modelled: over the podium's south-east and the pit's corner."""
CRANE_TROLLEY_M = 34.0
CRANE_TIE_LEVELS_M = (25.0, 43.0)
CRANE_JIB_LEVEL_M = round(GROUND_M + 1.2 + CRANE_MAST_SECTION_M * CRANE_MAST_SECTIONS + 2.4, 3)

# --- construction hoist -----------------------------------------------------------------------------------------
HOIST_MAST: Point = (33.75, 43.4)
HOIST_SECTION_M = 1.508
HOIST_SECTIONS = 38
HOIST_CAGE: tuple[float, float, float] = (3.2, 1.5, 2.5)
HOIST_CAGE_LEVELS_M = {"左笼": 0.1, "右笼": 26.7}
HOIST_STOPS = tuple(level.code for level in LEVELS if level.code not in ("B01", "RF"))

# --- temporary works ------------------------------------------------------------------------------------------------
SCAFFOLD_STOREYS = ("F09", "F10", "F11", "F12", "F13")
SCAFFOLD_BAY_M = 2.5
SCAFFOLD_GAP_M = 0.75
SCAFFOLD_WIDTH_M = 0.9
FORMWORK_STOREY = "F13"
FORMWORK_MODULE_M = 2.5
LANDING_PLATFORMS: dict[str, Rectangle] = {
    "F06": (45.4, 34.0, 49.4, 36.6),
    "F08": (45.4, 26.6, 49.4, 29.2),
    "F10": (45.4, 18.6, 49.4, 21.2),
}
"""Cantilevered landing platforms (悬挑卸料平台) at the tower's east edge."""
