"""Who came how near to a place: the exact closest approach between fixes, computed by the database in one question.

Between two fixes at most `LONGEST_GAP` apart somebody is taken to have walked straight on at one speed. Over a longer
silence nothing is assumed: each of its ends counts as a point.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

LONGEST_GAP = timedelta(seconds=120)
LONGEST_PERIOD = timedelta(hours=24)
_A, _E2 = 6_378_137.0, 0.006694380022900788  # CGCS2000


@dataclass(frozen=True, slots=True)
class Approach:
    """How near a device came: the nearest moment with its place, and how long it was within the distance."""

    device_id: UUID
    distance_m: float
    at: datetime
    lon: float
    lat: float
    height_m: float
    accuracy_m: float
    within_s: float
    first_at: datetime
    last_at: datetime


class PlaceAsked(ValueError):
    """The question cannot be asked like this; the message says why."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A place (degrees in EPSG:4490, Yellow Sea height), a distance in plan, and how far above or below counts."""

    lon: float
    lat: float
    radius_m: float
    start: datetime
    end: datetime
    height_m: float | None = None
    above_below_m: float | None = None

    def check(self) -> None:
        """Raise PlaceAsked for a question that has no sense or would take too long."""
        if not (-180 <= self.lon <= 180 and -90 <= self.lat <= 90):
            raise PlaceAsked("place")
        if not 0 < self.radius_m <= 500:
            raise PlaceAsked("radius")
        if not self.start < self.end:
            raise PlaceAsked("period")
        if self.end - self.start > LONGEST_PERIOD:
            raise PlaceAsked("long_period")


def metres_per_degree(lat: float) -> tuple[float, float]:
    """Return metres per degree of longitude and of latitude at a latitude, on the ellipsoid of CGCS2000."""
    sine = math.sin(math.radians(lat))
    w2 = 1 - _E2 * sine * sine
    east = _A / math.sqrt(w2) * math.cos(math.radians(lat))
    north = _A * (1 - _E2) / (w2 * math.sqrt(w2))
    return math.radians(east), math.radians(north)


_APPROACHES = """
WITH fixes AS MATERIALIZED (
    SELECT device_id, fix_time AS t, (lon - %(lon)s) * %(mx)s AS x, (lat - %(lat)s) * %(my)s AS y,
           height_m - %(h)s AS z, accuracy_m AS accuracy
    FROM tracks_fixes(%(site)s, %(start)s - %(gap)s, %(end)s + %(gap)s, NULL) WHERE plausible
), pairs AS (
    SELECT device_id, t, x, y, z, accuracy, lag(t) OVER w AS t0, lead(t) OVER w AS t2,
           lead(x) OVER w AS x2, lead(y) OVER w AS y2, lead(z) OVER w AS z2
    FROM fixes WINDOW w AS (PARTITION BY device_id ORDER BY t)
), segments AS (
    SELECT device_id, t, x, y, z, accuracy, x2 - x AS dx, y2 - y AS dy, z2 - z AS dz,
           extract(epoch FROM t2 - t)::float8 AS span
    FROM pairs WHERE t2 > t AND t2 - t <= %(gap)s
    UNION ALL
    SELECT device_id, t, x, y, z, accuracy, 0, 0, 0, 0 FROM pairs
    WHERE (t2 IS NULL OR t2 - t > %(gap)s) AND (t0 IS NULL OR t - t0 > %(gap)s)
), in_period AS (
    SELECT *, CASE WHEN span = 0 THEN 0 ELSE greatest(0, extract(epoch FROM %(start)s - t)::float8 / span) END AS p0,
           CASE WHEN span = 0 THEN 0 ELSE least(1, extract(epoch FROM %(end)s - t)::float8 / span) END AS p1
    FROM segments
    WHERE t < %(end)s AND t + make_interval(secs => span) >= %(start)s
), at_height AS (
    SELECT *,
           CASE WHEN %(v)s::float8 IS NULL OR dz = 0 THEN p0
                ELSE greatest(p0, least((-(%(v)s::float8) - z) / dz, (%(v)s::float8 - z) / dz)) END AS lo,
           CASE WHEN %(v)s::float8 IS NULL OR dz = 0 THEN p1
                ELSE least(p1, greatest((-(%(v)s::float8) - z) / dz, (%(v)s::float8 - z) / dz)) END AS hi
    FROM in_period WHERE %(v)s::float8 IS NULL OR dz <> 0 OR abs(z) <= %(v)s::float8
), nearest AS (
    SELECT *, dx * dx + dy * dy AS d2,
           CASE WHEN dx * dx + dy * dy = 0 THEN lo
                ELSE greatest(lo, least(hi, -(x * dx + y * dy) / (dx * dx + dy * dy))) END AS s
    FROM at_height WHERE lo <= hi
), reached AS (
    SELECT *, sqrt((x + s * dx) ^ 2 + (y + s * dy) ^ 2) AS distance,
           CASE WHEN d2 = 0 THEN NULL ELSE (x * dx + y * dy) / d2 END AS b,
           CASE WHEN d2 = 0 THEN NULL ELSE (x * x + y * y - %(r)s * %(r)s) / d2 END AS c
    FROM nearest
), within AS (
    SELECT *, CASE WHEN d2 = 0 THEN lo ELSE greatest(lo, -b - sqrt(greatest(0, b * b - c))) END AS s0,
           CASE WHEN d2 = 0 THEN hi ELSE least(hi, -b + sqrt(greatest(0, b * b - c))) END AS s1
    FROM reached WHERE distance <= %(r)s
)
SELECT DISTINCT ON (device_id)
    device_id, distance, t + make_interval(secs => s * span), x + s * dx, y + s * dy, z + s * dz, accuracy,
    sum(greatest(0, s1 - s0) * span) OVER d, min(t + make_interval(secs => s0 * span)) OVER d,
    max(t + make_interval(secs => s1 * span)) OVER d
FROM within WINDOW d AS (PARTITION BY device_id)
ORDER BY device_id, distance, t
"""


def approaches(site: Any, asked: Asked) -> list[Approach]:
    """Return which devices came within the distance of a place in a period, the nearest first. Raises PlaceAsked."""
    asked.check()
    return sorted(_found(site, asked), key=lambda one: (one.distance_m, one.at))


def _found(site: Any, asked: Asked) -> Iterator[Approach]:
    east, north = metres_per_degree(asked.lat)
    height_m = asked.height_m if asked.height_m is not None else 0.0
    values = {
        "site": site.pk, "start": asked.start, "end": asked.end, "lon": asked.lon, "lat": asked.lat, "h": height_m,
        "mx": east, "my": north, "r": asked.radius_m,
        "v": asked.above_below_m if asked.height_m is not None else None,
    }  # fmt: skip
    gap = f"interval '{LONGEST_GAP.total_seconds():.0f} seconds'"
    with connection.cursor() as cursor:
        cursor.execute(_APPROACHES.replace("%(gap)s", gap), values)
        rows = cursor.fetchall()
    for device_id, distance, at, x, y, z, accuracy, within_s, first_at, last_at in rows:
        yield Approach(
            device_id, distance, at, asked.lon + x / east, asked.lat + y / north, height_m + z, accuracy, within_s,
            first_at, last_at,
        )  # fmt: skip
