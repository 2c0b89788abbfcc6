"""A helmet at the edge of a danger zone, and the places just inside and outside of it."""

from __future__ import annotations

import math
import random
import threading
import time
from itertools import pairwise
from typing import Any

from shapely import affinity
from shapely.geometry import LineString, Point, shape
from shapely.ops import unary_union

from tests.journeys.helmets import Helmet

Place = tuple[float, float, float]
METRES_PER_DEGREE = 111_000.0
STEP_S = 0.45


def edge_of_zone(account: Any, site: str) -> tuple[dict[str, Any], Place, Place]:
    """Return a danger zone without an alarm, a place 2.5 m inside of its edge and one 2.5 m outside of all of them.

    Both at the middle height of the zone, so that a walker reaches one from the other in half a second.
    """
    state = account("project_manager").get(f"/sites/{site}/state")
    busy = {alarm["zone_id"] for alarm in state["alarms"]}
    features = account("project_manager").get(f"/sites/{site}/zones.geojson")["features"]
    fenced = [feature for feature in features if feature["properties"].get("fence")]
    everywhere = unary_union([shape(feature["geometry"]) for feature in fenced])
    for feature in sorted(fenced, key=lambda each: -shape(each["geometry"]).area):
        if str(feature.get("id") or feature["properties"]["id"]) in busy:
            continue
        if found := _either_side(shape(feature["geometry"]), everywhere):
            properties = feature["properties"]
            height_m = (properties["bottom_m"] + properties["top_m"]) / 2
            inside, outside = found
            return feature, (*inside, height_m), (*outside, height_m)
    raise AssertionError("no danger zone has an edge that one can step over")


def _either_side(
    zone: Any, everywhere: Any, reach_m: float = 2.5
) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """Return longitude and latitude of a place inside and one outside, or None."""
    east = METRES_PER_DEGREE * math.cos(math.radians(zone.centroid.y))
    origin = zone.centroid.coords[0]
    scale = {"xfact": east, "yfact": METRES_PER_DEGREE, "origin": origin}
    back = {"xfact": 1 / east, "yfact": 1 / METRES_PER_DEGREE, "origin": origin}
    plan, fences = affinity.scale(zone, **scale), affinity.scale(everywhere, **scale)
    part = max(getattr(plan, "geoms", [plan]), key=lambda each: each.area)
    corners = list(part.exterior.coords)
    for edge in sorted((LineString(pair) for pair in pairwise(corners)), key=lambda e: -e.length):
        middle = edge.interpolate(0.5, normalized=True)
        (x1, y1), (x2, y2) = edge.coords
        across = ((y1 - y2) / edge.length * reach_m, (x2 - x1) / edge.length * reach_m)
        sides = [Point(middle.x + sign * across[0], middle.y + sign * across[1]) for sign in (1, -1)]
        for inside, outside in (sides, sides[::-1]):
            if plan.contains(inside.buffer(2)) and not fences.intersects(outside.buffer(2)):
                near, far = (affinity.scale(place, **back) for place in (inside, outside))
                return (near.x, near.y), (far.x, far.y)
    return None


class Walker:
    """Steps over the edge of a danger zone and back: two fixes decide each way."""

    def __init__(self, fleet: dict[str, Any], index: int, inside: Place, outside: Place) -> None:
        self.helmet = Helmet(fleet, index)
        self.inside, self.outside = inside, outside

    def near(self) -> None:
        """Publish the fixes that come before the deciding one: outside, then the first inside."""
        for place in (self.outside, self.inside):
            self.helmet.walk(place)
            time.sleep(STEP_S)

    def enter(self) -> float:
        """Publish the fix that completes the rule; return the time before it was published (epoch seconds)."""
        published = time.time()
        self.helmet.walk(self.inside)
        return published

    def leave(self) -> None:
        """Publish the two fixes outside that end the alarm."""
        for _ in range(2):
            time.sleep(STEP_S)
            self.helmet.walk(self.outside)

    def stop(self) -> None:
        self.helmet.client.loop_stop()
        self.helmet.client.disconnect()


class Crowd:
    """Walkers that go in and out until they are told to stop, each in a thread of its own."""

    def __init__(self, walkers: list[Walker]) -> None:
        self.walkers = walkers
        self.entries = 0
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._walk, args=(walker,), daemon=True) for walker in walkers]

    def __enter__(self) -> Crowd:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _walk(self, walker: Walker) -> None:
        while not self._ended.is_set():
            walker.near()
            walker.enter()
            self.entries += 1
            walker.leave()
            time.sleep(random.uniform(STEP_S, 2 * STEP_S))
