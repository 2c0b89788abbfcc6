"""Compiled fences against PostGIS as the oracle, and when they are compiled anew."""

import random

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.db import connection

from spatial import crs
from spatial.fences.operations import FenceRefused, create_fence
from spatial.fences.queries import site_fences
from spatial.fences.zone_index import HEIGHT_TOLERANCE_M
from spatial.ledger.models import Act
from spatial.zones.operations import create_zone
from tests.ingest.cast import PIT_EAST, PIT_NORTH, SRID, START, build_cast, place, rectangle


def zone(cast, code, outline, bottom_m=None, top_m=None, **more):
    return create_zone(
        site=cast.site,
        code=code,
        name=code,
        kind="edge",
        outline=outline,
        bottom_m=bottom_m,
        top_m=top_m,
        actor=None,
        now=START,
        **more,
    )


def star(rng, east, north, radius, corners):
    import math

    points = []
    for number in range(corners):
        angle = 2 * math.pi * number / corners
        reach = radius * rng.uniform(0.3, 1.0)
        points.append(place(east + reach * math.cos(angle), north + reach * math.sin(angle)))
    return MultiPolygon(Polygon([*points, points[0]]), srid=4490)


def test_memberships_of_five_thousand_points_are_those_of_postgis(cast):
    rng = random.Random(11)
    for number in range(40):
        outline = star(rng, rng.uniform(0, 300), rng.uniform(0, 300), rng.uniform(5, 60), rng.randint(3, 14))
        low = rng.choice([None, rng.uniform(80, 110)])
        high = rng.choice([None, (low or 90) + rng.uniform(2, 20)])
        create_fence(zone=zone(cast, f"Z{number}", outline, low, high), actor=None, now=START)
    index = site_fences(cast.site).index
    points = [
        (n, PIT_EAST + rng.uniform(-60, 360), PIT_NORTH + rng.uniform(-60, 360), rng.uniform(75, 130))
        for n in range(5000)
    ]
    ours = {(n, zone_id) for n, e, north, h in points for zone_id in index.covering(e, north, h)}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.n, z.id FROM unnest(%s::int[], %s::float8[], %s::float8[], %s::float8[]) AS p(n, e, nn, h) "
            "JOIN zones_zone z ON z.site_id = %s AND ST_Covers(ST_Transform(z.outline, %s), "
            "ST_SetSRID(ST_MakePoint(p.e, p.nn), %s)) "
            "AND (z.bottom_m IS NULL OR p.h >= z.bottom_m - %s) AND (z.top_m IS NULL OR p.h < z.top_m - %s)",
            [*map(list, zip(*points, strict=True)), cast.site.pk, SRID, SRID, HEIGHT_TOLERANCE_M, HEIGHT_TOLERANCE_M],
        )
        oracle = set(cursor.fetchall())
    assert len(oracle) == 1027
    assert ours == oracle


def test_any_change_of_a_zone_a_fence_or_a_storey_compiles_anew_and_nothing_else_does(cast):
    first = site_fences(cast.site)
    assert site_fences(cast.site) is first
    other = build_cast()
    assert site_fences(cast.site) is first
    assert site_fences(other.site) is not first
    changes = [
        lambda: zone(cast, "N", rectangle(50, 50, 60, 60)),
        lambda: type(cast.pit).objects.filter(pk=cast.pit.pk).update(top_m=94.0),
        lambda: type(cast.fence).objects.filter(pk=cast.fence.pk).update(enter_fixes=3),
        lambda: cast.fence.allowed.add(cast.worker),
        lambda: cast.pit.storeys.add(cast.basement),
        lambda: type(cast.basement).objects.filter(pk=cast.basement.pk).update(elevation_m=89.0),
        lambda: cast.fence.delete(),
    ]
    held = first
    for change in changes:
        change()
        now = site_fences(cast.site)
        assert now is not held
        held = now
    assert held.facts == {}


def test_a_zone_without_heights_takes_those_of_its_storeys(cast):
    low = zone(cast, "S", rectangle(50, 50, 60, 60), storeys=[cast.basement, cast.ground_floor])
    create_fence(zone=low, actor=None, now=START)
    compiled = site_fences(cast.site).index.by_id[low.pk]
    assert (compiled.bottom_m, compiled.top_m) == (90.0, 100.0)


def test_the_outline_is_compiled_in_metres_of_the_site(cast):
    compiled = site_fences(cast.site).index.by_id[cast.pit.pk]
    assert compiled.outline.area == pytest.approx(400.0, abs=1e-4)
    assert crs.transform_point(*place(0, 0), from_srid=4490, to_srid=SRID) == pytest.approx(
        (PIT_EAST, PIT_NORTH), abs=1e-6
    )


def test_a_fence_that_cannot_be_is_refused_and_changes_nothing(cast):
    other = build_cast()
    free = zone(cast, "N", rectangle(50, 50, 60, 60))
    acts = Act.objects.count()
    for given, reason in (
        ({"zone": cast.pit}, "a danger zone already"),
        ({"zone": free, "rule": "P-99"}, "not an alarm rule"),
        ({"zone": free, "enter_fixes": 0}, "At least one fix"),
        ({"zone": free, "enter_probability": 0.2}, "must be below"),
        ({"zone": free, "allowed": [other.worker]}, "belongs to another site"),
    ):
        with pytest.raises(FenceRefused, match=reason):
            create_fence(actor=None, now=START, **given)
    assert Act.objects.count() == acts
    assert not hasattr(type(free).objects.get(pk=free.pk), "fence")
