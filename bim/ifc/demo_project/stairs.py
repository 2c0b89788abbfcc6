"""Two stairs of the core: IfcStair with two flights, a half landing and, on the lower storeys, a railing."""

from __future__ import annotations

from bim.ifc.demo_project import dimensions as d
from bim.ifc.demo_project.author import Author, Entity
from bim.ifc.demo_project.plan import construction_values
from bim.ifc.demo_project.stairs_geometry import stair_run


def write_stairs(author: Author) -> None:
    """Add the stairs that start on each finished storey."""
    for storey in d.FINISHED_STAIR_STOREYS:
        for shaft in d.STAIR_SHAFTS:
            _stair(author, d.LEVEL[storey], shaft)


def _stair(author: Author, level: d.StoreyLevel, shaft: str) -> None:
    key = f"{level.code}/stair/{shaft}"
    stair = author.element(
        key,
        "IfcStair",
        f"{shaft}楼梯 {level.name}",
        storey=level.code,
        predefined="HALF_TURN_STAIR",
        material="concrete",
    )
    run_of = stair_run(level.code, shaft)
    half, riser, tread = run_of.risers, run_of.riser_m, d.STAIR_TREAD_M
    author.describe(
        stair,
        "Pset_StairCommon",
        {"NumberOfRiser": 2 * half, "RiserHeight": round(riser, 5), "TreadLength": tread, "Status": ["NEW"]},
    )
    author.describe(stair, "Twinwall_施工", construction_values(level.code, "结构"))
    type_key = _flight_type(author, half, riser)
    x0, _, x1, y1 = d.STAIR_SHAFTS[shaft]
    inner_x, start_y, run = run_of.inner_x, run_of.start_y, run_of.run_m
    middle = level.elevation_m + half * riser
    width = d.STAIR_FLIGHT_WIDTH_M
    flights = (
        ("1", (inner_x + width, start_y, level.elevation_m), 90.0),
        ("2", (inner_x + width + 0.1, start_y + run, middle), -90.0),
    )
    for number, at, turn in flights:
        flight = author.element(
            f"{key}/flight/{number}",
            "IfcStairFlight",
            f"{shaft}楼梯梯段{number}",
            part_of=key,
            at=at,
            turn_deg=turn,
            type_key=type_key,
        )
        author.describe(flight, "Pset_StairFlightCommon", {"NumberOfRiser": half, "NumberOfTreads": half - 1})
    landing_depth = round(y1 - 0.15 - start_y - run, 3)
    author.element(
        f"{key}/landing",
        "IfcSlab",
        f"{shaft}楼梯休息平台",
        part_of=key,
        at=(inner_x, start_y + run, middle),
        predefined="LANDING",
        body=[(author.solids.box(0, 0, -0.15, x1 - x0 - 0.3, landing_depth, 0.15), "concrete")],
        material="concrete",
    )
    if level.code in d.STAIR_RAILED_STOREYS:
        _stair_railing(author, level, key, (inner_x + width + 0.05, start_y), (run, half * riser))


def _flight_type(author: Author, half: int, riser: float) -> str:
    key = f"flight/{half}x{riser:.4f}"
    if not author.has_type(key):
        tread, outline = d.STAIR_TREAD_M, [(0.0, 0.0)]
        for step in range(half):
            outline.append((step * tread, (step + 1) * riser))
            if step < half - 1:
                outline.append(((step + 1) * tread, (step + 1) * riser))
        end = (half - 1) * tread
        outline.append((end, half * riser - 0.3))
        outline.append((end - (half * riser - 0.3) * tread / riser, 0.0))
        body = [(author.solids.profile_along_y(outline, 0, d.STAIR_FLIGHT_WIDTH_M), "concrete")]
        name = f"梯段 {half}级 {riser * 1000:.1f}mm"
        author.element_type(key, "IfcStairFlightType", name, "STRAIGHT", body, "concrete")
    return key


def _stair_railing(
    author: Author, level: d.StoreyLevel, stair: str, at: d.Point, flight_m: tuple[float, float]
) -> None:
    run, rise = flight_m
    type_key = f"stair-railing/{run:.2f}x{rise:.2f}"
    if not author.has_type(type_key):
        bar, body = author.solids.bar, list[tuple[Entity, str]]()
        for sign, base in ((-0.02, 0.0), (0.02, rise)):
            low, high = (0.0, run) if base == 0.0 else (run, 0.0)
            for lift in (0.55, 1.05):
                body.append((bar((sign, low, base + lift), (sign, high, base + rise + lift), 0.04), "guard_red"))
            for share in (0.05, 0.5, 0.95):
                y, z = low + (high - low) * share, base + rise * share
                body.append((bar((sign, y, z), (sign, y, z + 1.05), 0.04), "guard_white"))
        author.element_type(type_key, "IfcRailingType", "楼梯临边防护", "HANDRAIL", body, "guard_red")
    railing = author.element(
        f"{stair}/railing",
        "IfcRailing",
        "楼梯临边防护",
        part_of=stair,
        at=(*at, level.elevation_m),
        type_key=type_key,
    )
    author.describe(railing, "Pset_RailingCommon", {"Height": 1.05, "IsExternal": False, "Status": ["NEW"]})
