"""The construction hoist 施工升降机 SC200/200: mast, two cages, enclosure, ties, landings with gates."""

from __future__ import annotations

from bim.ifc.demo_project import dimensions as d
from bim.ifc.demo_project.author import Author, Body, Entity
from bim.ifc.demo_project.plan import construction_values

KEY = "HOIST"
BASE_M = d.GROUND_M + 0.2


def write_hoist(author: Author) -> None:
    """Add the hoist as one IfcTransportElement ELEVATOR, and a landing with gates on each storey it serves."""
    x, y = d.HOIST_MAST
    hoist = author.element(KEY, "IfcTransportElement", "施工升降机 1#", storey="SITE", predefined="ELEVATOR")
    author.describe(
        hoist,
        "Twinwall_起重机械",
        {"型号": "SC200/200", "额定载重_t": 2.0, "额定人数": 9, "备案编号": "豫A-S-示范01"},
    )
    author.describe(hoist, "Twinwall_施工", construction_values(None, "机械"))
    mast = author.element_type(
        "hoist-mast", "IfcMemberType", "导轨架标准节 650×650×1508", "POST", _mast(author), "hoist_mast"
    )
    for index in range(d.HOIST_SECTIONS):
        at = (x, y, BASE_M + index * d.HOIST_SECTION_M)
        key = f"{KEY}/mast/{index + 1:02d}"
        section = author.element(key, "IfcMember", f"导轨架标准节 {index + 1:02d}", part_of=KEY, at=at, type_key=mast)
        author.describe(section, "Twinwall_施工", construction_values(None, "机械"))
    cage = author.element_type(
        "hoist-cage", "IfcBuildingElementProxyType", "吊笼 3.2×1.5×2.5", "ELEMENT", _cage(author), "hoist"
    )
    long, deep, _ = d.HOIST_CAGE
    for name, left in (("左笼", x - 0.45 - long), ("右笼", x + 0.45)):
        at = (left, y - deep / 2, d.HOIST_CAGE_LEVELS_M[name])
        author.element(
            f"{KEY}/cage/{name}", "IfcBuildingElementProxy", f"升降机{name}", part_of=KEY, at=at, type_key=cage
        )
    _enclosure(author, (x, y))
    for storey in d.HOIST_STOPS:
        _landing(author, d.LEVEL[storey])


def _enclosure(author: Author, at: d.Point) -> None:
    box = author.solids.box
    body: Body = [
        (box(-4.2, -1.5, 0, 8.4, 3.0, 0.2), "concrete"),
        (box(-4.2, 1.45, 0.2, 8.4, 0.05, 1.9), "guard_yellow"),
        (box(-4.2, -1.5, 0.2, 0.05, 3.0, 1.9), "guard_yellow"),
        (box(4.15, -1.5, 0.2, 0.05, 3.0, 1.9), "guard_yellow"),
    ]
    author.element(
        f"{KEY}/enclosure",
        "IfcBuildingElementProxy",
        "升降机底笼围栏",
        part_of=KEY,
        at=(*at, d.GROUND_M),
        body=body,
        material="hoist_mast",
    )


def _landing(author: Author, level: d.StoreyLevel) -> None:
    x, y = d.HOIST_MAST
    edge = d.TOWER[3] + d.SLAB_EDGE_M
    depth = y - d.HOIST_CAGE[1] / 2 - 0.08 - edge
    type_key = "hoist-landing"
    if not author.has_type(type_key):
        box, body = author.solids.box, list[tuple[Entity, str]]()
        body.append((box(-3.65, 0, -0.06, 7.3, depth, 0.06), "plank"))
        for px in (-3.65, -1.2, 1.2, 3.6):
            body.append((box(px, depth - 0.1, -0.2, 0.05, 0.05, 2.1), "scaffold"))
        for px in (-3.65, 3.6):
            body.append((box(px, 0, 1.0, 0.05, depth, 0.05), "guard_red"))
            body.append((box(px, 0, 0.5, 0.05, depth, 0.05), "guard_red"))
        body.append((author.solids.bar((0, 0.1, -0.3), (0, depth + 0.5, -0.3), 0.1), "hoist_mast"))
        author.element_type(type_key, "IfcPlateType", "升降机接料平台", "SHEET", body, "plank")
    landing = author.element(
        f"{level.code}/hoist-landing",
        "IfcPlate",
        "升降机接料平台",
        storey=level.code,
        at=(x, edge, level.elevation_m),
        type_key=type_key,
    )
    author.describe(landing, "Twinwall_施工", construction_values(level.code, "机械"))
    if f"{level.code}/升降机/层门" in d.MISSING_GUARDRAILS:
        return
    gate = author.element(
        f"{level.code}/hoist-gate",
        "IfcDoor",
        "升降机层门",
        storey=level.code,
        at=(x, edge + depth - 0.15, level.elevation_m),
        type_key=_gate_type(author),
    )
    gate.OverallWidth, gate.OverallHeight = 6.6, 1.8
    author.describe(gate, "Twinwall_施工", construction_values(level.code, "机械"))


def _gate_type(author: Author) -> str:
    key = "hoist-gate"
    if not author.has_type(key):
        box, body = author.solids.box, list[tuple[Entity, str]]()
        for left in (-3.3, 0.9):
            for z in (0.1, 0.95, 1.75):
                body.append((box(left, 0, z, 2.4, 0.04, 0.05), "guard_yellow"))
            body.append((box(left, 0.01, 0.15, 2.4, 0.01, 0.8), "hoist"))
            for x in (left, left + 1.2, left + 2.35):
                body.append((box(x, 0, 0.1, 0.05, 0.04, 1.7), "guard_yellow"))
        author.element_type(key, "IfcDoorType", "升降机层门 H=1800", "GATE", body, "hoist")
    return key


def _mast(author: Author) -> Body:
    bar, half, high = author.solids.bar, 0.325, d.HOIST_SECTION_M
    body: list[tuple[Entity, str]] = []
    for x in (-half, half):
        for y in (-half, half):
            body.append((bar((x, y, 0), (x, y, high), 0.076), "hoist_mast"))
    for s in (-half, half):
        for z in (0.04, high / 2):
            body.append((bar((-half, s, z), (half, s, z), 0.04), "hoist_mast"))
            body.append((bar((s, -half, z), (s, half, z), 0.04), "hoist_mast"))
        body.append((bar((-half, s, 0.04), (half, s, high / 2), 0.03), "hoist_mast"))
    return body


def _cage(author: Author) -> Body:
    box = author.solids.box
    long, deep, high = d.HOIST_CAGE
    body: list[tuple[Entity, str]] = [
        (box(0, 0, 0, long, deep, 0.1), "hoist"),
        (box(0, 0, high - 0.08, long, deep, 0.08), "hoist"),
        (box(0, 0.02, 0.1, 0.04, deep - 0.04, high - 0.2), "hoist"),
        (box(long - 0.04, 0.02, 0.1, 0.04, deep - 0.04, high - 0.2), "hoist"),
        (box(0, deep - 0.04, 0.1, long, 0.04, high - 0.2), "hoist"),
        (box(0.3, -0.02, high, long - 0.6, 0.04, 1.0), "guard_yellow"),
        (box(0.3, deep - 0.04, high, long - 0.6, 0.04, 1.0), "guard_yellow"),
    ]
    return body
