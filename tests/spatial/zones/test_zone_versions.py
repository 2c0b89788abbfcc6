"""A zone is revised in versions and withdrawn, never deleted; what does not fit leaves nothing behind."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.gis.geos import Polygon

from spatial.fences.operations import create_fence
from spatial.fences.queries import site_fences
from spatial.ledger.models import Act
from spatial.notices.models import Event
from spatial.places.operations import create_building, create_storey, place_anchor
from spatial.rulebook.queries import current_edition
from spatial.zones.fitting import examine_on_site, shape_of
from spatial.zones.models import Zone, ZoneVersion
from spatial.zones.operations import ZoneRefused, create_zone, end_triggers, revise_zone, start_trigger, withdraw_zone
from spatial.zones.queries import site_colours
from tests.spatial.conftest import LAT, LON, NOW, square

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def rows():
    return (
        list(Zone.objects.order_by("pk").values()),
        list(ZoneVersion.objects.order_by("pk").values()),
        Act.objects.count(),
        Event.objects.count(),
    )


def refuses(code: str, run) -> ZoneRefused:
    before = rows()
    with pytest.raises(ZoneRefused) as refusal:
        run()
    assert refusal.value.code == code, str(refusal.value)
    assert rows() == before
    return refusal.value


def revise(cast, zone, **changes) -> Zone:
    return revise_zone(zone=zone, changes=changes, reason="现场调整", accepted=(), actor=cast.officer, now=LATER)


def draw(cast, code="new", **changes) -> Zone:
    fields = {
        "site": cast.site, "code": code, "name": "新区", "kind": "area", "outline": square(0.0005), "bottom_m": 95.0,
        "top_m": 105.0, "accepted": (), "actor": cast.officer, "now": NOW,
    }  # fmt: skip
    return create_zone(**(fields | changes))


def test_a_revision_keeps_what_it_was_who_changed_it_when_and_why(cast, zone_of_site):
    revised = revise(cast, zone_of_site, name="二期基坑", top_m=108.0, outline=square(0.001))
    assert (revised.version, revised.name, revised.top_m) == (2, "二期基坑", 108.0)
    second, first = zone_of_site.versions.all()
    assert (second.number, second.recorded_by, second.recorded_at, second.reason) == (
        2,
        cast.officer,
        LATER,
        "现场调整",
    )
    assert second.changes["name"] == ["基坑", "二期基坑"]
    assert second.changes["top_m"] == [110.0, 108.0]
    before_m2, after_m2 = second.changes["outline"]
    assert before_m2 / after_m2 == pytest.approx(4, rel=1e-6)
    assert first.content["name"] == "基坑"
    assert first.outline.area / second.outline.area == pytest.approx(4)
    act = Act.objects.get(verb="revise_zone")
    assert (act.actor_id, act.details["version"], act.details["reason"]) == (cast.officer.pk, 2, "现场调整")
    assert Event.objects.latest("id").payload == {"zone": str(zone_of_site.pk), "code": "pit"}


def test_a_revision_without_a_reason_or_a_difference_or_of_an_old_version_is_refused(cast, zone_of_site):
    common = {"zone": zone_of_site, "actor": cast.officer, "now": LATER}
    refuses("no_reason", lambda: revise_zone(changes={"name": "坑"}, reason=" ", **common))
    refuses("nothing_changed", lambda: revise_zone(changes={"name": "基坑"}, reason="无", **common))
    refuses("changed_meanwhile", lambda: revise_zone(changes={"name": "坑"}, reason="改", expected_version=7, **common))
    refuses("no_name", lambda: revise(cast, zone_of_site, name=" "))
    draw(cast)
    refuses("code_taken", lambda: revise(cast, zone_of_site, code="new"))


def test_a_child_lies_in_its_parent_and_a_circle_of_parents_is_refused(cast, zone_of_site):
    child = draw(cast, parent=zone_of_site)
    grandchild = draw(cast, "in", parent=child, outline=square(0.0002))
    refusal = refuses("outside_parent", lambda: draw(cast, "out", parent=zone_of_site, outline=square(0.003)))
    assert refusal.findings[0].repair is not None
    refuses("outside_parent_height", lambda: draw(cast, "high", parent=zone_of_site, top_m=111.0))
    refuses("parent_cycle", lambda: revise(cast, child, parent=grandchild))
    refuses("parent_cycle", lambda: revise(cast, child, parent=child))
    refuses("child_outside", lambda: revise(cast, zone_of_site, outline=square(0.0004)))
    refuses("child_outside", lambda: revise(cast, zone_of_site, top_m=100.0))
    refuses("has_children", lambda: withdraw_zone(zone=child, reason="拆除", actor=cast.officer, now=LATER))


def test_an_import_too_may_not_leave_its_parent_or_be_too_small(cast, zone_of_site):
    refuses("outside_parent", lambda: draw(cast, parent=zone_of_site, outline=square(0.003), accepted=None))
    refuses("too_small", lambda: draw(cast, outline=square(0.000001), accepted=None))


def test_a_zone_partly_outside_the_site_is_written_only_when_that_is_accepted(cast):
    outline = square(0.004, lon=LON + 0.005)
    refuses("outside_site", lambda: draw(cast, outline=outline))
    zone = draw(cast, outline=outline, accepted=("outside_site",))
    assert Act.objects.get(verb="create_zone").details["accepted"] == ["outside_site"]
    assert zone.version == 1
    refuses("not_on_site", lambda: draw(cast, "far", outline=square(0.001, lon=LON + 0.1), accepted=("not_on_site",)))


def test_an_equal_zone_is_refused_by_name(cast, zone_of_site):
    refusal = refuses("equal_zone", lambda: draw(cast, outline=square(0.002), bottom_m=90.0, top_m=110.0))
    assert "pit" in str(refusal)
    draw(cast, outline=square(0.002), bottom_m=90.0, top_m=100.0)


def test_storeys_must_be_of_the_site_and_be_touched_by_the_heights(cast):
    building = create_building(site=cast.site, name="楼", zero_level_m=100.0)
    low = create_storey(building=building, name="1F", elevation_m=100.0, top_m=104.0, index=1)
    high = create_storey(building=building, name="9F", elevation_m=130.0, top_m=134.0, index=9)
    refusal = refuses("storey_elsewhere", lambda: draw(cast, storeys=[low, high]))
    assert refusal.values == {"storeys": "9F"}
    zone = draw(cast, storeys=[low])
    assert zone.versions.get().content["storeys"] == ["楼/1F"]
    revised = revise(cast, zone, storeys=[high], bottom_m=130.0, top_m=133.0)
    assert revised.versions.get(number=2).changes["storeys"] == [["楼/1F"], ["楼/9F"]]


def test_a_self_crossing_outline_is_found_with_its_place_and_refused_as_it_is(cast):
    ring = ((LON, LAT), (LON + 0.001, LAT + 0.001), (LON + 0.001, LAT), (LON, LAT + 0.001), (LON, LAT))
    examination = examine_on_site(
        site=cast.site, outline=shape_of(Polygon(ring, srid=4490)), bottom_m=95.0, top_m=99.0, storeys=()
    )
    (finding,) = examination.findings
    assert finding.code == "self_crossing"
    assert finding.at[0] == pytest.approx((LON + 0.0005, LAT + 0.0005), abs=1e-8)
    before = rows()
    with pytest.raises(ZoneRefused, match="not a valid polygon"):
        draw(cast, outline=Polygon(ring, srid=4490))
    assert rows() == before


def test_a_zone_with_live_causes_is_withdrawn_only_when_confirmed_and_its_causes_go_on(cast, zone_of_site):
    edition = current_edition(on=NOW.date())
    anchor = place_anchor(site=cast.site, lon=LON, lat=LAT, height_m=100.0)
    common = {
        "site": cast.site,
        "kind": "ALARM_RED",
        "starts_at": NOW,
        "source_kind": "alarm",
        "edition": edition,
        "now": NOW,
    }
    start_trigger(zone=zone_of_site, source_id="1", source_label="闯入", **common)
    start_trigger(location=anchor.geometry, source_id="2", source_label="跌倒", **common)
    start_trigger(zone=zone_of_site, source_id="3", source_label="旧警", **common)
    end_triggers(source_kind="alarm", source_id="3", at=NOW)

    def run(**more):
        return withdraw_zone(zone=zone_of_site, reason="回填完成", actor=cast.officer, now=LATER, **more)

    refusal = refuses("live_triggers", run)
    assert (refusal.values["count"], refusal.values["labels"]) == (2, "跌倒, 闯入")
    withdrawn = run(confirmed=True)
    assert (withdrawn.active, withdrawn.version) == (False, 2)
    assert Zone.objects.filter(pk=zone_of_site.pk).exists()
    assert zone_of_site.versions.get(number=2).changes == {"active": [True, False]}
    colours = site_colours(cast.site, now=LATER)
    assert (colours.zones, colours.grade) == ({}, 4)
    refuses("withdrawn", run)
    refuses("code_withdrawn", lambda: draw(cast, "pit"))
    refuses("parent_withdrawn", lambda: draw(cast, parent=zone_of_site))


def test_the_fence_of_a_danger_zone_follows_its_outline_and_ends_with_it(cast, zone_of_site):
    from spatial import crs

    create_fence(zone=zone_of_site, actor=cast.officer, now=NOW)
    east, north = crs.transform_point(LON + 0.0008, LAT, from_srid=4490, to_srid=cast.site.projected_srid)

    def inside() -> list:
        return list(site_fences(cast.site).index.covering(east, north, 100.0))

    assert inside() == [zone_of_site.pk]
    revise(cast, zone_of_site, outline=square(0.001))
    assert inside() == []
    revise(cast, zone_of_site, outline=square(0.003))
    assert inside() == [zone_of_site.pk]
    withdraw_zone(zone=zone_of_site, reason="拆除", actor=cast.officer, now=LATER)
    assert inside() == []
