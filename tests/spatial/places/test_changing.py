"""Places changed: what was and what is in one act; trees moved; spaces with heights; plans by their day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.db import IntegrityError, transaction

from spatial.ledger.models import Act
from spatial.places.changing import change_organisation, change_region, change_site, change_space, create_space
from spatial.places.models import Region, SiteMap, Space
from spatial.places.operations import (
    PlaceRefused,
    create_building,
    create_organisation,
    create_region,
    create_storey,
)
from spatial.places.queries import pictures_of, regions_on_the_way, site_counts, structure_counts
from tests.spatial.conftest import NOW

pytestmark = pytest.mark.django_db
SQUARE = Polygon(((113.77, 34.76), (113.78, 34.76), (113.78, 34.77), (113.77, 34.77), (113.77, 34.76)), srid=4490)


@pytest.fixture
def storey(cast):
    building = create_building(site=cast.site, name="1#", zero_level_m=100.0, now=NOW)
    return create_storey(building=building, name="1F", elevation_m=100.0, top_m=104.0, index=0, now=NOW)


def test_a_change_tells_what_was_and_what_is_and_nothing_when_nothing_differs(cast):
    changed = change_site(site=cast.site, fields={"name": "新名", "people_count": 120}, actor=cast.manager, now=NOW)
    assert changed == {"name": ["塔楼", "新名"], "people_count": [1, 120]}
    assert Act.objects.get(verb="change_site").details["changed"]["people_count"][1] == 120
    assert change_site(site=cast.site, fields={"name": "新名"}, actor=cast.manager, now=NOW) == {}
    assert Act.objects.filter(verb="change_site").count() == 1


def test_a_site_keeps_its_grid_and_a_crossing_boundary_is_refused(cast):
    with pytest.raises(PlaceRefused, match="stays EPSG:4547"):
        change_site(site=cast.site, fields={"projected_srid": 4548}, actor=None, now=NOW)
    bow = Polygon(((0, 0), (1, 1), (1, 0), (0, 1), (0, 0)), srid=4490)
    with pytest.raises(PlaceRefused, match="Self-intersection"):
        change_site(site=cast.site, fields={"boundary": bow}, actor=None, now=NOW)
    assert not Act.objects.filter(verb="change_site").exists()


def test_a_region_moves_with_its_towns_and_not_below_itself(cast):
    henan = create_region(code="410000", name="河南省", level="province")
    shandong = create_region(code="370000", name="山东省", level="province")
    city = create_region(code="410300", name="洛阳市", level="city", parent=henan)
    town = create_region(code="410302", name="老城区", level="district", parent=Region.objects.get(pk=city.pk))
    changed = change_region(region=Region.objects.get(pk=city.pk), fields={}, parent=shandong, actor=None, now=NOW)
    assert changed == {"parent": ["河南省", "山东省"]}
    assert [row.code for row in Region.objects.get(pk=town.pk).get_ancestors()] == ["370000", "410300"]
    with pytest.raises(PlaceRefused, match="cannot lie below"):
        change_region(region=Region.objects.get(pk=city.pk), fields={}, parent=Region.objects.get(pk=town.pk),
                      actor=None, now=NOW)  # fmt: skip
    top = change_region(region=Region.objects.get(pk=city.pk), fields={}, parent=None, actor=None, now=NOW)
    assert top == {"parent": ["山东省", None]} and Region.objects.get(pk=city.pk).depth == 1


def test_a_credit_code_belongs_to_one_organisation_and_none_to_many(cast):
    first = create_organisation(name="甲", code="91410100")
    create_organisation(name="乙")
    create_organisation(name="丙")
    with pytest.raises(IntegrityError), transaction.atomic():
        create_organisation(name="丁", code="91410100")
    assert change_organisation(row=first, fields={"name": "甲集团"}, parent=None, actor=None, now=NOW) == {
        "name": ["甲", "甲集团"]
    }


def test_a_space_has_an_outline_and_heights_and_a_number_of_its_own(cast, storey):
    outline = MultiPolygon(SQUARE, srid=4490)
    space = create_space(storey=storey, number="101", name="配电间", outline=outline, bottom_m=100.0, top_m=103.0,
                         actor=cast.manager, now=NOW)  # fmt: skip
    assert (space.site, space.organisation) == (cast.site, cast.site.organisation)
    assert Act.objects.get(verb="create_space").details == {"storey": "1F", "number": "101", "name": "配电间"}
    with pytest.raises(PlaceRefused, match=r"The bottom \(104.0 m\) is not below the top \(103.0 m\)"):
        change_space(space=space, fields={"bottom_m": 104.0}, actor=None, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        create_space(storey=storey, number="101", actor=None, now=NOW)
    assert Space.objects.count() == 1
    assert structure_counts([cast.site])[cast.site.pk] == {"buildings": 1, "storeys": 1, "spaces": 1}


def test_counts_are_of_visible_sites_at_or_below_each_node(cast):
    city, district = Region.objects.get(code="410100"), Region.objects.get(code="410105")
    create_region(code="410106", name="上街区", level="district", parent=city)
    assert site_counts(cast.manager, "region", 1) == {city.path: 1}
    assert site_counts(cast.manager, "region", 2) == {district.path: 1}
    assert site_counts(cast.stranger, "region", 1) == {}
    assert [row.code for row in regions_on_the_way(cast.manager).order_by("path")] == ["410100", "410105"]


def test_the_picture_that_is_valid_now_comes_first_and_days_to_come_last(cast):
    for name, days in (("old", -30), ("now", -1), ("next", 30)):
        SiteMap.objects.create(
            organisation=cast.site.organisation, site=cast.site, name=name, source_sha256="0" * 64,
            image_sha256="0" * 64, width_px=1, height_px=1, residual_rms_m=0.0, outline=SQUARE,
            valid_from=NOW + timedelta(days=days),
        )  # fmt: skip
    assert [row.name for row in pictures_of(cast.site, NOW)] == ["now", "old", "next"]
