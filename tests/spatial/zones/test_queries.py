"""Colours of stored sites: membership, where triggers count, and the SQL twin."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.gis.geos import LineString, Point, Polygon
from django.db import connection
from django.test.utils import CaptureQueriesContext

from spatial.places.models import Region
from spatial.places.operations import place_anchor
from spatial.rulebook.queries import current_edition
from spatial.zones.operations import create_zone, end_triggers, start_trigger
from spatial.zones.queries import site_colours, sites_colours
from spatial.zones.set_colours import colours_of_sites, region_colours, site_grades
from tests.spatial.conftest import LAT, LON, NOW, square
from tests.spatial.risks.test_operations import make_point

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def start(cast):
    def do(kind: str, **changes):
        fields = {
            "site": cast.site,
            "kind": kind,
            "starts_at": NOW,
            "source_kind": "test",
            "source_id": kind,
            "source_label": kind,
            "edition": current_edition(on=NOW.date()),
            "now": NOW - timedelta(days=1),
        }
        return start_trigger(**(fields | changes))

    return do


@pytest.fixture
def inner_zone(cast, zone_of_site):
    return create_zone(
        site=cast.site,
        code="pit-edge",
        name="坑边",
        kind="edge",
        outline=square(0.0005),
        bottom_m=95.0,
        top_m=105.0,
        parent=zone_of_site,
        actor=cast.manager,
        now=NOW,
    )


def assert_sql_agrees(sites, now) -> None:
    """Every grade and index that the statement gives is the rule's."""
    colours = sites_colours(sites, now=now)
    expected = {("site", str(c.site_id)): (c.grade, c.site.index) for c in colours.values()}
    for site in colours.values():
        expected |= {("zone", str(key)): (zone.grade, zone.index) for key, zone in site.zones.items()}
        expected |= {("point", str(key)): (point.grade, None) for key, point in site.risk_points.items()}
    found = {}
    for row in colours_of_sites(sites, now=now):
        found[(row.kind, row.id)] = (row.grade, None if row.index is None else round(row.index, 2))
    assert found == expected


def test_a_point_belongs_to_every_zone_that_covers_it_in_plan_and_height(cast, zone_of_site, inner_zone):
    inside = make_point(cast, "R-1")
    beside = make_point(cast, "R-2", lon=LON + 0.0008)
    outside = make_point(cast, "R-3", lon=LON + 0.003)
    above = make_point(cast, "R-4", anchor=place_anchor(site=cast.site, lon=LON, lat=LAT, height_m=106.0))
    colours = site_colours(cast.site, now=NOW)
    assert set(colours.zones_of_points[inside.pk]) == {zone_of_site.pk, inner_zone.pk}
    assert colours.zones_of_points[beside.pk] == (zone_of_site.pk,)
    assert colours.zones_of_points[outside.pk] == ()
    assert colours.zones_of_points[above.pk] == (zone_of_site.pk,)
    assert (colours.grade, colours.zones[zone_of_site.pk].index) == (3, 38.59)
    assert_sql_agrees([cast.site], NOW)


def test_an_edge_of_a_zone_is_in_it_and_a_line_that_leaves_it_is_not(cast, zone_of_site):
    line = LineString((LON, LAT, 100), (LON + 0.0005, LAT, 110), srid=4490)
    leaving = LineString((LON, LAT, 100), (LON, LAT, 110.01), srid=4490)
    on_edge = make_point(cast, "R-1", anchor=place_anchor(site=cast.site, geometry=line))
    too_high = make_point(cast, "R-2", anchor=place_anchor(site=cast.site, geometry=leaving))
    colours = site_colours(cast.site, now=NOW)
    assert colours.zones_of_points[on_edge.pk] == (zone_of_site.pk,)
    assert colours.zones_of_points[too_high.pk] == ()
    assert_sql_agrees([cast.site], NOW)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("point", {"point": 4, "outer": 4, "inner": 4, "site": 4}),
        ("inner", {"point": 3, "outer": 4, "inner": 4, "site": 4}),
        ("outer", {"point": 3, "outer": 4, "inner": 3, "site": 4}),
        ("place", {"point": 3, "outer": 4, "inner": 3, "site": 4}),
        ("far", {"point": 3, "outer": 3, "inner": 3, "site": 4}),
        ("nowhere", {"point": 3, "outer": 3, "inner": 3, "site": 4}),
        ("retired", {"point": 3, "outer": 3, "inner": 3, "site": 4}),
    ],
)
def test_a_trigger_counts_where_it_says(cast, zone_of_site, inner_zone, start, target, expected):
    point = make_point(cast)
    retired = create_zone(
        site=cast.site,
        code="old",
        name="旧区",
        kind="area",
        outline=square(0.002),
        bottom_m=None,
        top_m=None,
        actor=None,
        now=NOW,
    )
    retired.active = False
    retired.save()
    places = {
        "point": {"risk_point": point},
        "inner": {"zone": inner_zone},
        "outer": {"zone": zone_of_site},
        "place": {"location": Point(LON + 0.0008, LAT, 100, srid=4490)},
        "far": {"location": Point(LON + 0.004, LAT, 100, srid=4490)},
        "nowhere": {},
        "retired": {"zone": retired},
    }
    start("HAZ_GENERAL_OVERDUE", **places[target])
    colours = site_colours(cast.site, now=NOW)
    assert {
        "point": colours.risk_points[point.pk].grade,
        "outer": colours.zones[zone_of_site.pk].grade,
        "inner": colours.zones[inner_zone.pk].grade,
        "site": colours.grade,
    } == expected
    assert_sql_agrees([cast.site], NOW)


def test_rule_and_sql_agree_at_every_moment_of_fading(cast, zone_of_site, inner_zone, start):
    point = make_point(cast, residual_grade=1)
    start("ALARM_RED", zone=inner_zone, starts_at=NOW - 3 * HOUR)
    end_triggers(source_kind="test", source_id="ALARM_RED", at=NOW - HOUR)
    start("HAZ_GENERAL_OVERDUE", risk_point=point, starts_at=NOW + HOUR)
    start("CONTROL_MISSED", risk_point=point, starts_at=NOW - HOUR)
    start("MANUAL_RAISE", zone=zone_of_site, floor=3, starts_at=NOW - 2 * HOUR)
    at, moments = NOW, []
    while at is not None and len(moments) < 20:
        moments.append(at)
        assert_sql_agrees([cast.site], at - timedelta(microseconds=1))
        assert_sql_agrees([cast.site], at)
        at = site_colours(cast.site, now=at).next_change_at
    steps = [(moment - NOW) / HOUR for moment in moments]
    assert steps == [0, 0.5, 1, 22]


def test_the_number_of_queries_does_not_grow(cast, zone_of_site, start):
    def count(sites) -> int:
        with CaptureQueriesContext(connection) as captured:
            sites_colours(sites, now=NOW)
        return len(captured)

    start("ALARM_RED", location=Point(LON, LAT, 100, srid=4490))
    make_point(cast, "R-0")
    site_colours(cast.site, now=NOW)
    few = count([cast.site])
    for number in range(1, 9):
        make_point(cast, f"R-{number}")
        start("ALARM_RED", location=Point(LON, LAT, 100, srid=4490), source_id=f"more-{number}")
    assert count([cast.site]) == few
    assert few <= 8


def test_a_region_is_a_weighted_share_of_its_sites_and_counts_for_the_one_above(cast, start):
    cast.site.people_count = 40
    cast.site.save()
    start("HAZ_GENERAL_OVERDUE")
    assert site_grades([cast.site], now=NOW) == {cast.site.pk: 4}
    colours = region_colours([cast.site], now=NOW)
    district = cast.site.region
    city = Region.objects.get(code="410100")
    assert set(colours) == {district.pk, city.pk}
    assert (colours[district.pk].grade, colours[district.pk].score) == (4, 100.0)
    assert colours[city.pk].counts == {4: 1, 3: 0, 2: 0, 1: 0, 0: 0}


def test_a_site_with_nothing_is_grey_and_never_changes(cast):
    colours = site_colours(cast.site, now=NOW)
    assert (colours.grade, colours.reasons, colours.next_change_at) == (0, (), None)
    assert_sql_agrees([cast.site], NOW)
    assert sites_colours([], now=NOW) == {}


def test_no_job_has_to_run_for_a_zone_to_be_red(cast, zone_of_site, start):
    start("HAZ_GENERAL_OVERDUE", zone=zone_of_site, starts_at=NOW + HOUR)
    with CaptureQueriesContext(connection) as captured:
        assert site_colours(cast.site, now=NOW + HOUR).grade == 4
    written = [q["sql"] for q in captured if q["sql"].lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE"))]
    assert written == []


def test_an_outline_in_another_crs_is_stored_in_cgcs2000(cast):
    ring = Polygon.from_bbox((478900, 3848400, 479000, 3848500))
    ring.srid = 4547
    zone = create_zone(
        site=cast.site,
        code="grid",
        name="网格",
        kind="area",
        outline=ring,
        bottom_m=None,
        top_m=None,
        actor=None,
        now=NOW,
    )
    zone.refresh_from_db()
    assert zone.outline.srid == 4490
    assert zone.outline.extent == pytest.approx((113.76966, 34.76379, 113.77076, 34.76470), abs=2e-4)
