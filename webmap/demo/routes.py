"""Where the demo's helmets walk: loops of local waypoints on roads, slabs and stairs. Pure and repeatable."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from bim.ifc.demo_project import dimensions as d
from bim.ifc.demo_project.stairs_geometry import stair_path
from webmap.demo.placing import point_z

HELMET_M = 1.6
"""Height of a worn helmet above the floor."""
HELMETS = 40
INTRUDERS = {"ZD-H039": "pit", "ZD-H040": "lifting"}
"""Helmets that walk into a danger zone on every round, and into which."""


@dataclass(frozen=True)
class Waypoint:
    """A place of a route in local metres with the walking speed towards the next and a pause on it."""

    x: float
    y: float
    z: float
    speed_m_s: float
    pause_s: float = 0.0

    def row(self) -> list[float]:
        """[lon, lat, height_m, speed_m_s, pause_s] as the fleet file has it."""
        return [*point_z(self.x, self.y, self.z), self.speed_m_s, self.pause_s]


@dataclass(frozen=True)
class Walk:
    """The round of one helmet."""

    code: str
    source: str
    accuracy_m: float
    waypoints: tuple[Waypoint, ...]


def helmet_code(number: int) -> str:
    """Device code of the helmet with this number, from 1."""
    return f"ZD-H{number:03d}"


def demo_walks() -> tuple[Walk, ...]:
    """The rounds of all helmets, in code order."""
    places: list[tuple[str, list[tuple[float, float, float]]]] = []
    places += [("road", loop) for loop in _road_loops()]
    places += [("slab", loop) for loop in _slab_loops()]
    places += [("stair", loop) for loop in _stair_rounds()]
    walks = []
    for number, (kind, points) in enumerate(places, start=1):
        walks.append(_walk(helmet_code(number), kind, points))
    return (*walks, _pit_intruder(), _lifting_intruder())


def _walk(code: str, kind: str, points: list[tuple[float, float, float]]) -> Walk:
    random = Random(code)
    speed = round(random.uniform(0.7, 1.4), 2)
    if kind == "stair":
        speed = round(random.uniform(0.6, 0.9), 2)
    start = random.randrange(len(points)) if kind != "stair" else 0
    turned = points[start:] + points[:start]
    if kind == "slab" and random.random() < 0.5:
        turned.reverse()
    waypoints = tuple(
        Waypoint(x, y, round(z + HELMET_M, 3), speed, random.choice((0.0, 0.0, 4.0, 12.0)) if kind != "stair" else 0.0)
        for x, y, z in turned
    )
    return Walk(code, "GNSS" if kind == "road" else "UWB", 1.5 if kind == "road" else 0.3, waypoints)


def _road_loops() -> list[list[tuple[float, float, float]]]:
    """Ten rounds on the site roads and through the living area, office area and yards."""
    z = d.GROUND_M
    west, middle, east, south, north = -20.0, 69.0, 126.0, -14.0, 64.0
    plans: list[list[d.Point]] = [
        [(west, south), (middle, south), (middle, north), (west, north)],
        [(middle, south), (east, south), (east, north), (middle, north)],
        [(west, south), (east, south), (east, north), (west, north)],
        [(middle, -40.0), (middle, south), (30.0, south), (middle, south)],
        [(-30.0, -18.0), (west, south), (40.0, south), (west, south)],
        [(84.0, -20.0), (90.0, south), (middle, south), (middle, 20.0), (middle, south), (90.0, south)],
        [(-4.0, 70.0), (14.0, 70.0), (14.0, north), (-14.0, north)],
        [(24.0, 70.0), (36.0, 70.0), (36.0, north), (24.0, north)],
        [(76.0, 70.0), (95.0, 70.0), (95.0, north), (76.0, north)],
        [(46.0, 71.0), (61.0, 71.0), (middle, north), (46.0, 66.0)],
    ]
    return [[(x, y, z) for x, y in plan] for plan in plans]


def _slab_loops() -> list[list[tuple[float, float, float]]]:
    """Rounds inside the buildings, along the middle of the bays, on slabs from the basement to the roof's formwork."""
    podium_rings: list[list[d.Point]] = [
        [(3.75, 4.0), (56.25, 4.0), (56.25, 20.0), (3.75, 20.0)],
        [(3.75, 20.0), (18.75, 20.0), (18.75, 36.0), (3.75, 36.0)],
    ]
    tower_rings: list[list[d.Point]] = [
        [(18.75, 20.0), (41.25, 20.0), (41.25, 36.0), (18.75, 36.0)],
        [(18.75, 20.0), (41.25, 20.0), (41.25, 28.0), (41.25, 20.0)],
    ]
    plan = [("B01", podium_rings[0]), ("F01", podium_rings[0]), ("F01", podium_rings[1])]
    plan += [("F02", podium_rings[0]), ("F02", podium_rings[1]), ("F03", podium_rings[0])]
    plan += [("F04", tower_rings[0]), ("F04", [(3.75, 4.0), (30.0, 4.0), (30.0, 12.0), (3.75, 12.0)])]
    for storey in ("F05", "F06", "F07", "F08", "F09", "F10"):
        plan.append((storey, tower_rings[0]))
    plan += [("F11", tower_rings[0]), ("F11", tower_rings[1]), ("F12", tower_rings[0]), ("F12", tower_rings[1])]
    plan += [("F13", tower_rings[0]), ("F13", tower_rings[1])]
    plan += [("RF", tower_rings[0]), ("RF", tower_rings[1])]
    return [[(x, y, d.LEVEL[storey].elevation_m) for x, y in ring] for storey, ring in plan]


def _stair_rounds() -> list[list[tuple[float, float, float]]]:
    """Rounds that climb a stair, cross the floor above and come back down the same way."""
    rounds = []
    for shaft, low, high in (
        ("A", "F01", "F04"),
        ("B", "F01", "F03"),
        ("A", "F04", "F07"),
        ("B", "F05", "F08"),
        ("A", "F07", "F10"),
        ("B", "F08", "F11"),
    ):
        up = stair_path(shaft, low, high)
        rounds.append(up + list(reversed(up))[1:-1])
    return rounds


def _pit_intruder() -> Walk:
    """Walks the middle road's edge and, where the pit's guardrail is missing, steps up to the pit's rim."""
    z = round(d.GROUND_M + HELMET_M, 3)
    plan = [
        (72.0, 30.0, 0.0),
        (72.0, 17.5, 0.0),
        (77.3, 17.5, 8.0),
        (77.3, 15.5, 3.0),
        (72.0, 15.5, 0.0),
        (72.0, 6.0, 4.0),
    ]
    return Walk("ZD-H039", "UWB", 0.3, tuple(Waypoint(x, y, z, 1.1, pause) for x, y, pause in plan))


def _lifting_intruder() -> Walk:
    """Takes the short way from the north road through the lifting area."""
    z = round(d.GROUND_M + HELMET_M, 3)
    plan = [
        (42.0, 62.8, 4.0),
        (49.0, 62.8, 0.0),
        (49.0, 57.0, 9.0),
        (54.0, 57.0, 3.0),
        (54.0, 62.8, 0.0),
        (66.0, 62.8, 4.0),
    ]
    return Walk("ZD-H040", "UWB", 0.3, tuple(Waypoint(x, y, z, 1.2, pause) for x, y, pause in plan))
