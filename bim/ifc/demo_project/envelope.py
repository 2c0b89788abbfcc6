"""Facade walls with their windows and doors, core doors."""

from __future__ import annotations

from bim.ifc.demo_project import dimensions as d
from bim.ifc.demo_project.author import Author, Entity
from bim.ifc.demo_project.plan import construction_values
from bim.ifc.demo_project.structure import LIFT_DOOR, LIFT_DOOR_OFFSETS_M, STAIR_DOOR

ENTRANCES = {"F01/南4": (3.6, 2.9), "F01/南5": (3.6, 2.9), "F01/东2": (4.0, 3.6), "F01/西4": (1.8, 2.4)}
"""Facade bays of the ground floor with a door (width, height) in place of a window."""
FIRE_DOOR_STOREYS = ("B01", "F01", "F02", "F03", "F04", "F05", "F06")


def write_envelope(author: Author) -> None:
    """Add facade walls, their openings, windows and doors, and the doors of stairs and lifts."""
    for storey in d.WALLED_STOREYS:
        for bay in d.walled_bays(storey):
            _facade_bay(author, d.LEVEL[storey], bay)
    for storey in FIRE_DOOR_STOREYS:
        for shaft in ("A", "B"):
            _stair_door(author, d.LEVEL[storey], shaft)
    for storey in d.LIFT_DOOR_STOREYS:
        for lift in LIFT_DOOR_OFFSETS_M:
            _lift_door(author, d.LEVEL[storey], lift)


def _facade_bay(author: Author, level: d.StoreyLevel, bay: d.EdgeBay) -> None:
    tower = level.part == "tower"
    column = d.TOWER_COLUMN_M if tower else d.PODIUM_COLUMN_M
    length = round(bay.length_m - column, 3)
    height = round(level.height_m - d.SLAB_THICKNESS_M - d.BEAM_DEPTH_M, 3)
    look = "facade" if tower else "stone"
    name = "外墙 200 砌块" if tower else "裙房外墙 200 石材"
    type_key = author.element_type(f"facade/{look}", "IfcWallType", name, "SOLIDWALL", None, "block")
    turn = d.SIDE_TURN_DEG[bay.side]
    x, y = _along(bay, column / 2)
    wall = author.element(
        f"{level.code}/wall/{bay.side}{bay.index}",
        "IfcWall",
        f"外墙 {bay.side}{bay.index}",
        storey=level.code,
        at=(x, y, level.elevation_m),
        turn_deg=turn,
        type_key=type_key,
        body=[(author.solids.box(0, -d.FACADE_WALL_M / 2, 0, length, d.FACADE_WALL_M, height), look)],
    )
    common = {"LoadBearing": False, "IsExternal": True, "FireRating": "1.00h", "Status": ["NEW"]}
    author.describe(wall, "Pset_WallCommon", common)
    author.describe(wall, "Twinwall_施工", construction_values(level.code, "砌筑"))
    _facade_opening(author, level, bay, wall, (length, height, column))


def _facade_opening(
    author: Author, level: d.StoreyLevel, bay: d.EdgeBay, wall: Entity, clear_m: tuple[float, float, float]
) -> None:
    length, height, column = clear_m
    is_door = bay.key in ENTRANCES
    if is_door:
        width, tall = ENTRANCES[bay.key]
        sill = 0.0
    else:
        width = round(length - 1.6, 2)
        sill = 0.9 if level.part == "tower" else 0.6
        tall = round(height - sill - 0.3, 2)
    x, y = _along(bay, column / 2 + (length - width) / 2)
    at = (x, y, level.elevation_m + sill)
    turn = d.SIDE_TURN_DEG[bay.side]
    cut = [(author.solids.box(0, -0.3, 0, width, 0.6, tall), "space")]
    label = f"外墙 {bay.side}{bay.index} {'门洞' if is_door else '窗洞'}"
    opening = author.opening(f"{level.code}/wall-opening/{bay.side}{bay.index}", label, wall, at, turn, cut)
    if is_door:
        _door(author, level, f"{level.code}/door/{bay.side}{bay.index}", "出入口门", (width, tall), at, turn, opening)
    elif level.code in d.GLAZED_STOREYS:
        _window(author, level, bay, (width, tall), at, opening)


def _window(
    author: Author,
    level: d.StoreyLevel,
    bay: d.EdgeBay,
    size_m: tuple[float, float],
    at: tuple[float, float, float],
    opening: Entity,
) -> None:
    width, tall = size_m
    type_key = f"window/{width:.2f}x{tall:.2f}"
    if not author.has_type(type_key):
        box, frame = author.solids.box, 0.07
        body: list[tuple[Entity, str]] = [
            (box(0, -0.05, 0, width, 0.1, frame), "aluminium"),
            (box(0, -0.05, tall - frame, width, 0.1, frame), "aluminium"),
            (box(0, -0.05, frame, frame, 0.1, tall - 2 * frame), "aluminium"),
            (box(width - frame, -0.05, frame, frame, 0.1, tall - 2 * frame), "aluminium"),
            (box(frame, -0.012, frame, width - 2 * frame, 0.024, tall - 2 * frame), "glass"),
        ]
        panels = max(2, round(width / 1.6))
        for index in range(1, panels):
            middle = width * index / panels
            body.append((box(middle - 0.03, -0.04, frame, 0.06, 0.08, tall - 2 * frame), "aluminium"))
        name = f"铝合金窗 {width * 1000:.0f}×{tall * 1000:.0f}"
        author.element_type(type_key, "IfcWindowType", name, "WINDOW", body, "aluminium")
    window = author.element(
        f"{level.code}/window/{bay.side}{bay.index}",
        "IfcWindow",
        f"窗 {bay.side}{bay.index}",
        storey=level.code,
        at=at,
        turn_deg=d.SIDE_TURN_DEG[bay.side],
        type_key=type_key,
    )
    window.OverallWidth, window.OverallHeight = width, tall
    author.describe(window, "Pset_WindowCommon", {"IsExternal": True, "Status": ["NEW"]})
    author.describe(window, "Twinwall_施工", construction_values(level.code, "门窗"))
    author.fill(opening, window)


def _door(
    author: Author,
    level: d.StoreyLevel,
    key: str,
    label: str,
    size_m: tuple[float, float],
    at: tuple[float, float, float],
    turn_deg: float,
    opening: Entity,
    look: str = "aluminium",
) -> None:
    width, tall = size_m
    type_key = f"door/{look}/{width:.2f}x{tall:.2f}"
    if not author.has_type(type_key):
        box, frame = author.solids.box, 0.08
        leaf = "glass" if look == "aluminium" else look
        body: list[tuple[Entity, str]] = [
            (box(0, -0.08, 0, frame, 0.16, tall), look),
            (box(width - frame, -0.08, 0, frame, 0.16, tall), look),
            (box(frame, -0.08, tall - frame, width - 2 * frame, 0.16, frame), look),
        ]
        leaves = 2 if width > 1.3 else 1
        leaf_width = (width - 2 * frame) / leaves
        for index in range(leaves):
            x = frame + index * leaf_width
            body.append((box(x + 0.01, -0.025, 0.01, leaf_width - 0.02, 0.05, tall - frame - 0.02), leaf))
        author.element_type(type_key, "IfcDoorType", f"门 {width * 1000:.0f}×{tall * 1000:.0f}", "DOOR", body, look)
    door = author.element(key, "IfcDoor", label, storey=level.code, at=at, turn_deg=turn_deg, type_key=type_key)
    door.OverallWidth, door.OverallHeight = width, tall
    author.describe(door, "Pset_DoorCommon", {"IsExternal": look == "aluminium", "Status": ["NEW"]})
    author.describe(door, "Twinwall_施工", construction_values(level.code, "门窗"))
    author.fill(opening, door)


def _stair_door(author: Author, level: d.StoreyLevel, shaft: str) -> None:
    x0, y0, *_ = d.STAIR_SHAFTS[shaft]
    at = (x0 + 0.15 + 1.35 - STAIR_DOOR[0] / 2, y0, level.elevation_m)
    opening = author[f"{level.code}/doorway/{shaft}楼梯"]
    key = f"{level.code}/door/{shaft}楼梯"
    _door(author, level, key, f"{shaft}楼梯间甲级防火门", STAIR_DOOR, at, 0, opening, "door")


def _lift_door(author: Author, level: d.StoreyLevel, lift: str) -> None:
    at = (25.65 + LIFT_DOOR_OFFSETS_M[lift] - LIFT_DOOR[0] / 2, 28.0, level.elevation_m)
    opening = author[f"{level.code}/doorway/{lift}号电梯"]
    _door(author, level, f"{level.code}/door/{lift}号电梯", f"{lift}号电梯层门", LIFT_DOOR, at, 0, opening, "lift_door")


def _along(bay: d.EdgeBay, distance_m: float) -> d.Point:
    share = distance_m / bay.length_m
    return (
        bay.start[0] + (bay.end[0] - bay.start[0]) * share,
        bay.start[1] + (bay.end[1] - bay.start[1]) * share,
    )
