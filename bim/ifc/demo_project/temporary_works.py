"""Scaffold around the upper storeys, formwork support and deck of the top storey, landing platforms."""

from __future__ import annotations

from bim.ifc.demo_project import dimensions as d
from bim.ifc.demo_project.author import Author, Body, Entity
from bim.ifc.demo_project.plan import construction_values


def write_temporary_works(author: Author) -> None:
    """Add scaffold, formwork and platforms."""
    for storey in d.SCAFFOLD_STOREYS:
        _scaffold(author, d.LEVEL[storey])
    _formwork(author)
    for storey, rectangle in d.LANDING_PLATFORMS.items():
        _landing_platform(author, d.LEVEL[storey], rectangle)


def scaffold_bays() -> tuple[tuple[d.Side, int, d.Point, float], ...]:
    """Scaffold bays around the tower: side, number, inner start point, length in metres."""
    x0, y0, x1, y1 = d.TOWER
    o = d.SLAB_EDGE_M + d.SCAFFOLD_GAP_M - 0.4
    found: list[tuple[d.Side, int, d.Point, float]] = []
    for side, (start, end) in d.rectangle_sides((x0 - o, y0 - o, x1 + o, y1 + o)).items():
        length = abs(end[0] - start[0]) + abs(end[1] - start[1])
        count = round(length / d.SCAFFOLD_BAY_M)
        for index in range(count):
            share = index / count
            at = (start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share)
            found.append((side, index + 1, at, round(length / count, 3)))
    return tuple(found)


def _blocked(storey: str, side: d.Side, at: d.Point, length: float) -> bool:
    """Whether the hoist or a landing platform stands in this bay."""
    if side == "北":
        hoist_x = d.HOIST_MAST[0]
        return at[0] - length < hoist_x + 3.9 and at[0] > hoist_x - 3.9
    if side == "东" and storey in d.LANDING_PLATFORMS:
        _, low, _, high = d.LANDING_PLATFORMS[storey]
        return at[1] < high and at[1] + length > low
    return False


def _scaffold(author: Author, level: d.StoreyLevel) -> None:
    key = f"{level.code}/scaffold"
    assembly = author.element(
        key, "IfcElementAssembly", f"外脚手架 {level.name}", storey=level.code, predefined="USERDEFINED"
    )
    assembly.ObjectType = "悬挑式外脚手架"
    author.describe(assembly, "Twinwall_施工", construction_values(level.code, "架体"))
    for side, number, at, length in scaffold_bays():
        if _blocked(level.code, side, at, length):
            continue
        type_key = f"scaffold/{length:.3f}"
        if not author.has_type(type_key):
            name = f"脚手架单元 L={length * 1000:.0f}"
            author.element_type(
                type_key,
                "IfcBuildingElementProxyType",
                name,
                "ELEMENT",
                _scaffold_bay(author, length, level.height_m),
                "scaffold",
            )
        bay = author.element(
            f"{key}/{side}{number}",
            "IfcBuildingElementProxy",
            f"脚手架 {side}{number}",
            part_of=key,
            at=(*at, level.elevation_m),
            turn_deg=d.SIDE_TURN_DEG[side],
            type_key=type_key,
        )
        author.describe(bay, "Twinwall_施工", construction_values(level.code, "架体"))


def _scaffold_bay(author: Author, length: float, height: float) -> Body:
    """One bay as long as ``length`` along x; the inner row of standards lies on y = 0, the outer on y < 0."""
    box, bar, deep = author.solids.box, author.solids.bar, d.SCAFFOLD_WIDTH_M
    body: list[tuple[Entity, str]] = []
    for y in (-0.024, -deep):
        body.append((box(0, y, 0, 0.048, 0.048, height), "scaffold"))
        for z in (0.2, height / 2 + 0.15):
            body.append((box(0, y, z, length, 0.048, 0.048), "scaffold"))
    for z in (0.25, height / 2 + 0.2):
        body.append((box(0.05, -deep + 0.05, z, length - 0.05, deep - 0.1, 0.04), "plank"))
        body.append((box(0, -deep, z + 0.9, length, 0.048, 0.048), "scaffold"))
    body.append((bar((0, -deep - 0.03, 0.1), (length, -deep - 0.03, height - 0.1), 0.048), "guard_red"))
    body.append((box(0, -deep - 0.08, 0.0, length, 0.02, height), "net"))
    return body


def _formwork(author: Author) -> None:
    level = d.LEVEL[d.FORMWORK_STOREY]
    key = f"{level.code}/formwork"
    assembly = author.element(
        key, "IfcElementAssembly", "屋面层模板支撑体系", storey=level.code, predefined="USERDEFINED"
    )
    assembly.ObjectType = "承插型盘扣式满堂支撑架"
    author.describe(assembly, "Twinwall_模板支架", {"支架高度_m": 3.58, "立杆间距_m": 1.25, "步距_m": 1.2})
    author.describe(assembly, "Twinwall_施工", construction_values(level.code, "模板", "施工中"))
    module = d.FORMWORK_MODULE_M
    across = 8.0 / 3
    type_key = author.element_type(
        "formwork",
        "IfcBuildingElementProxyType",
        "盘扣支撑架单元 2500×2667",
        "ELEMENT",
        _formwork_module(author, module, across),
        "formwork_steel",
    )
    for bay_name, (x, y) in formwork_bays().items():
        for i in range(3):
            for j in range(3):
                name = f"{bay_name}/{i + 1}{j + 1}"
                unit = author.element(
                    f"{key}/{name}",
                    "IfcBuildingElementProxy",
                    f"支撑架 {name}",
                    part_of=key,
                    at=(x + i * module, y + j * across, level.elevation_m),
                    type_key=type_key,
                )
                author.describe(unit, "Twinwall_施工", construction_values(level.code, "模板", "施工中"))
        deck = author.element(
            f"RF/formwork-deck/{bay_name}",
            "IfcPlate",
            f"屋面模板 {bay_name}",
            storey="RF",
            at=(x + 0.02, y + 0.02, level.elevation_m + level.height_m - d.SLAB_THICKNESS_M),
            predefined="SHEET",
            body=[(author.solids.box(0, 0, -0.018, 7.46, 7.96, 0.018), "plywood")],
            material="plywood",
        )
        author.describe(deck, "Twinwall_施工", construction_values("RF", "模板", "施工中"))


def formwork_bays() -> dict[str, d.Point]:
    """South-west corners of the tower's bays that are being formed (all but the core's two)."""
    xs, ys = d.grid_of("F13")
    bays = {}
    for i in xs[:-1]:
        for j in ys[:-1]:
            if not (d.CORE[0] <= d.GRID_X[i] < d.CORE[2] and d.CORE[1] <= d.GRID_Y[j] < d.CORE[3]):
                bays[f"{d.GRID_X_NAMES[i]}{d.GRID_Y_NAMES[j]}"] = (d.GRID_X[i], d.GRID_Y[j])
    return bays


def _formwork_module(author: Author, dx: float, dy: float) -> Body:
    box, top = author.solids.box, 3.9 - d.SLAB_THICKNESS_M - 0.018
    body: list[tuple[Entity, str]] = []
    rows = (dy / 4, dy * 3 / 4)
    columns = (dx / 4, dx * 3 / 4)
    for x in columns:
        for y in rows:
            body.append((box(x, y, 0, 0.06, 0.06, top - 0.2), "formwork_steel"))
    for z in (0.35, 1.55, 2.75):
        for y in rows:
            body.append((box(0, y, z, dx, 0.05, 0.05), "formwork_steel"))
        for x in columns:
            body.append((box(x, 0, z, 0.05, dy, 0.05), "formwork_steel"))
    for y in rows:
        body.append((box(0, y, top - 0.2, dx, 0.06, 0.12), "formwork_steel"))
    for index in range(5):
        body.append((box(dx * index / 5 + 0.2, 0, top - 0.08, 0.06, dy, 0.08), "timber"))
    return body


def _landing_platform(author: Author, level: d.StoreyLevel, rectangle: d.Rectangle) -> None:
    x0, y0, x1, y1 = rectangle
    long, wide = x1 - x0, y1 - y0
    box, bar, body = author.solids.box, author.solids.bar, list[tuple[Entity, str]]()
    body.append((box(0, 0, 0.02, long, wide, 0.06), "plank"))
    for y in (0.1, wide - 0.2):
        body.append((box(-1.5, y, -0.16, long + 1.5, 0.1, 0.18), "guard_yellow"))
        body.append((bar((long - 0.4, y + 0.05, 0.1), (-0.3, y + 0.05, level.height_m - 0.3), 0.03), "rope"))
    for y in (0.0, wide - 0.04):
        body.append((box(0.2, y, 0.08, long - 0.2, 0.04, 1.3), "hoist"))
    body.append((box(long - 0.04, 0, 0.08, 0.04, wide, 1.3), "hoist"))
    platform = author.element(
        f"{level.code}/platform",
        "IfcElementAssembly",
        f"悬挑卸料平台 {level.name}",
        storey=level.code,
        predefined="USERDEFINED",
        at=(x0, y0, level.elevation_m),
        body=body,
        material="scaffold",
    )
    platform.ObjectType = "悬挑式卸料平台"
    author.describe(platform, "Twinwall_卸料平台", {"限定荷载_t": 1.0, "平台尺寸": f"{long:.1f}×{wide:.1f}m"})
    author.describe(platform, "Twinwall_施工", construction_values(level.code, "架体"))
