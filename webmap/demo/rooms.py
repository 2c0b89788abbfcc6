"""Rooms of the demo tower: the core and four bays on each of the lowest storeys, as a table with outlines. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bim.ifc.demo_project import dimensions as d
from webmap.demo.placing import corners, to_ring

STOREYS = 4
_X0, _Y0, _X1, _Y1 = d.TOWER
_CX0, _CY0, _CX1, _CY1 = d.CORE
ROOMS: tuple[tuple[str, str, d.Rectangle], ...] = (
    ("01", "核心筒(电梯、楼梯)", d.CORE),
    ("02", "西区", (_X0, _Y0, _CX0, _Y1)),
    ("03", "东区", (_CX1, _Y0, _X1, _Y1)),
    ("04", "南区", (_CX0, _Y0, _CX1, _CY0)),
    ("05", "北区", (_CX0, _CY1, _CX1, _Y1)),
)


def rooms_geojson(storeys: Sequence[Any]) -> dict[str, Any]:
    """Return the rooms of the lowest storeys (from below) in the columns that an import of spaces reads."""
    features = []
    for level, storey in enumerate(storeys[:STOREYS]):
        for number, name, rectangle in ROOMS:
            properties = {
                "楼栋": storey.building.name,
                "楼层": storey.name,
                "房间号": f"{level or 'B1'}{number}",
                "房间名称": name,
                "空间底标高": storey.elevation_m,
                "空间顶标高": storey.top_m,
            }
            geometry = {"type": "Polygon", "coordinates": [to_ring(corners(rectangle))]}
            features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    return {"type": "FeatureCollection", "features": features}
