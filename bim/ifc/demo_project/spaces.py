"""Main rooms of the storeys as IfcSpace."""

from __future__ import annotations

from bim.ifc.demo_project import dimensions as d
from bim.ifc.demo_project.author import Author
from bim.ifc.demo_project.structure import clear_height_m

PODIUM_ROOMS: dict[str, dict[str, d.Rectangle]] = {
    "B01": {
        "地下车库": (0.4, 0.4, 59.6, 15.6),
        "变配电室": (46.0, 16.4, 59.6, 26.0),
        "消防水泵房": (0.4, 16.4, 14.0, 26.0),
    },
    "F01": {
        "大堂": (22.9, 0.4, 37.1, 15.6),
        "商业西区": (0.4, 0.4, 22.1, 39.6),
        "商业东区": (37.9, 0.4, 59.6, 23.6),
    },
    "F02": {"商业西区": (0.4, 0.4, 22.1, 39.6), "商业东区": (37.9, 0.4, 59.6, 23.6)},
    "F03": {"餐饮区": (0.4, 0.4, 22.1, 39.6), "多功能厅": (37.9, 0.4, 59.6, 23.6)},
}
TOWER_ROOMS: dict[str, d.Rectangle] = {
    "办公西区": (15.4, 16.4, 20.0, 39.6),
    "办公东区": (40.0, 16.4, 44.6, 39.6),
    "办公南区": (22.5, 16.4, 37.5, 23.6),
    "电梯厅": (25.7, 24.2, 34.3, 27.8),
}


def rooms_of(storey: str) -> dict[str, d.Rectangle]:
    """Rooms of ``storey`` by name; the bare storeys have none yet."""
    if storey in PODIUM_ROOMS:
        return PODIUM_ROOMS[storey]
    return TOWER_ROOMS if storey in d.WALLED_STOREYS else {}


def write_spaces(author: Author) -> None:
    """Add the rooms, aggregated to their storeys."""
    for level in d.LEVELS:
        for name, (x0, y0, x1, y1) in rooms_of(level.code).items():
            space = author.element(
                f"{level.code}/space/{name}",
                "IfcSpace",
                name,
                part_of=level.code,
                at=(x0, y0, level.elevation_m),
                predefined="INTERNAL",
                body=[(author.solids.box(0, 0, 0, x1 - x0, y1 - y0, clear_height_m(level)), "space")],
            )
            space.LongName = f"{level.name}{name}"
            author.describe(space, "Pset_SpaceCommon", {"IsExternal": False, "PubliclyAccessible": False})
            author.quantify(space, "Qto_SpaceBaseQuantities", {"NetFloorArea": round((x1 - x0) * (y1 - y0), 3)})
