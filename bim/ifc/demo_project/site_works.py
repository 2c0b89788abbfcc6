"""Fence with gates, huts, yards with sheds and material stacks, wash bay."""

from __future__ import annotations

import itertools
from math import atan2, degrees, hypot

from bim.ifc.demo_project import dimensions as d
from bim.ifc.demo_project import site_layout as layout
from bim.ifc.demo_project.author import Author, Entity
from bim.ifc.demo_project.plan import construction_values

_YARD_LOOK = {"steel": "hut_band", "timber": "timber", "gravel": "gravel", "red": "red_shed"}
_STACK_LOOK = {"steel": "steel_stack", "timber": "timber", "gravel": "gravel", "block": "block"}


def write_site_works(author: Author) -> None:
    """Add everything on the ground around the building."""
    _fence(author)
    for gate in layout.GATES:
        _gate(author, gate)
    for hut in layout.HUTS:
        _hut(author, hut)
    for yard in layout.YARDS:
        _yard(author, yard)
    for stack in layout.STACKS:
        x0, y0, x1, y1 = stack.rectangle
        look = _STACK_LOOK[stack.colour]
        body = [(author.solids.box(0, 0, 0.15, x1 - x0, y1 - y0, stack.height_m), look)]
        _proxy(author, f"SITE/stack/{stack.name}", stack.name, (x0, y0), body, look)
    x0, y0, x1, y1 = layout.WASH_BAY
    body = [(author.solids.box(0, 0, -0.4, x1 - x0, y1 - y0, 0.42), "lean_concrete")]
    _proxy(author, "SITE/wash-bay", "洗车池", (x0, y0), body, "lean_concrete")


def _proxy(author: Author, key: str, name: str, at: d.Point, body: list[tuple[Entity, str]], material: str) -> None:
    element = author.element(
        key,
        "IfcBuildingElementProxy",
        name,
        storey="SITE",
        at=(*at, d.GROUND_M),
        predefined="ELEMENT",
        body=body,
        material=material,
    )
    author.describe(element, "Twinwall_施工", construction_values(None, "临建"))


def fence_runs() -> tuple[tuple[d.Point, d.Point], ...]:
    """Straight pieces of the fence between the gates, anti-clockwise."""
    ring = (*layout.BOUNDARY, layout.BOUNDARY[0])
    runs = []
    for start, end in itertools.pairwise(ring):
        gates = [gate for gate in layout.GATES if _on(gate.start, start, end)]
        cursor = start
        for gate in sorted(gates, key=lambda g: min(_distance(start, g.start), _distance(start, g.end))):
            near, far = sorted((gate.start, gate.end), key=lambda point: _distance(start, point))
            runs.append((cursor, near))
            cursor = far
        runs.append((cursor, end))
    return tuple(runs)


def _fence(author: Author) -> None:
    number = 0
    for start, end in fence_runs():
        total = _distance(start, end)
        count = max(1, round(total / layout.FENCE_PANEL_M))
        length = round(total / count, 3)
        type_key = f"fence/{length:.3f}"
        if not author.has_type(type_key):
            box, high = author.solids.box, layout.FENCE_HEIGHT_M
            body: list[tuple[Entity, str]] = [
                (box(0, -0.12, 0, length, 0.24, 0.4), "lean_concrete"),
                (box(0, -0.03, 0.4, length, 0.06, high - 0.4), "fence"),
                (box(0, -0.07, 0.4, 0.14, 0.14, high - 0.3), "hut_wall"),
            ]
            name = f"装配式围挡 L={length * 1000:.0f}"
            author.element_type(type_key, "IfcRailingType", name, "USERDEFINED", body, "fence")
            author[f"type/{type_key}"].ElementType = "围挡"
        turn = degrees(atan2(end[1] - start[1], end[0] - start[0]))
        for index in range(count):
            number += 1
            share = index / count
            at = (start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share, d.GROUND_M)
            panel = author.element(
                f"SITE/fence/{number:03d}",
                "IfcRailing",
                f"围挡 {number:03d}",
                storey="SITE",
                at=at,
                turn_deg=turn,
                type_key=type_key,
            )
            author.describe(panel, "Twinwall_施工", construction_values(None, "临建"))


def _gate(author: Author, gate: layout.Gate) -> None:
    length = _distance(gate.start, gate.end)
    box = author.solids.box
    body: list[tuple[Entity, str]] = [
        (box(-0.6, -0.5, 0, 0.6, 1.0, 5.5), "hut_band"),
        (box(length, -0.5, 0, 0.6, 1.0, 5.5), "hut_band"),
        (box(-0.6, -0.5, 5.5, length + 1.2, 1.0, 1.2), "hut_band"),
        (box(0, -0.05, 0.1, length, 0.1, 1.9), "aluminium"),
    ]
    if length < 7.0:
        body = [body[3]]
    start, end = (gate.start, gate.end) if gate.name.startswith("1") else (gate.end, gate.start)
    if gate.name.startswith("3"):
        start, end = gate.start, gate.end
    turn = degrees(atan2(end[1] - start[1], end[0] - start[0]))
    door = author.element(
        f"SITE/gate/{gate.name}",
        "IfcDoor",
        gate.name,
        storey="SITE",
        at=(*start, d.GROUND_M),
        turn_deg=turn,
        predefined="GATE",
        body=body,
        material="aluminium",
    )
    door.OverallWidth, door.OverallHeight = length, 2.0
    author.describe(door, "Twinwall_施工", construction_values(None, "临建"))


def _hut(author: Author, hut: layout.Hut) -> None:
    x0, y0, x1, y1 = hut.rectangle
    long, wide, high = x1 - x0, y1 - y0, layout.HUT_STOREY_M
    box, body = author.solids.box, list[tuple[Entity, str]]()
    body.append((box(-0.3, -0.3, 0, long + 0.6, wide + 0.6, 0.15), "pad"))
    for storey in range(hut.storeys):
        base = 0.15 + storey * high
        body.append((box(0, 0, base, long, wide, high - 0.25), "hut_wall"))
        body.append((box(-0.05, -0.05, base + high - 0.25, long + 0.1, wide + 0.1, 0.25), "hut_band"))
        windows = max(1, int(long // 3.0))
        for index in range(windows):
            x = (index + 0.5) * long / windows - 0.6
            body.append((box(x, -0.03, base + 1.0, 1.2, 0.03, 1.1), "aluminium"))
        if storey:
            body.append((box(0, -1.2, base - 0.1, long, 1.2, 0.1), "hut_band"))
            body.append((box(0, -1.2, base + 1.0, long, 0.05, 0.05), "hut_band"))
    roof = 0.15 + hut.storeys * high
    body.append((box(-0.3, -0.3, roof, long + 0.6, wide + 0.6, 0.12), "hut_band"))
    _proxy(author, f"SITE/hut/{hut.name}", hut.name, (x0, y0), body, "hut_wall")


def _yard(author: Author, yard: layout.Yard) -> None:
    x0, y0, x1, y1 = yard.rectangle
    long, wide, high = x1 - x0, y1 - y0, yard.shed_height_m
    box = author.solids.box
    body: list[tuple[Entity, str]] = [(box(0, 0, 0, long, wide, 0.15), "pad")]
    if high:
        for x in (0.2, long - 0.4):
            for y in (0.2, wide - 0.4):
                body.append((box(x, y, 0.15, 0.2, 0.2, high - 0.15), "guard_yellow"))
        body.append((box(-0.5, -0.5, high, long + 1.0, wide + 1.0, 0.12), _YARD_LOOK[yard.colour]))
        body.append((box(-0.5, -0.5, high + 0.7, long + 1.0, wide + 1.0, 0.12), _YARD_LOOK[yard.colour]))
    _proxy(author, f"SITE/yard/{yard.name}", yard.name, (x0, y0), body, "pad")


def _on(point: d.Point, start: d.Point, end: d.Point) -> bool:
    return abs(_distance(start, point) + _distance(point, end) - _distance(start, end)) < 1e-6


def _distance(a: d.Point, b: d.Point) -> float:
    return hypot(b[0] - a[0], b[1] - a[1])
