"""Fences on real tracks: people in Beijing by GNSS (GeoLife), and a tag in a hall by UWB. PostGIS is the oracle."""

from __future__ import annotations

import csv
import os
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
import shapely
import shapely.affinity
from django.db import connection

from spatial import crs
from spatial.fences.compiled_index import CompiledIndex
from spatial.fences.engine import EngineStates, FixColumns, Limits, evaluate
from spatial.fences.replay import key_of
from spatial.fences.rules import DeviceState, decide
from spatial.fences.zone_index import FenceZone, PlanFix, ZoneIndex
from tests.spatial.fences.arrivals import Keeper, shuffled_messages

DATA = Path(os.environ.get("TWINWALL_REAL_DATA", "/work/shared/data")) / "traces"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="no real tracks here")
SRID = 4548


def walks(count: int) -> list[list[PlanFix]]:
    """Tracks of GeoLife on the projected plane (CGCS2000, 3-degree zone 39), as fixes of 5 m accuracy."""
    move = crs.transformer(crs.STORAGE_SRID, SRID)
    found = []
    for file in sorted((DATA / "geolife").rglob("*.plt"))[:count]:
        rows = [line.split(",") for line in file.read_text().splitlines()[6:]]
        east, north = move.transform([float(row[1]) for row in rows], [float(row[0]) for row in rows])
        times = [datetime.fromisoformat(f"{row[5]}T{row[6]}").replace(tzinfo=UTC) for row in rows]
        found.append([PlanFix(t, e, n, 0.0, 5.0) for t, e, n in zip(times, east, north, strict=True)])
    return found


def hall() -> list[PlanFix]:
    """A tag of a real UWB system in metres of its hall; rows without a position are left out."""
    found = []
    with (DATA / "uwb" / "k501_t1.utf8.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            stamp, _space, milliseconds = (row["时间"] or "").rpartition(" ")
            if not stamp:
                continue
            at = datetime.strptime(stamp, "%Y/%m/%d %H:%M:%S").replace(tzinfo=UTC)
            x, y = float(row["通道1x坐标"]) / 100.0, float(row["通道1y坐标"]) / 100.0
            if x or y:
                found.append(PlanFix(at + timedelta(milliseconds=int(milliseconds)), x, y, 0.0, 0.3))
    return found


def zones_along(tracks: list[list[PlanFix]], count: int, seed: int) -> list[FenceZone]:
    """Stars, circles and corridors about places of the tracks, so that most are crossed."""
    rng = np.random.default_rng(seed)
    fixes = [fix for track in tracks for fix in track]
    found = []
    for number in range(count):
        fix = fixes[int(rng.integers(0, len(fixes)))]
        angles = np.sort(rng.uniform(0, 2 * np.pi, 9))
        reach = rng.uniform(5, 60) * rng.uniform(0.4, 1.0, 9)
        shape: shapely.Geometry = shapely.make_valid(
            shapely.Polygon(
                np.column_stack([fix.east_m + reach * np.cos(angles), fix.north_m + reach * np.sin(angles)])
            )
        )
        if number % 3 == 1:
            shape = shapely.Point(fix.east_m, fix.north_m).buffer(float(rng.uniform(5, 40)), quad_segs=64)
        if shape.geom_type in ("Polygon", "MultiPolygon"):
            found.append(FenceZone(UUID(int=number + 1), shape, approach_m=3.0, dwell_s=300.0))
    return found


@pytest.mark.django_db
def test_memberships_of_real_positions_are_those_of_postgis():
    tracks = walks(40)
    index = CompiledIndex(zones_along(tracks, 400, 3))
    east = np.array([fix.east_m for track in tracks for fix in track])
    north = np.array([fix.north_m for track in tracks for fix in track])
    points, zones = index.covering(east, north, np.zeros(east.size))
    ours = set(zip(points.tolist(), zones.tolist(), strict=True))
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE real_fence (id int, outline geometry(Geometry, {SRID}))")
        cursor.executemany(
            f"INSERT INTO real_fence VALUES (%s, ST_SetSRID(%s::geometry, {SRID}))",
            [(number, shapely.to_wkb(outline, hex=True)) for number, outline in enumerate(index.outlines)],
        )
        cursor.execute("CREATE INDEX ON real_fence USING gist (outline)")
        cursor.execute(
            "SELECT p.n, z.id FROM unnest(%s::int[], %s::float8[], %s::float8[]) AS p(n, e, nn) JOIN real_fence z "
            f"ON ST_Covers(z.outline, ST_SetSRID(ST_MakePoint(p.e, p.nn), {SRID}))",
            [list(range(east.size)), east.tolist(), north.tolist()],
        )
        oracle = set(cursor.fetchall())
    assert east.size > 10_000
    assert len(oracle) > 5_000
    assert ours == oracle


def test_both_engines_find_the_same_on_real_tracks():
    tracks = [*walks(20), hall()]
    for number, track in enumerate(tracks):
        zones = zones_along([track], 12, number)
        reference = decide(DeviceState(), track, ZoneIndex(zones), max_speed_m_s=12.0, silence=timedelta(seconds=120))
        index = CompiledIndex(zones)
        limits = Limits.of([(12.0, timedelta(seconds=120))])
        got = evaluate(
            FixColumns.of([(0, fix) for fix in track]), EngineStates.of([DeviceState()], index), index, limits
        )
        found = {key_of(got.findings.finding(n)) for n in range(len(got.findings))}
        assert found == {key_of(finding) for finding in reference.findings}


def test_a_real_tag_in_any_order_of_its_messages_leaves_the_same_events():
    track = hall()[:600]
    zones = zones_along([track], 8, 5)
    index = ZoneIndex([FenceZone(z.zone_id, shapely.affinity.scale(z.outline, 0.2, 0.2)) for z in zones])

    def run(state, fixes):
        return decide(state, fixes, index, max_speed_m_s=12.0, silence=timedelta(seconds=120))

    wanted = {key_of(finding) for finding in run(DeviceState(), track).findings}
    assert len(wanted) >= 4
    keeper = Keeper(decide=run)
    for message in shuffled_messages(random.Random(7), track[:240]):
        keeper.take(message)
    for first in range(240, len(track), 12):
        keeper.take(tuple(track[first : first + 12]))
    assert keeper.recorded == wanted
