"""Guardrails at slab edges, holes, lift doors and the pit, except those that the site lacks."""

from __future__ import annotations

from bim.ifc.demo_project import dimensions as d
from bim.ifc.demo_project.author import Author, Entity
from bim.ifc.demo_project.plan import construction_values
from bim.ifc.demo_project.structure import LIFT_DOOR, LIFT_DOOR_OFFSETS_M


def pit_rail_bays() -> dict[str, tuple[d.Side, d.Point, float]]:
    """Guardrail bays around the pit by key: side, start point, length in metres."""
    x0, y0, x1, y1 = d.PIT
    o = d.PIT_RAIL_OFFSET_M
    bays: dict[str, tuple[d.Side, d.Point, float]] = {}
    for side, (start, end) in d.rectangle_sides((x0 - o, y0 - o, x1 + o, y1 + o)).items():
        length = abs(end[0] - start[0]) + abs(end[1] - start[1])
        count = round(length / d.PIT_RAIL_BAY_M)
        for index in range(count):
            share = index / count
            at = (start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share)
            bays[f"PIT/{side}{index + 1}"] = (side, at, length / count)
    return bays


def write_guardrails(author: Author) -> None:
    """Add every guardrail whose key is not in ``dimensions.MISSING_GUARDRAILS``."""
    for level in d.LEVELS:
        for bay in d.guarded_bays(level.code):
            x, y = _inset(bay)
            _rail(
                author,
                bay.key,
                f"临边防护 {bay.side}{bay.index}",
                level.code,
                (x, y, level.elevation_m),
                d.SIDE_TURN_DEG[bay.side],
                bay.length_m - 0.1,
            )
        for hole in d.slab_openings(level.code):
            if hole.kind in ("atrium", "hoisting"):
                _around_hole(author, level, hole)
            if hole.kind == "mep":
                _cover(author, level, hole)
        if level.code in [f"F{n:02d}" for n in range(4, 14)]:
            _lift_guards(author, level)
    for key, (side, (x, y), length) in pit_rail_bays().items():
        _rail(author, key, f"基坑临边防护 {key[4:]}", None, (x, y, d.GROUND_M), d.SIDE_TURN_DEG[side], length - 0.05)


def _inset(bay: d.EdgeBay) -> d.Point:
    """Start of the rail line: 0.3 m outside the grid line, on the slab's rim."""
    out, step = 0.3, 0.05
    return {
        "南": (bay.start[0] + step, bay.start[1] - out),
        "东": (bay.start[0] + out, bay.start[1] + step),
        "北": (bay.start[0] - step, bay.start[1] + out),
        "西": (bay.start[0] - out, bay.start[1] - step),
    }[bay.side]


def _rail(
    author: Author,
    key: str,
    name: str,
    storey: str | None,
    at: tuple[float, float, float],
    turn_deg: float,
    length_m: float,
) -> None:
    if key in d.MISSING_GUARDRAILS:
        return
    rail = author.element(
        f"railing/{key}",
        "IfcRailing",
        name,
        storey=storey or "SITE",
        at=at,
        turn_deg=turn_deg,
        type_key=_rail_type(author, round(length_m, 2)),
    )
    common = {"Height": d.GUARDRAIL_HEIGHT_M, "IsExternal": True, "Status": ["TEMPORARY"]}
    author.describe(rail, "Pset_RailingCommon", common)
    author.describe(rail, "Twinwall_施工", construction_values(storey, "架体"))


def _rail_type(author: Author, length: float) -> str:
    """Rail of two tubes, kick plate and posts at most 2 m apart (JGJ 80-2016, 4.3.1)."""
    key = f"guardrail/{length:.2f}"
    if author.has_type(key):
        return key
    box, height, body = author.solids.box, d.GUARDRAIL_HEIGHT_M, list[tuple[Entity, str]]()
    posts = max(1, round(length / 2.0 + 0.49))
    for index in range(posts + 1):
        x = min(length - 0.05, index * length / posts)
        body.append((box(x, -0.025, 0, 0.05, 0.05, height), "guard_white"))
    for z in (0.6, height - 0.05):
        body.append((box(0, -0.02, z, length, 0.04, 0.05), "guard_red"))
    body.append((box(0, -0.01, 0.0, length, 0.02, 0.18), "guard_yellow"))
    return author.element_type(
        key, "IfcRailingType", f"定型化临边防护 L={length * 1000:.0f}", "GUARDRAIL", body, "guard_red"
    )


def _around_hole(author: Author, level: d.StoreyLevel, hole: d.SlabOpening) -> None:
    x0, y0, x1, y1 = hole.rectangle
    o = 0.15
    for side, (start, end) in d.rectangle_sides((x0 - o, y0 - o, x1 + o, y1 + o)).items():
        length = abs(end[0] - start[0]) + abs(end[1] - start[1])
        key = f"{level.code}/{hole.name}/{side}"
        at = (*start, level.elevation_m)
        _rail(author, key, f"{hole.name}洞口防护 {side}", level.code, at, d.SIDE_TURN_DEG[side], length)


def _cover(author: Author, level: d.StoreyLevel, hole: d.SlabOpening) -> None:
    x0, y0, x1, y1 = hole.rectangle
    cover = author.element(
        f"{level.code}/cover/{hole.name}",
        "IfcPlate",
        f"{hole.name}洞口盖板",
        storey=level.code,
        at=(x0 - 0.1, y0 - 0.1, level.elevation_m),
        predefined="SHEET",
        body=[(author.solids.box(0, 0, 0, x1 - x0 + 0.2, y1 - y0 + 0.2, 0.05), "guard_yellow")],
        material="plank",
    )
    author.describe(cover, "Twinwall_施工", construction_values(level.code, "架体"))


def _lift_guards(author: Author, level: d.StoreyLevel) -> None:
    for lift, middle in LIFT_DOOR_OFFSETS_M.items():
        key = f"{level.code}/{lift}号电梯井/防护门"
        if key in d.MISSING_GUARDRAILS:
            continue
        type_key = "lift-guard"
        if not author.has_type(type_key):
            box, width, height = author.solids.box, LIFT_DOOR[0] + 0.3, 1.8
            body: list[tuple[Entity, str]] = [
                (box(0, 0, 0, width, 0.03, 0.18), "guard_yellow"),
                (box(0, 0, height - 0.05, width, 0.04, 0.05), "guard_red"),
                (box(0, 0, 0.9, width, 0.04, 0.05), "guard_red"),
            ]
            for index in range(8):
                body.append((box(index * (width - 0.03) / 7, 0, 0.18, 0.03, 0.03, height - 0.2), "guard_red"))
            author.element_type(type_key, "IfcRailingType", "电梯井口定型防护门", "GUARDRAIL", body, "guard_red")
        at = (25.65 + middle - LIFT_DOOR[0] / 2 - 0.15, 27.8, level.elevation_m)
        guard = author.element(
            f"railing/{key}", "IfcRailing", f"{lift}号电梯井口防护门", storey=level.code, at=at, type_key=type_key
        )
        author.describe(guard, "Pset_RailingCommon", {"Height": 1.8, "IsExternal": False, "Status": ["TEMPORARY"]})
        author.describe(guard, "Twinwall_施工", construction_values(level.code, "架体"))
