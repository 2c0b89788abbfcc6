"""Where a walker is at a time, and what its tag says about it. Pure: the same seed gives the same walk."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from random import Random

from ingest.simulator.fleet_file import Waypoint

_METRES_PER_DEGREE = 111_320.0
_R95_PER_SIGMA = math.sqrt(-2.0 * math.log(0.05))
# Satellite errors drift over half a minute; radio ranging is fresh each time.
_MEMORY_S = {"GNSS": 30.0, "BLE": 5.0, "UWB": 0.5}


class Walk:
    """A route walked at its speeds with its pauses, round and round when it loops."""

    def __init__(self, route: Sequence[Waypoint], *, loop: bool) -> None:
        self._legs: list[tuple[float, float, Waypoint, Waypoint]] = []
        ends = [*route[1:], route[0]] if loop else route[1:]
        clock = 0.0
        for start, end in zip(route, ends, strict=False):
            walking_s = _distance_m(start, end) / start.speed_m_s if start.speed_m_s > 0 else 0.0
            self._legs.append((clock, start.pause_s, start, end))
            clock += start.pause_s + walking_s
        self.duration_s, self._loop, self._last = clock, loop, route[-1]
        self._starts = [leg[0] for leg in self._legs]

    def at(self, seconds: float) -> tuple[float, float, float]:
        """This function will return longitude, latitude and height (m) after so many seconds."""
        if self._loop and self.duration_s > 0:
            seconds %= self.duration_s
        elif seconds >= self.duration_s:
            return self._last.lon, self._last.lat, self._last.height_m
        number = max(0, bisect_right(self._starts, seconds) - 1)
        begin, pause_s, start, end = self._legs[number]
        until = self._starts[number + 1] if number + 1 < len(self._legs) else self.duration_s
        walking_s = until - begin - pause_s
        share = min(1.0, max(0.0, (seconds - begin - pause_s) / walking_s)) if walking_s > 0 else 0.0
        return (
            start.lon + share * (end.lon - start.lon),
            start.lat + share * (end.lat - start.lat),
            start.height_m + share * (end.height_m - start.height_m),
        )


class TagNoise:
    """The error of a tag: Gaussian with the stated r95, remembered for as long as its source is."""

    def __init__(self, source: str, accuracy_m: float, random: Random) -> None:
        self._sigma_m = accuracy_m / _R95_PER_SIGMA
        self._memory_s = _MEMORY_S[source]
        self._random = random
        self._error = [random.gauss(0.0, self._sigma_m) for _ in range(3)]

    def blur(self, lon: float, lat: float, height_m: float, elapsed_s: float) -> tuple[float, float, float]:
        """This function will return a position with the tag's error `elapsed_s` after the last one."""
        keep = math.exp(-elapsed_s / self._memory_s)
        fresh = self._sigma_m * math.sqrt(1.0 - keep * keep)
        self._error = [keep * error + self._random.gauss(0.0, fresh) for error in self._error]
        east_m, north_m, up_m = self._error
        return (
            lon + east_m / (_METRES_PER_DEGREE * math.cos(math.radians(lat))),
            lat + north_m / _METRES_PER_DEGREE,
            height_m + up_m,
        )


def _distance_m(start: Waypoint, end: Waypoint) -> float:
    north = (end.lat - start.lat) * _METRES_PER_DEGREE
    east = (end.lon - start.lon) * _METRES_PER_DEGREE * math.cos(math.radians((start.lat + end.lat) / 2))
    return math.hypot(east, north, end.height_m - start.height_m)
