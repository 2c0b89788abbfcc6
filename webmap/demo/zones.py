"""Zones of the demo site with their height ranges, as the GeoJSON that users import. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, sin
from typing import Any

from bim.ifc.demo_project import dimensions as d
from bim.ifc.demo_project import site_layout as layout
from bim.ifc.demo_project.georeference import to_height
from webmap.demo.placing import corners, grown, to_ring

OVERDUE_ZONE = "Z11"
"""Zone of the ticket that goes overdue about a minute after start: no walker ever comes here."""
PIT_EDGE_ZONE = "Z02"
LIFTING_ZONE = "Z03"
MATERIAL_YARD = "Z30"
SUMP_ZONE = "Z35"
"""The confined space of the demo: whoever is in it without permit, gas test and attendant is C-01."""
EDGE_STRIP_M = 2.0
"""Depth of the forbidden strip along an unguarded edge, from the slab's rim inwards."""
FORBIDDEN: dict[str, Any] = {"rule": "P-01", "enter_fixes": 2, "leave_fixes": 2}


@dataclass(frozen=True)
class DemoZone:
    """One zone in local metres; ``holes`` are cut out of ``outline``."""

    code: str
    name: str
    kind: str
    outline: tuple[d.Point, ...]
    bottom_z: float
    top_z: float
    storey: str | None = None
    fenced: bool = False
    holes: tuple[tuple[d.Point, ...], ...] = ()
    parent: str | None = None

    def feature(self) -> dict[str, Any]:
        """The zone as a GeoJSON feature in EPSG:4490 with Yellow Sea heights."""
        rings = [to_ring(self.outline), *(to_ring(reversed(hole)) for hole in self.holes)]
        return {
            "type": "Feature",
            "id": self.code,
            "properties": {
                "code": self.code,
                "name": self.name,
                "kind": self.kind,
                "bottom_m": round(to_height(self.bottom_z), 3),
                "top_m": round(to_height(self.top_z), 3),
                "storeys": [d.LEVEL[self.storey].name] if self.storey else [],
                "parent": self.parent,
                "fence": FORBIDDEN if self.fenced else None,
            },
            "geometry": {"type": "Polygon", "coordinates": [[list(point) for point in ring] for ring in rings]},
        }


def demo_zones() -> tuple[DemoZone, ...]:
    """All zones in code order. The site itself is the parent of those without one."""
    return (*_ground_zones(), *_edge_zones(), *_work_zones(), *_yard_zones())


def zones_geojson() -> dict[str, Any]:
    """The FeatureCollection of all zones, in EPSG:4490."""
    return {
        "type": "FeatureCollection",
        "name": "郑东示范塔楼 安全分区",
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}},
        "features": [zone.feature() for zone in demo_zones()],
    }


def _box(rectangle: d.Rectangle) -> tuple[d.Point, ...]:
    return tuple(corners(rectangle))


def _ground_zones() -> tuple[DemoZone, ...]:
    ground = d.GROUND_M
    low, high = ground - 0.5, ground + 3.0
    x, y = d.CRANE_BASE
    circle = tuple(
        (x + d.CRANE_JIB_M * cos(2 * pi * step / 48), y + d.CRANE_JIB_M * sin(2 * pi * step / 48)) for step in range(48)
    )
    lifting = next(yard.rectangle for yard in layout.YARDS if yard.name == "吊装卸料区")
    hoist_x, hoist_y = d.HOIST_MAST
    return (
        DemoZone("Z01", "二期基坑", "pit", _box(d.PIT), d.PIT_BOTTOM_M - 1.0, ground - 1.2, fenced=True),
        DemoZone(
            PIT_EDGE_ZONE,
            "基坑临边警戒带",
            "edge",
            _box(grown(d.PIT, d.PIT_RAIL_OFFSET_M)),
            low,
            high,
            fenced=True,
            holes=(_box(d.PIT),),
        ),
        DemoZone(LIFTING_ZONE, "塔吊吊装卸料区", "lifting", _box(lifting), low, ground + 12.0, fenced=True),
        DemoZone("Z04", "塔吊回转覆盖区", "lifting", circle, d.LEVEL["RF"].elevation_m + 4.0, 84.0),
        DemoZone(
            "Z05",
            "塔吊基础",
            "lifting",
            _box((x - 3.5, y - 3.5, x + 3.5, y + 3.5)),
            low,
            high,
            fenced=True,
        ),
        DemoZone(
            "Z06",
            "升降机底笼出入口",
            "hoist",
            _box((hoist_x - 4.4, hoist_y - 1.7, hoist_x + 4.4, hoist_y + 2.6)),
            low,
            high,
        ),
    )


def _strip(storey: str, key: str) -> tuple[d.Point, ...]:
    """The strip along an edge bay, from the slab's rim inwards."""
    bay = next(bay for bay in d.guarded_bays(storey) if bay.key == key)
    xs, ys = sorted((bay.start[0], bay.end[0])), sorted((bay.start[1], bay.end[1]))
    rim, inner = d.SLAB_EDGE_M, EDGE_STRIP_M - d.SLAB_EDGE_M
    return _box(
        {
            "南": (xs[0], ys[0] - rim, xs[1], ys[0] + inner),
            "北": (xs[0], ys[0] - inner, xs[1], ys[0] + rim),
            "东": (xs[0] - inner, ys[0], xs[0] + rim, ys[1]),
            "西": (xs[0] - rim, ys[0], xs[0] + inner, ys[1]),
        }[bay.side]
    )


def _edge(code: str, storey: str, bay: str, label: str, parent: str | None = None) -> DemoZone:
    level = d.LEVEL[storey]
    z = level.elevation_m
    name = f"{level.name}{label}临边"
    strip = _strip(storey, f"{storey}/{bay}")
    return DemoZone(code, name, "edge", strip, z - 0.4, z + 3.0, storey, fenced=True, parent=parent)


def _hole(code: str, storey: str, rectangle: d.Rectangle, label: str) -> DemoZone:
    z = d.LEVEL[storey].elevation_m
    name = f"{d.LEVEL[storey].name}{label}"
    return DemoZone(code, name, "edge", _box(grown(rectangle, 0.8)), z - 0.4, z + 3.0, storey, fenced=True)


def _edge_zones() -> tuple[DemoZone, ...]:
    return (
        _edge("Z07", "F03", "西2", "西侧"),
        _hole("Z08", "F03", d.ATRIUM, "中庭洞口"),
        _hole("Z09", "F03", d.HOISTING_OPENING, "材料吊装孔"),
        _hole("Z10", "F04", d.HOISTING_OPENING, "材料吊装孔"),
        _edge(OVERDUE_ZONE, "F04", "东3", "裙房屋面东侧"),
        _edge("Z12", "F04", "南6", "裙房屋面南侧"),
        _edge("Z13", "F11", "北3", "北侧"),
        _edge("Z14", "F12", "东1", "东侧"),
        _edge("Z15", "F12", "南3", "南侧"),
        _edge("Z16", "F13", "西3", "西侧", parent="Z23"),
        _hole("Z17", "F09", d.LIFT_SHAFTS["2"], "2号电梯井口"),
        _hole("Z18", "F12", d.LIFT_SHAFTS["1"], "1号电梯井口"),
    )


def _work_zones() -> tuple[DemoZone, ...]:
    found = []
    for code, storey in (("Z19", "F06"), ("Z20", "F08"), ("Z21", "F10")):
        level = d.LEVEL[storey]
        z, rectangle = level.elevation_m, grown(d.LANDING_PLATFORMS[storey], 0.5)
        name = f"{level.name}悬挑料台"
        found.append(DemoZone(code, name, "edge", _box(rectangle), z - 0.4, z + 3.0, storey, fenced=True))
    f07, f13, roof = d.LEVEL["F07"], d.LEVEL["F13"], d.LEVEL["RF"]
    x, _ = d.HOIST_MAST
    gate = (x - 3.7, d.TOWER[3] - 1.2, x + 3.7, d.HOIST_MAST[1] - 0.75)
    tower = grown(d.TOWER, d.SLAB_EDGE_M)
    scaffold = grown(d.TOWER, d.SLAB_EDGE_M + d.SCAFFOLD_GAP_M + d.SCAFFOLD_WIDTH_M)
    found += [
        DemoZone(
            "Z22",
            "七层升降机口",
            "hoist",
            _box(gate),
            f07.elevation_m - 0.4,
            f07.elevation_m + 3.0,
            "F07",
            fenced=True,
        ),
        DemoZone(
            "Z23", "十三层模板支架", "formwork", _box(tower), f13.elevation_m - 0.4, roof.elevation_m - 0.3, "F13"
        ),
        DemoZone("Z24", "屋面作业面", "area", _box(tower), roof.elevation_m - 0.3, roof.elevation_m + 3.0, "RF"),
        DemoZone(
            "Z25",
            "悬挑外脚手架",
            "scaffold",
            _box(scaffold),
            d.LEVEL["F09"].elevation_m - 1.0,
            roof.elevation_m + 1.5,
            holes=(_box(tower),),
        ),
    ]
    return tuple(found)


def _yard_zones() -> tuple[DemoZone, ...]:
    ground = d.GROUND_M
    low, high = ground - 0.5, ground + 7.0
    yards = {yard.name: yard.rectangle for yard in layout.YARDS}
    x, y = layout.ASSEMBLY_POINT
    power = next(hut.rectangle for hut in layout.HUTS if hut.name == "总配电房")
    return (
        DemoZone("Z26", "钢筋加工区", "workshop", _box(yards["钢筋加工棚"]), low, high),
        DemoZone("Z27", "木工加工区", "workshop", _box(yards["木工加工棚"]), low, high),
        DemoZone("Z28", "危险品库", "storage", _box(grown(yards["危险品库"], 2.0)), low, high, fenced=True),
        DemoZone("Z29", "总配电房", "electrical", _box(grown(power, 1.0)), low, high, fenced=True),
        DemoZone("Z30", "材料堆场", "storage", _box(yards["材料堆场"]), low, high),
        DemoZone("Z31", "生活区", "office", _box(layout.LIVING_AREA), low, high),
        DemoZone("Z32", "办公区", "office", _box(layout.OFFICE_AREA), low, high),
        DemoZone("Z33", "应急集合点", "assembly", _box((x - 4.0, y - 4.0, x + 4.0, y + 4.0)), low, ground + 3.0),
        DemoZone("Z34", "南侧疏散通道", "escape", _box((x - 1.5, y + 4.0, x + 1.5, -1.0)), low, ground + 3.0),
        DemoZone(SUMP_ZONE, "基坑集水井", "pit", _box((106.0, 5.0, 110.0, 9.0)), d.PIT_BOTTOM_M - 1.0,
                 d.PIT_BOTTOM_M + 1.0, fenced=True, parent="Z01"),
    )  # fmt: skip
