"""The foundation pit of phase two: bored piles, capping beam, facing, struts, king posts, blinding, access stair."""

from __future__ import annotations

from bim.ifc.demo_project import dimensions as d
from bim.ifc.demo_project.author import Author, Entity
from bim.ifc.demo_project.plan import construction_values

STRUT_LINES_X = (84.0, 90.0, 96.0, 102.0, 108.0)
"""x of the steel struts that span the pit from south to north."""
KING_POST_ROWS_Y = (14.0, 26.0)


def write_pit(author: Author) -> None:
    """Add the pit's elements, contained in the site."""
    author.element("PIT", "IfcElementAssembly", "二期基坑支护", storey="SITE", predefined="USERDEFINED")
    author["PIT"].ObjectType = "基坑支护结构"
    author.describe(
        author["PIT"],
        "Twinwall_基坑",
        {"开挖深度_m": d.PIT_DEPTH_M, "安全等级": "一级", "支护形式": "排桩+内支撑", "监测等级": "一级"},
    )
    author.describe(author["PIT"], "Twinwall_施工", construction_values(None, "基坑", "施工中"))
    _piles(author)
    _capping_beam_and_facing(author)
    _struts(author)
    _bottom_and_stair(author)


def pile_places() -> tuple[d.Point, ...]:
    """Centres of the bored piles, half a pile outside the pit face, anti-clockwise."""
    x0, y0, x1, y1 = d.PIT
    o = d.PIT_PILE_DIAMETER_M / 2 + 0.1
    places = []
    for start, end in d.rectangle_sides((x0 - o, y0 - o, x1 + o, y1 + o)).values():
        length = abs(end[0] - start[0]) + abs(end[1] - start[1])
        count = round(length / d.PIT_PILE_SPACING_M)
        for index in range(count):
            share = index / count
            places.append(
                (round(start[0] + (end[0] - start[0]) * share, 3), round(start[1] + (end[1] - start[1]) * share, 3))
            )
    return tuple(places)


def _piles(author: Author) -> None:
    top = d.GROUND_M - d.PIT_CAP_DEPTH_M
    body = [(author.solids.tube((0, 0, d.PIT_PILE_TOE_M), (0, 0, top), d.PIT_PILE_DIAMETER_M / 2), "concrete")]
    type_key = author.element_type("pile/1000", "IfcPileType", "钻孔灌注桩 φ1000", "BORED", body, "concrete")
    for number, (x, y) in enumerate(pile_places(), start=1):
        pile = author.element(
            f"PIT/pile/{number:03d}", "IfcPile", f"支护桩 {number:03d}", part_of="PIT", at=(x, y, 0), type_key=type_key
        )
        author.describe(pile, "Pset_PileCommon", {"Status": ["NEW"], "LoadBearing": True})
        author.describe(pile, "Twinwall_施工", construction_values(None, "基坑"))


def _capping_beam_and_facing(author: Author) -> None:
    offset = d.PIT_PILE_DIAMETER_M / 2 + 0.1
    half, depth = d.PIT_CAP_WIDTH_M / 2, d.PIT_CAP_DEPTH_M
    waler_level = d.PIT_STRUT_LEVEL_M
    for side, (start, end) in d.rectangle_sides(d.PIT).items():
        length = abs(end[0] - start[0]) + abs(end[1] - start[1])
        turn = d.SIDE_TURN_DEG[side]
        long = length + 2 * offset
        box = author.solids.box
        cap = author.element(
            f"PIT/cap/{side}",
            "IfcBeam",
            f"冠梁 {side}",
            part_of="PIT",
            at=(*start, d.GROUND_M),
            turn_deg=turn,
            predefined="BEAM",
            body=[(box(-offset + half, -offset - half, -depth, long, 2 * half, depth), "concrete")],
            material="concrete",
        )
        facing_height = d.GROUND_M - depth - d.PIT_BOTTOM_M
        wall = author.element(
            f"PIT/facing/{side}",
            "IfcWall",
            f"桩间喷射混凝土面层 {side}",
            part_of="PIT",
            at=(*start, d.PIT_BOTTOM_M),
            turn_deg=turn,
            predefined="SOLIDWALL",
            body=[(box(0, -0.1, 0, length, 0.1, facing_height), "shotcrete")],
            material="shotcrete",
        )
        waler = author.element(
            f"PIT/waler/{side}",
            "IfcBeam",
            f"腰梁 {side}",
            part_of="PIT",
            at=(*start, waler_level),
            turn_deg=turn,
            predefined="BEAM",
            body=[(box(0.6, 0, -0.4, length - 1.2, 0.6, 0.8), "strut_steel")],
            material="strut_steel",
        )
        for element in (cap, wall, waler):
            author.describe(element, "Twinwall_施工", construction_values(None, "基坑"))


def _struts(author: Author) -> None:
    x0, y0, x1, y1 = d.PIT
    level = d.PIT_STRUT_LEVEL_M
    tube, bar = author.solids.tube, author.solids.bar
    length = y1 - y0 - 1.2
    straight = author.element_type(
        "strut/609",
        "IfcMemberType",
        "钢管支撑 φ609×16",
        "STRUT",
        [(tube((0, 0, 0), (0, length, 0), 0.3045), "strut_steel")],
        "strut_steel",
    )
    post: list[tuple[Entity, str]] = []
    for x in (-0.2, 0.2):
        for y in (-0.2, 0.2):
            post.append((bar((x, y, d.PIT_BOTTOM_M - 4.0), (x, y, level + 0.5), 0.14), "strut_steel"))
    for z in range(5):
        base = d.PIT_BOTTOM_M + 1.0 * z
        for sign in (-0.2, 0.2):
            post.append((bar((-0.2, sign, base), (0.2, sign, base + 0.8), 0.06), "strut_steel"))
            post.append((bar((sign, -0.2, base), (sign, 0.2, base + 0.8), 0.06), "strut_steel"))
    post_type = author.element_type("king-post", "IfcColumnType", "格构立柱 480×480", "COLUMN", post, "strut_steel")
    for number, x in enumerate(STRUT_LINES_X, start=1):
        strut = author.element(
            f"PIT/strut/{number}",
            "IfcMember",
            f"第一道支撑 ZC-{number}",
            part_of="PIT",
            at=(x, y0 + 0.6, level),
            type_key=straight,
        )
        author.describe(strut, "Pset_MemberCommon", {"LoadBearing": True, "Status": ["TEMPORARY"]})
        author.describe(strut, "Twinwall_施工", construction_values(None, "基坑"))
        for row, y in enumerate(KING_POST_ROWS_Y, start=1):
            king = author.element(
                f"PIT/king-post/{number}-{row}",
                "IfcColumn",
                f"格构立柱 LZ-{number}-{row}",
                part_of="PIT",
                at=(x + 0.6, y, 0),
                type_key=post_type,
            )
            author.describe(king, "Twinwall_施工", construction_values(None, "基坑"))
    _corner_braces(author, (x0, y0, x1, y1), level)


def _corner_braces(author: Author, pit: d.Rectangle, level: float) -> None:
    x0, y0, x1, y1 = pit
    corners = {
        "西南": ((x0 + 0.6, y0 + 5.0), (x0 + 5.0, y0 + 0.6)),
        "东南": ((x1 - 5.0, y0 + 0.6), (x1 - 0.6, y0 + 5.0)),
        "东北": ((x1 - 0.6, y1 - 5.0), (x1 - 5.0, y1 - 0.6)),
        "西北": ((x0 + 5.0, y1 - 0.6), (x0 + 0.6, y1 - 5.0)),
    }
    for name, (start, end) in corners.items():
        brace = author.element(
            f"PIT/corner-brace/{name}",
            "IfcMember",
            f"角撑 {name}",
            part_of="PIT",
            predefined="STRUT",
            at=(*start, level),
            body=[(author.solids.tube((0, 0, 0), (end[0] - start[0], end[1] - start[1], 0), 0.3045), "strut_steel")],
            material="strut_steel",
        )
        author.describe(brace, "Twinwall_施工", construction_values(None, "基坑"))


def _bottom_and_stair(author: Author) -> None:
    x0, y0, x1, y1 = d.PIT
    blinding = author.element(
        "PIT/blinding",
        "IfcSlab",
        "基坑垫层",
        part_of="PIT",
        predefined="BASESLAB",
        at=(x0, y0, d.PIT_BOTTOM_M),
        body=[(author.solids.box(0, 0, -0.15, x1 - x0, y1 - y0, 0.15), "lean_concrete")],
        material="lean_concrete",
    )
    author.describe(blinding, "Twinwall_施工", construction_values(None, "基坑", "施工中"))
    sx0, sy0, sx1, sy1 = d.PIT_STAIR
    bar, box, body = author.solids.bar, author.solids.box, list[tuple[Entity, str]]()
    for x in (0.0, sx1 - sx0):
        for y in (0.0, sy1 - sy0):
            body.append((bar((x, y, 0), (x, y, d.PIT_DEPTH_M + 1.1), 0.12), "guard_yellow"))
    flights = 6
    rise = d.PIT_DEPTH_M / flights
    for index in range(flights):
        low, high = (0.8, sy1 - sy0 - 0.8) if index % 2 == 0 else (sy1 - sy0 - 0.8, 0.8)
        x = 1.0 if index % 2 == 0 else sx1 - sx0 - 1.0
        base = index * rise
        body.append((bar((x, low, base), (x, high, base + rise), 1.1, 0.12), "scaffold"))
        y = high if high > low else high - 0.8
        body.append((box(0, y, base + rise - 0.05, sx1 - sx0, 0.8, 0.05), "plank"))
    stair = author.element(
        "PIT/stair",
        "IfcStair",
        "基坑梯笼",
        part_of="PIT",
        predefined="USERDEFINED",
        at=(sx0, sy0, d.PIT_BOTTOM_M),
        body=body,
        material="scaffold",
    )
    stair.ObjectType = "定型化梯笼"
    author.describe(stair, "Twinwall_施工", construction_values(None, "基坑"))
