"""The tower crane 塔式起重机 1#: base, mast sections, tower head, jib, counter-jib, cab, trolley, hook, ties."""

from __future__ import annotations

from math import cos, radians, sin

from bim.ifc.demo_project import dimensions as d
from bim.ifc.demo_project.author import Author, Body, Entity
from bim.ifc.demo_project.plan import construction_values
from bim.ifc.demo_project.solids import Triple

KEY = "CRANE"
JIB_SECTION_M = 5.5
BASE_TOP_M = d.GROUND_M + 1.2


def write_crane(author: Author) -> None:
    """Add the crane as one IfcTransportElement LIFTINGGEAR made of its parts."""
    x, y = d.CRANE_BASE
    crane = author.element(KEY, "IfcTransportElement", "塔式起重机 1#", storey="SITE", predefined="LIFTINGGEAR")
    author.describe(
        crane,
        "Twinwall_起重机械",
        {"型号": "QTZ125(6015)", "工作幅度_m": d.CRANE_JIB_M, "最大起重量_t": 8.0, "备案编号": "豫A-T-示范01"},
    )
    author.describe(crane, "Twinwall_施工", construction_values(None, "机械"))
    box = author.solids.box
    base: Body = [(box(-3.0, -3.0, -1.5, 6.0, 6.0, 1.5), "concrete"), (box(-1.2, -1.2, 0, 2.4, 2.4, 1.2), "concrete")]
    _part(author, "base", "IfcFooting", "塔机基础", (x, y, d.GROUND_M), 0, base, "PAD_FOOTING", "concrete")
    mast = author.element_type("crane-mast", "IfcMemberType", "塔身标准节 1.8×1.8×2.5", "POST", _mast(author), "crane")
    for index in range(d.CRANE_MAST_SECTIONS):
        z = BASE_TOP_M + index * d.CRANE_MAST_SECTION_M
        key = f"{KEY}/mast/{index + 1:02d}"
        section = author.element(
            key, "IfcMember", f"塔身标准节 {index + 1:02d}", part_of=KEY, at=(x, y, z), type_key=mast
        )
        author.describe(section, "Twinwall_施工", construction_values(None, "机械"))
    _slewing_part(author, (x, y))
    for index, level in enumerate(d.CRANE_TIE_LEVELS_M, start=1):
        _tie(author, index, level)


def _slewing_part(author: Author, at: d.Point) -> None:
    x, y = at
    turn, jib_z = d.CRANE_SLEW_DEG, d.CRANE_JIB_LEVEL_M
    mast_top = BASE_TOP_M + d.CRANE_MAST_SECTIONS * d.CRANE_MAST_SECTION_M
    box, bar = author.solids.box, author.solids.bar
    _part(
        author,
        "slewing",
        "IfcBuildingElementProxy",
        "回转机构",
        (x, y, mast_top),
        turn,
        [(author.solids.tube((0, 0, 0), (0, 0, 1.2), 1.3), "crane"), (box(-1.0, -1.0, 1.2, 2, 2, 1.2), "crane")],
    )
    cab: Body = [(box(1.1, -2.3, 0.1, 1.9, 1.3, 2.1), "cab"), (box(1.3, -2.35, 0.9, 1.75, 1.4, 0.9), "glass")]
    _part(author, "cab", "IfcBuildingElementProxy", "司机室", (x, y, mast_top + 0.4), turn, cab)
    head = [(bar((sx, sy, 0), (0.0, 0.0, 7.5), 0.16), "crane") for sx in (-0.9, 0.9) for sy in (-0.7, 0.7)]
    _part(author, "head", "IfcBuildingElementProxy", "塔帽", (x, y, jib_z), turn, head)
    _jib_sections(author, (x, y))
    back = d.CRANE_COUNTER_JIB_M
    counter = [(bar((-1.0, s, 0.2), (-back, s, 0.2), 0.3), "crane") for s in (-0.6, 0.6)]
    counter += [(box(-back, -0.75, 0.35, back - 1.0, 1.5, 0.06), "plank")]
    counter += [(box(-back, s - 0.02, 0.4, back - 1.0, 0.04, 1.0), "guard_yellow") for s in (-0.75, 0.75)]
    _part(author, "counter-jib", "IfcMember", "平衡臂", (x, y, jib_z), turn, counter, "CHORD", "crane")
    weight: Body = [(box(-back + 0.3 + 0.62 * n, -0.55, -1.8, 0.55, 1.1, 2.1), "counterweight") for n in range(5)]
    _part(
        author, "counterweight", "IfcBuildingElementProxy", "平衡重", (x, y, jib_z), turn, weight, None, "counterweight"
    )
    stays: Body = [
        (bar((0, 0, 7.4), (d.CRANE_JIB_M * 0.62, 0, 1.5), 0.07), "rope"),
        (bar((0, 0, 7.4), (d.CRANE_JIB_M * 0.30, 0, 1.5), 0.07), "rope"),
        (bar((0, 0, 7.4), (-back + 1.0, 0, 0.5), 0.07), "rope"),
    ]
    _part(author, "stays", "IfcMember", "拉杆", (x, y, jib_z), turn, stays, "USERDEFINED", "rope")
    reach, hook_z = d.CRANE_TROLLEY_M, -14.0
    trolley: Body = [(box(reach - 0.9, -0.7, -0.45, 1.8, 1.4, 0.35), "crane")]
    _part(author, "trolley", "IfcBuildingElementProxy", "变幅小车", (x, y, jib_z), turn, trolley)
    hook: Body = [
        (bar((reach - 0.3, 0, -0.4), (reach - 0.1, 0, hook_z), 0.03), "rope"),
        (bar((reach + 0.3, 0, -0.4), (reach + 0.1, 0, hook_z), 0.03), "rope"),
        (box(reach - 0.35, -0.2, hook_z - 0.8, 0.7, 0.4, 0.8), "guard_yellow"),
        (bar((reach, 0, hook_z - 0.8), (reach - 1.6, 0, hook_z - 3.2), 0.02), "rope"),
        (bar((reach, 0, hook_z - 0.8), (reach + 1.6, 0, hook_z - 3.2), 0.02), "rope"),
        (box(reach - 2.2, -0.5, hook_z - 3.8, 4.4, 1.0, 0.6), "steel_stack"),
    ]
    _part(author, "hook", "IfcBuildingElementProxy", "吊钩及吊物", (x, y, jib_z), turn, hook)


def _jib_sections(author: Author, at: d.Point) -> None:
    turn, jib_z = d.CRANE_SLEW_DEG, d.CRANE_JIB_LEVEL_M
    jib = author.element_type("crane-jib", "IfcMemberType", "起重臂节 5.5m", "CHORD", _jib(author), "crane")
    for index in range(round(d.CRANE_JIB_M / JIB_SECTION_M)):
        px, py = _turned(at, turn, 1.0 + index * JIB_SECTION_M)
        key = f"{KEY}/jib/{index + 1:02d}"
        author.element(
            key, "IfcMember", f"起重臂节 {index + 1:02d}", part_of=KEY, at=(px, py, jib_z), turn_deg=turn, type_key=jib
        )


def _part(
    author: Author,
    key: str,
    ifc_class: str,
    name: str,
    at: Triple,
    turn_deg: float,
    body: Body,
    predefined: str | None = None,
    material: str = "crane",
) -> None:
    part = author.element(
        f"{KEY}/{key}",
        ifc_class,
        name,
        part_of=KEY,
        at=at,
        turn_deg=turn_deg,
        body=body,
        predefined=predefined,
        material=material,
    )
    if predefined == "USERDEFINED":
        part.ObjectType = name
    author.describe(part, "Twinwall_施工", construction_values(None, "机械"))


def _mast(author: Author) -> Body:
    bar, half, high = author.solids.bar, d.CRANE_MAST_WIDTH_M / 2, d.CRANE_MAST_SECTION_M
    body: list[tuple[Entity, str]] = []
    for x in (-half, half):
        for y in (-half, half):
            body.append((bar((x, y, 0), (x, y, high), 0.16), "crane"))
    for s in (-half, half):
        body.append((bar((-half, s, 0.05), (half, s, 0.05), 0.08), "crane"))
        body.append((bar((s, -half, 0.05), (s, half, 0.05), 0.08), "crane"))
        body.append((bar((-half, s, 0.05), (half, s, high - 0.05), 0.07), "crane"))
        body.append((bar((s, -half, 0.05), (s, half, high - 0.05), 0.07), "crane"))
    return body


def _jib(author: Author) -> Body:
    bar, long, half, high = author.solids.bar, JIB_SECTION_M, 0.7, 1.35
    body: list[tuple[Entity, str]] = [(bar((0, 0, high), (long, 0, high), 0.14), "crane")]
    for s in (-half, half):
        body.append((bar((0, s, 0), (long, s, 0), 0.12), "crane"))
    for step in range(3):
        a, b = long * step / 3, long * (step + 1) / 3
        middle = (a + b) / 2
        body.append((bar((a, -half, 0), (a, half, 0), 0.06), "crane"))
        for s in (-half, half):
            body.append((bar((a, s, 0), (middle, 0, high), 0.06), "crane"))
            body.append((bar((middle, 0, high), (b, s, 0), 0.06), "crane"))
    return body


def _tie(author: Author, index: int, level: float) -> None:
    """Tie the mast to the tower's north-east corner column."""
    x, y = d.CRANE_BASE
    half = d.CRANE_MAST_WIDTH_M / 2 + 0.1
    bar = author.solids.bar
    target_x, target_y = d.TOWER[2] - x + 0.45, d.TOWER[3] - y + 0.2
    body: list[tuple[Entity, str]] = []
    for s in (-half, half):
        body.append((bar((-half, s, 0), (half, s, 0), 0.2), "crane"))
        body.append((bar((s, -half, 0), (s, half, 0), 0.2), "crane"))
    body.append((bar((-half, -half, 0), (target_x, target_y, 0), 0.18), "crane"))
    body.append((bar((-half, half, 0), (target_x, target_y, 0), 0.14), "crane"))
    body.append((bar((half, -half, 0), (target_x, target_y - 8.0, 0), 0.18), "crane"))
    _part(author, f"tie/{index}", "IfcMember", f"附墙装置 {index}", (x, y, level), 0, body, "BRACE", "crane")


def _turned(origin: d.Point, turn_deg: float, distance_m: float) -> d.Point:
    return (
        origin[0] + distance_m * cos(radians(turn_deg)),
        origin[1] + distance_m * sin(radians(turn_deg)),
    )
