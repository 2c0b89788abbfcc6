"""Columns, slabs with their openings, edge beams, core and retaining walls."""

from __future__ import annotations

from bim.ifc.demo_project import dimensions as d
from bim.ifc.demo_project.author import Author, Body, Entity
from bim.ifc.demo_project.plan import construction_values

UNCAST_COLUMN_ROWS = (4, 5)
"""Grid rows whose columns on F13 are still bare reinforcement."""
CORE_WALLS: dict[str, tuple[d.Point, d.Point]] = {
    "Q1": ((22.5, 24.0), (22.5, 32.0)),
    "Q2": ((25.5, 24.0), (25.5, 32.0)),
    "Q3": ((28.5, 28.15), (28.5, 31.85)),
    "Q4": ((31.5, 28.15), (31.5, 31.85)),
    "Q5": ((34.5, 24.0), (34.5, 32.0)),
    "Q6": ((37.5, 24.0), (37.5, 32.0)),
    "Q7": ((22.65, 32.0), (25.35, 32.0)),
    "Q8": ((25.65, 32.0), (34.35, 32.0)),
    "Q9": ((34.65, 32.0), (37.35, 32.0)),
    "Q10": ((22.65, 24.0), (25.35, 24.0)),
    "Q11": ((34.65, 24.0), (37.35, 24.0)),
    "Q12": ((25.65, 28.0), (34.35, 28.0)),
}
UNCAST_CORE_WALLS = ("Q4", "Q5", "Q6", "Q9", "Q11")
STAIR_DOORS = {"Q10": "A", "Q11": "B"}
LIFT_DOOR_OFFSETS_M = {"1": 1.35, "2": 4.35, "3": 7.35}
"""Middle of each lift's door along core wall Q12."""
LIFT_DOOR: tuple[float, float] = (1.1, 2.2)
STAIR_DOOR: tuple[float, float] = (1.2, 2.1)


def write_structure(author: Author) -> None:
    """Add the load-bearing structure of every storey."""
    _raft_and_retaining_walls(author)
    for level in d.LEVELS:
        if level.code == "RF":
            continue
        _columns(author, level)
        _core(author, level)
        if level.code != "B01":
            _slab(author, level)
            _edge_beams(author, level)


def clear_height_m(level: d.StoreyLevel) -> float:
    """Height of a storey from its floor to the underside of the slab above."""
    return round(level.height_m - d.SLAB_THICKNESS_M, 3)


def _columns(author: Author, level: d.StoreyLevel) -> None:
    size = d.TOWER_COLUMN_M if level.part == "tower" else d.PODIUM_COLUMN_M
    height = clear_height_m(level)
    grade = "concrete_new" if level.code == "F13" else "concrete"
    millimetres = f"{size * 1000:.0f}×{size * 1000:.0f}"
    type_key = f"column/{millimetres}/{height:.2f}/{grade}"
    if not author.has_type(type_key):
        body = [(author.solids.box(-size / 2, -size / 2, 0, size, size, height), grade)]
        author.element_type(
            type_key, "IfcColumnType", f"框架柱 {millimetres} H={height * 1000:.0f}", "COLUMN", body, grade
        )
        author.describe(author[f"type/{type_key}"], "Pset_ColumnCommon", {"Reference": f"KZ-{millimetres}"})
    for i, j in d.column_places(level.code):
        place = f"{d.GRID_X_NAMES[i]}-{d.GRID_Y_NAMES[j]}"
        at = (d.GRID_X[i], d.GRID_Y[j], level.elevation_m)
        if level.code == "F13" and j in UNCAST_COLUMN_ROWS:
            _column_reinforcement(author, level, place, at, size)
            continue
        column = author.element(
            f"{level.code}/column/{place}", "IfcColumn", f"框架柱 {place}", storey=level.code, at=at, type_key=type_key
        )
        outer = d.GRID_X[i] in (0.0, 60.0) or d.GRID_Y[j] in (0.0, 40.0)
        common = {"LoadBearing": True, "IsExternal": outer, "FireRating": "3.00h", "Status": ["NEW"]}
        author.describe(column, "Pset_ColumnCommon", common)
        state = "养护中" if level.code == "F13" else "已完成"
        author.describe(column, "Twinwall_施工", construction_values(level.code, "结构", state))


def _column_reinforcement(
    author: Author, level: d.StoreyLevel, place: str, at: tuple[float, float, float], size: float
) -> None:
    type_key = "column-reinforcement"
    if not author.has_type(type_key):
        solids, half, top = author.solids, size / 2 - 0.05, 3.4
        body: list[tuple[Entity, str]] = []
        for x in (-half, 0.0, half):
            for y in (-half, 0.0, half):
                if x or y:
                    body.append((solids.bar((x, y, 0), (x, y, top), 0.03), "rebar"))
        for ring in range(8):
            z = 0.2 + 0.35 * ring
            for sign in (-half, half):
                body.append((solids.bar((-half, sign, z), (half, sign, z), 0.016), "rebar"))
                body.append((solids.bar((sign, -half, z), (sign, half, z), 0.016), "rebar"))
        author.element_type(
            type_key, "IfcElementAssemblyType", "柱钢筋骨架 900×900", "REINFORCEMENT_UNIT", body, "rebar"
        )
    cage = author.element(
        f"{level.code}/column-reinforcement/{place}",
        "IfcElementAssembly",
        f"柱钢筋骨架 {place}",
        storey=level.code,
        at=at,
        type_key=type_key,
    )
    author.describe(cage, "Twinwall_施工", construction_values(level.code, "结构", "施工中"))


def _slab(author: Author, level: d.StoreyLevel) -> None:
    x0, y0, x1, y1 = d.slab_outline(level.code)
    thickness = d.SLAB_THICKNESS_M
    new = level.code == "F13"
    body = [(author.solids.box(0, 0, -thickness, x1 - x0, y1 - y0, thickness), "concrete_new" if new else "concrete")]
    type_key = author.element_type("slab/250", "IfcSlabType", "无梁楼板 250", "FLOOR", None, "concrete")
    slab = author.element(
        f"{level.code}/slab",
        "IfcSlab",
        f"{level.name}楼板",
        storey=level.code,
        at=(x0, y0, level.elevation_m),
        type_key=type_key,
        body=body,
    )
    author.describe(slab, "Pset_SlabCommon", {"LoadBearing": True, "IsExternal": new, "Status": ["NEW"]})
    state = "养护中" if new else "已完成"
    author.describe(slab, "Twinwall_施工", construction_values(level.code, "结构", state))
    holes_m2 = 0.0
    for hole in d.slab_openings(level.code):
        hx0, hy0, hx1, hy1 = hole.rectangle
        holes_m2 += (hx1 - hx0) * (hy1 - hy0)
        cut = [(author.solids.box(0, 0, -0.4, hx1 - hx0, hy1 - hy0, 0.6), "space")]
        author.opening(hole.key, f"{level.name}{hole.name}洞口", slab, (hx0, hy0, level.elevation_m), 0, cut)
    _slab_quantities(author, slab, (x1 - x0, y1 - y0), thickness, holes_m2)


def _slab_quantities(
    author: Author, slab: Entity, extent_m: tuple[float, float], thickness_m: float, holes_m2: float
) -> None:
    gross = extent_m[0] * extent_m[1]
    quantities = {
        "Width": thickness_m,
        "Perimeter": 2 * sum(extent_m),
        "GrossArea": gross,
        "NetArea": gross - holes_m2,
        "GrossVolume": gross * thickness_m,
        "NetVolume": (gross - holes_m2) * thickness_m,
    }
    author.quantify(slab, "Qto_SlabBaseQuantities", {key: round(value, 4) for key, value in quantities.items()})


def _edge_beams(author: Author, level: d.StoreyLevel) -> None:
    """Beams under the slab edges of ``level``; on F04 under the podium roof and along the tower."""
    outline = d.TOWER if level.elevation_m > d.LEVEL["F04"].elevation_m else d.PODIUM
    column = d.TOWER_COLUMN_M if outline is d.TOWER else d.PODIUM_COLUMN_M
    for bay in d.edge_bays(level.code, outline):
        length = round(bay.length_m - column, 3)
        type_key = f"beam/{length:.2f}"
        width, depth = d.BEAM_WIDTH_M, d.BEAM_DEPTH_M
        if not author.has_type(type_key):
            body = [(author.solids.box(0, -width / 2, -depth, length, width, depth), "concrete")]
            author.element_type(
                type_key, "IfcBeamType", f"边梁 350×700 L={length * 1000:.0f}", "BEAM", body, "concrete"
            )
        turn = d.SIDE_TURN_DEG[bay.side]
        x, y = _along(bay.start, bay.end, column / 2)
        beam = author.element(
            f"{level.code}/beam/{bay.side}{bay.index}",
            "IfcBeam",
            f"边梁 {bay.side}{bay.index}",
            storey=level.code,
            at=(x, y, level.elevation_m - d.SLAB_THICKNESS_M),
            turn_deg=turn,
            type_key=type_key,
        )
        author.describe(beam, "Pset_BeamCommon", {"LoadBearing": True, "IsExternal": True, "Status": ["NEW"]})
        author.describe(beam, "Twinwall_施工", construction_values(level.code, "结构"))


def _core(author: Author, level: d.StoreyLevel) -> None:
    height = clear_height_m(level)
    type_key = author.element_type("core-wall/300", "IfcWallType", "剪力墙 300", "SHEAR", None, "concrete_core")
    for name, (start, end) in CORE_WALLS.items():
        if level.code == "F13" and name in UNCAST_CORE_WALLS:
            continue
        length = abs(end[0] - start[0]) + abs(end[1] - start[1])
        thickness = d.CORE_WALL_M
        upright = start[0] == end[0]
        body: Body = [(author.solids.box(0, -thickness / 2, 0, length, thickness, height), "concrete_core")]
        at = (start[0], start[1], level.elevation_m)
        turn = 90.0 if upright else 0.0
        wall = author.element(
            f"{level.code}/core-wall/{name}",
            "IfcWall",
            f"核心筒剪力墙 {name}",
            storey=level.code,
            at=at,
            turn_deg=turn,
            type_key=type_key,
            body=body,
        )
        common = {"LoadBearing": True, "IsExternal": False, "FireRating": "3.00h", "Status": ["NEW"]}
        author.describe(wall, "Pset_WallCommon", common)
        author.describe(wall, "Twinwall_施工", construction_values(level.code, "结构"))
        _core_doorways(author, level, name, wall, start)


def _core_doorways(author: Author, level: d.StoreyLevel, name: str, wall: Entity, start: d.Point) -> None:
    def cut(key: str, label: str, middle_m: float, width: float, height: float) -> None:
        at = (start[0] + middle_m - width / 2, start[1], level.elevation_m)
        author.opening(key, label, wall, at, 0, [(author.solids.box(0, -0.3, 0, width, 0.6, height), "space")])

    if name in STAIR_DOORS:
        cut(f"{level.code}/doorway/{STAIR_DOORS[name]}楼梯", f"{STAIR_DOORS[name]}楼梯间门洞", 1.35, *STAIR_DOOR)
    if name == "Q12":
        for lift, middle in LIFT_DOOR_OFFSETS_M.items():
            cut(f"{level.code}/doorway/{lift}号电梯", f"{lift}号电梯门洞", middle, *LIFT_DOOR)


def _raft_and_retaining_walls(author: Author) -> None:
    level = d.LEVEL["B01"]
    x0, y0, x1, y1 = (d.PODIUM[0] - 1, d.PODIUM[1] - 1, d.PODIUM[2] + 1, d.PODIUM[3] + 1)
    thickness = d.RAFT_THICKNESS_M
    raft = author.element(
        "B01/slab",
        "IfcSlab",
        "筏板基础",
        storey="B01",
        at=(x0, y0, level.elevation_m),
        predefined="BASESLAB",
        body=[(author.solids.box(0, 0, -thickness, x1 - x0, y1 - y0, thickness), "concrete")],
        material="concrete",
    )
    author.describe(raft, "Pset_SlabCommon", {"LoadBearing": True, "IsExternal": True, "Status": ["NEW"]})
    author.describe(raft, "Twinwall_施工", construction_values("B01", "结构"))
    _slab_quantities(author, raft, (x1 - x0, y1 - y0), thickness, 0.0)
    type_key = author.element_type("retaining-wall/400", "IfcWallType", "地下室外墙 400", "SOLIDWALL", None, "concrete")
    for bay in d.edge_bays("B01", d.PODIUM):
        length = round(bay.length_m - d.PODIUM_COLUMN_M, 3)
        x, y = _along(bay.start, bay.end, d.PODIUM_COLUMN_M / 2)
        wall = author.element(
            f"B01/wall/{bay.side}{bay.index}",
            "IfcWall",
            f"地下室外墙 {bay.side}{bay.index}",
            storey="B01",
            at=(x, y, level.elevation_m),
            turn_deg=d.SIDE_TURN_DEG[bay.side],
            type_key=type_key,
            body=[(author.solids.box(0, -0.2, 0, length, 0.4, clear_height_m(level) - 0.45), "concrete")],
        )
        author.describe(wall, "Pset_WallCommon", {"LoadBearing": True, "IsExternal": True, "Status": ["NEW"]})
        author.describe(wall, "Twinwall_施工", construction_values("B01", "结构"))


def _along(start: d.Point, end: d.Point, distance_m: float) -> d.Point:
    length = abs(end[0] - start[0]) + abs(end[1] - start[1])
    share = distance_m / length
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share
