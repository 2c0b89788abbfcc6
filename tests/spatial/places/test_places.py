"""Sites, storeys and anchors: stored in one CRS, found by height, seen by who may."""

from __future__ import annotations

import pytest
from django.contrib.gis.geos import Point, Polygon

from spatial.places.models import Anchor, Site
from spatial.places.operations import PlaceRefused, create_building, create_site, create_storey, place_anchor
from spatial.places.queries import storey_at, visible, visible_anchors
from tests.spatial.conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def storeys(cast):
    building = create_building(site=cast.site, name="1#", zero_level_m=100.0, now=NOW)
    rows = [("B1", 96.0, 100.0), ("1F", 100.0, 104.5), ("2F", 104.5, None)]
    return [
        create_storey(building=building, name=name, elevation_m=floor, top_m=top, index=index, now=NOW)
        for index, (name, floor, top) in enumerate(rows)
    ]


@pytest.mark.parametrize(
    ("height_m", "name"),
    [(95.99, None), (96.0, "B1"), (99.99, "B1"), (100.0, "1F"), (104.49, "1F"), (104.5, "2F"), (400.0, "2F")],
)
def test_a_height_lies_on_the_highest_floor_at_or_below_it(cast, storeys, height_m, name):
    found = storey_at(cast.site, height_m)
    assert (found.name if found else None) == name


def test_a_height_above_a_known_roof_has_no_storey(cast):
    building = create_building(site=cast.site, name="2#", zero_level_m=100.0, now=NOW)
    create_storey(building=building, name="1F", elevation_m=100.0, top_m=104.0, index=1, now=NOW)
    assert storey_at(cast.site, 104.0) is None


def test_a_boundary_in_grid_coordinates_is_stored_in_cgcs2000(cast):
    ring = Polygon(((465600, 3846500), (465700, 3846500), (465700, 3846600), (465600, 3846500)), srid=4547)
    site = create_site(
        code="grid",
        name="网格",
        organisation=cast.site.organisation,
        boundary=ring,
        projected_srid=4547,
        actor=cast.manager,
        now=NOW,
    )
    assert site.boundary.srid == 4490
    assert site.boundary[0][0] == pytest.approx((113.62432859, 34.74619055), abs=1e-8)
    assert site.boundary.contains(site.location)


@pytest.mark.parametrize(
    "change",
    [
        {"time_zone": "Mars/Olympus"},
        {"projected_srid": 4490},
        {"boundary": Polygon(((0, 0), (1, 1), (1, 0), (0, 1), (0, 0)), srid=4490)},
        {"boundary": Polygon(((0, 0), (1, 1), (1, 0), (0, 0)))},
    ],
)
def test_a_site_that_cannot_be_is_refused_and_leaves_nothing(cast, change):
    fields = {"code": "x", "name": "x", "organisation": cast.site.organisation, "projected_srid": 4547}
    before = Site.objects.count()
    with pytest.raises(PlaceRefused):
        create_site(**(fields | change), actor=cast.manager, now=NOW)
    assert Site.objects.count() == before


def test_an_anchor_takes_the_ground_and_the_storey_where_none_is_given(cast, storeys):
    ground = place_anchor(site=cast.site, lon=113.77, lat=34.765)
    assert (ground.geometry.z, ground.storey.name) == (100.0, "1F")
    high = place_anchor(
        site=cast.site,
        lon=113.77,
        lat=34.765,
        height_m=105.0,
        element_global_id="2O2Fr$t4X7Zf8NOew3FLOH",
        offset_m=[0.1, 0.2, 0.3],
    )
    assert high.storey.name == "2F"
    in_grid = place_anchor(site=cast.site, geometry=Point(465661.6505, 3846545.194, 110.5, srid=4547))
    assert in_grid.geometry.coords == pytest.approx((113.625, 34.7466, 110.5), abs=1e-8)
    assert set(visible_anchors(cast.worker)) == {ground, high, in_grid}
    assert list(visible_anchors(cast.stranger)) == []


@pytest.mark.parametrize(
    "change",
    [
        {"lon": 181.0},
        {"lat": None},
        {"element_global_id": "too short"},
        {"geometry": Point(113.77, 34.765, srid=4490)},
        {"geometry": Point(1, 2, 3)},
    ],
)
def test_an_anchor_that_cannot_be_is_refused(cast, change):
    with pytest.raises(PlaceRefused):
        place_anchor(**({"site": cast.site, "lon": 113.77, "lat": 34.765, "height_m": 1.0} | change))
    assert Anchor.objects.count() == 0


def test_sites_are_seen_from_their_site_organisation_and_region(cast):
    assert list(visible(cast.worker)) == [cast.site]
    assert list(visible(cast.town)) == [cast.site]
    assert [site.code for site in visible(cast.stranger)] == ["far"]
