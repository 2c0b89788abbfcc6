"""Fence membership and distance of batches of 1,000 positions, against PostGIS and Shapely, with the same sets.

Zones lie as on a large site: a thousand to the square kilometre, 16 to 30 m wide, 3 to 20 m high on five storeys.
PostGIS gets its best way: one set-based statement for the whole batch, on stored geometry in the projected plane with
a GiST index, prepared and analysed. Shapely gets a tree over prepared outlines.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import shapely
from django.db import connection

from spatial.fences.compiled_index import CompiledIndex, Floats
from spatial.fences.zone_index import HEIGHT_TOLERANCE_M, FenceZone

from ..harness import Row, Unmeasured, row_of

BATCH = 1000
BATCHES = 20
SRID = 4547
EAST_M, NORTH_M = 478_950.0, 3_848_600.0
_QUERY = """
SELECT p.n, z.id FROM unnest(%s::int[], %s::float8[], %s::float8[], %s::float8[]) AS p(n, e, nn, h)
JOIN bench_fence z ON ST_Covers(z.outline, ST_SetSRID(ST_MakePoint(p.e, p.nn), 4547))
AND p.h >= z.bottom_m - %s AND p.h < z.top_m - %s
"""


@dataclass(frozen=True)
class Scene:
    """Zones and batches of points (east, north, height)."""

    zones: list[FenceZone]
    index: CompiledIndex
    tree: shapely.STRtree
    batches: list[tuple[Floats, Floats, Floats]]


def make_scene(zones: int, corners: int | None, seed: int = 1) -> Scene:
    """Make zones of four to eight corners, or of `corners` each, and batches of points among them."""
    rng = np.random.default_rng(seed)
    extent_m = 1000.0 * math.sqrt(zones / 1000)
    found = []
    for number in range(zones):
        count = int(rng.integers(4, 9)) if corners is None else corners
        angles = (
            np.sort(rng.uniform(0, 2 * np.pi, count)) if corners is None else np.linspace(0, 2 * np.pi, count + 1)[:-1]
        )
        radii = rng.uniform(8, 15) * rng.uniform(0.7, 1.0, count)
        centre = rng.uniform(0, extent_m, 2) + np.array([EAST_M, NORTH_M])
        outline = shapely.Polygon(centre + np.column_stack([radii * np.cos(angles), radii * np.sin(angles)]))
        bottom = 90.0 + 3.0 * float(rng.integers(0, 5))
        found.append(
            FenceZone(UUID(int=number + 1), shapely.make_valid(outline), bottom, bottom + float(rng.uniform(3, 20)))
        )
    batches = [
        (
            EAST_M + rng.uniform(0, extent_m, BATCH),
            NORTH_M + rng.uniform(0, extent_m, BATCH),
            90.0 + 3.0 * rng.integers(0, 5, BATCH) + rng.uniform(0, 2, BATCH),
        )
        for _ in range(BATCHES)
    ]
    index = CompiledIndex(found)
    outlines = index.outlines
    return Scene(found, index, shapely.STRtree(outlines), batches)


def store(scene: Scene) -> None:
    """Put the zones of a scene into PostGIS, with an index and fresh statistics."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_fence")
        cursor.execute(
            f"CREATE TEMP TABLE bench_fence (id int, outline geometry(Geometry, {SRID}), bottom_m float8, top_m float8)"
        )
        rows = [
            (number, shapely.to_wkb(zone.outline, hex=True, include_srid=False), zone.bottom_m, zone.top_m)
            for number, zone in enumerate(scene.zones)
        ]
        cursor.executemany(f"INSERT INTO bench_fence VALUES (%s, ST_SetSRID(%s::geometry, {SRID}), %s, %s)", rows)
        cursor.execute("CREATE INDEX ON bench_fence USING gist (outline)")
        cursor.execute("ANALYZE bench_fence")


def ours(scene: Scene, batch: tuple[Floats, Floats, Floats]) -> set[tuple[int, int]]:
    """Return our memberships of a batch as pairs."""
    points, zones = scene.index.covering(*batch)
    return set(zip(points.tolist(), zones.tolist(), strict=True))


def of_postgis(batch: tuple[Floats, Floats, Floats]) -> set[tuple[int, int]]:
    """Return the memberships of a batch as PostGIS finds them."""
    with connection.cursor() as cursor:
        columns = [axis.tolist() for axis in batch]
        cursor.execute(_QUERY, [list(range(BATCH)), *columns, HEIGHT_TOLERANCE_M, HEIGHT_TOLERANCE_M])
        return set(cursor.fetchall())


def of_shapely(scene: Scene, batch: tuple[Floats, Floats, Floats]) -> set[tuple[int, int]]:
    """Return the memberships of a batch as a tree over prepared outlines finds them."""
    east, north, height = batch
    points, zones = scene.tree.query(shapely.points(east, north), predicate="covered_by")
    plan = scene.index.plan
    fits = (height[points] >= plan.low_m[zones]) & (height[points] < plan.high_m[zones])
    return set(zip(points[fits].tolist(), zones[fits].tolist(), strict=True))


def _seconds(work, batches, repeat: int = 1) -> float:
    """Return the median time of one batch."""
    times = []
    for _ in range(repeat):
        for batch in batches:
            started = time.perf_counter()
            work(batch)
            times.append(time.perf_counter() - started)
    return float(np.median(times))


def scene_rows(zones: int, corners: int | None, pairs: int) -> Iterator[Row | Unmeasured]:
    """Yield the rows of one set of zones."""
    scene = make_scene(zones, corners)
    store(scene)
    words = f"{zones:,} zones" + (f" of {corners} corners" if corners else "")
    for batch in scene.batches[:5]:
        found = ours(scene, batch)
        if found != of_postgis(batch) or found != of_shapely(scene, batch):
            yield Unmeasured(f"fence membership, {words}", "the memberships differ")
            return
    index = scene.index
    mine, postgis, tree, near = [], [], [], []
    for _ in range(pairs):
        mine.append(_seconds(lambda batch: index.covering(*batch), scene.batches, 20))
        postgis.append(_seconds(of_postgis, scene.batches))
        tree.append(
            _seconds(lambda batch: scene.tree.query(shapely.points(*batch[:2]), predicate="covered_by"), scene.batches)
        )
        near.append(_seconds(lambda batch: index.distances(*batch), scene.batches, 20))
    seconds = {"unit": "s a batch"}
    yield row_of(
        name=f"fence membership, {words}, 1,000 positions", measured=list(zip(mine, postgis, strict=True)),
        peer_name="one set-based PostGIS query, same sets", goal=1 / 100 if corners else 1 / 500, **seconds,
    )  # fmt: skip
    yield row_of(
        name=f"fence membership, {words}, 1,000 positions", measured=list(zip(mine, tree, strict=True)),
        peer_name="Shapely STRtree, prepared, same sets", goal=1 / 8 if corners else None, **seconds,
    )  # fmt: skip
    yield row_of(
        name=f"distance up to 10 m, {words}, 1,000 positions", measured=list(zip(near, mine, strict=True)),
        peer_name="membership alone", goal=None if corners else 2.0, **seconds,
    )  # fmt: skip
    started = time.perf_counter()
    CompiledIndex(scene.zones)
    built = time.perf_counter() - started
    started = time.perf_counter()
    fresh = [shapely.from_wkb(shapely.to_wkb(zone.outline)) for zone in scene.zones]
    shapely.prepare(fresh)
    shapely.STRtree(fresh).query(shapely.points([0.0], [0.0]))
    yield row_of(
        name=f"index built anew, {words}", measured=[(built, time.perf_counter() - started)],
        peer_name="Shapely STRtree", unit="s",
    )  # fmt: skip


def rows(pairs: int) -> Iterator[Row | Unmeasured]:
    """Yield the rows of simple and dense zones."""
    for zones, corners in ((1_000, None), (10_000, None), (1_000, 200)):
        yield from scene_rows(zones, corners, pairs)
