"""The demo's zones, walks, site plan, district and risks, as pure data."""

from __future__ import annotations

import json
from itertools import pairwise
from math import hypot
from pathlib import Path

import numpy as np
import pytest
import shapely
from PIL import Image
from shapely.geometry import Point, Polygon

from bim.ifc.demo_project import dimensions as d
from bim.ifc.demo_project import site_layout
from bim.ifc.demo_project.georeference import to_height, to_map
from webmap.demo import cast, district, risk_catalogue, risk_points, routes, site_plan, zones
from webmap.demo.placing import to_lon_lat

MODEL_KEYS_MISSING = "The model has no element of this key."


def _shape(zone: zones.DemoZone) -> Polygon:
    return Polygon(zone.outline, [list(hole) for hole in zone.holes])


def _samples(walk: routes.Walk) -> list[tuple[float, float, float]]:
    """Local points every 0.25 m along the closed round, and how high the helmet is there."""
    points = []
    ring = [*walk.waypoints, walk.waypoints[0]]
    for a, b in pairwise(ring):
        steps = max(1, int(hypot(b.x - a.x, b.y - a.y) / 0.25))
        for step in range(steps):
            share = step / steps
            points.append((a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share, a.z + (b.z - a.z) * share))
    return points


def _entered(walk: routes.Walk) -> set[str]:
    found = set()
    reach = walk.accuracy_m * 1.5
    for zone in zones.demo_zones():
        if not zone.fenced:
            continue
        area = _shape(zone).buffer(reach) if walk.code not in routes.INTRUDERS else _shape(zone)
        if any(zone.bottom_z <= z <= zone.top_z and area.contains(Point(x, y)) for x, y, z in _samples(walk)):
            found.add(zone.code)
    return found


def test_there_are_thirty_five_zones_in_the_site_and_each_is_a_valid_polygon_inside_the_fence() -> None:
    found = zones.demo_zones()
    site = Polygon(site_layout.BOUNDARY)
    assert [zone.code for zone in found] == [f"Z{number:02d}" for number in range(1, 36)]
    by_code = {zone.code: zone for zone in found}
    for zone in found:
        if zone.parent is not None:
            parent = by_code[zone.parent]
            assert _shape(parent).buffer(0.01).covers(_shape(zone)), "a zone lies in its parent"
            assert parent.bottom_z <= zone.bottom_z < zone.top_z <= parent.top_z
        assert _shape(zone).is_valid
        assert zone.bottom_z < zone.top_z
        assert zone.code == "Z04" or site.covers(_shape(zone)), zone.name


def test_the_geojson_gives_yellow_sea_heights_storey_and_fence() -> None:
    collection = json.loads(json.dumps(zones.zones_geojson(), ensure_ascii=False))
    by_code = {feature["properties"]["code"]: feature for feature in collection["features"]}
    edge = by_code[zones.OVERDUE_ZONE]["properties"]
    assert edge["name"] == "四层裙房屋面东侧临边"
    assert (edge["bottom_m"], edge["top_m"]) == (103.2, 106.6)
    assert edge["storeys"] == ["四层"]
    assert edge["fence"]["rule"] == "P-01"
    assert edge["parent"] is None
    assert by_code["Z16"]["properties"]["parent"] == "Z23"
    ring = by_code["Z02"]["geometry"]["coordinates"]
    assert len(ring) == 2
    assert shapely.geometry.shape(by_code["Z02"]["geometry"]).is_valid


def test_forty_helmets_walk_at_walking_pace_and_close_their_rounds() -> None:
    walks = routes.demo_walks()
    assert [walk.code for walk in walks] == [routes.helmet_code(number) for number in range(1, 41)]
    for walk in walks:
        for a, b in pairwise([*walk.waypoints, walk.waypoints[0]]):
            assert 0.6 <= a.speed_m_s <= 1.4
            assert abs(b.z - a.z) <= hypot(b.x - a.x, b.y - a.y), "nobody flies"
    storeys = {round(walk.waypoints[0].z - routes.HELMET_M, 3) for walk in walks}
    assert {d.LEVEL[code].elevation_m for code in ("B01", "F01", "F04", "F10", "F13", "RF")} <= storeys


@pytest.mark.parametrize("walk", routes.demo_walks(), ids=lambda walk: walk.code)
def test_only_the_two_intruders_enter_a_danger_zone_and_each_only_its_own(walk: routes.Walk) -> None:
    expected = {"pit": {zones.PIT_EDGE_ZONE}, "lifting": {zones.LIFTING_ZONE}}
    assert _entered(walk) == expected.get(routes.INTRUDERS.get(walk.code, ""), set())


def test_no_walker_comes_near_the_zone_of_the_overdue_ticket() -> None:
    zone = next(zone for zone in zones.demo_zones() if zone.code == zones.OVERDUE_ZONE)
    area = _shape(zone).buffer(5.0)
    for walk in routes.demo_walks():
        assert not any(zone.bottom_z <= z <= zone.top_z and area.contains(Point(x, y)) for x, y, z in _samples(walk))


@pytest.mark.parametrize("code", sorted(routes.INTRUDERS))
def test_an_intruder_comes_back_every_sixty_to_ninety_seconds(code: str) -> None:
    walk = next(walk for walk in routes.demo_walks() if walk.code == code)
    ring = [*walk.waypoints, walk.waypoints[0]]
    seconds = sum(hypot(b.x - a.x, b.y - a.y) / a.speed_m_s + a.pause_s for a, b in pairwise(ring))
    assert 60.0 <= seconds <= 90.0


def test_the_control_points_fix_one_affine_map_exactly() -> None:
    points = site_plan.control_points()
    assert len(points) == 8
    pixels = np.array([[*point["pixel"], 1.0] for point in points])
    targets = np.array([point["map"] for point in points])
    solution, *_ = np.linalg.lstsq(pixels, targets, rcond=None)
    assert np.abs(pixels @ solution - targets).max() < 0.002
    assert hypot(*solution[0]) == pytest.approx(1 / 11.0, rel=1e-4)
    origin = next(point for point in points if point["name"] == "轴线1-A")
    assert origin["map"] == list(to_map(0.0, 0.0))


def test_the_site_plan_shows_the_pit_where_the_pit_is(tmp_path: Path) -> None:
    site_plan.draw_site_plan(tmp_path / "plan.png")
    picture = Image.open(tmp_path / "plan.png").convert("RGB")
    assert picture.size == (2400, 1870)
    column, row = (87.0 - site_plan.LOWER_LEFT[0]) * 11, 1870 - (8.0 - site_plan.LOWER_LEFT[1]) * 11
    assert picture.getpixel((int(column), int(row))) == (176, 152, 118)
    column, row = (69.0 - site_plan.LOWER_LEFT[0] + 1.5) * 11, 1870 - (0.0 - site_plan.LOWER_LEFT[1]) * 11
    assert picture.getpixel((int(column), int(row))) == (176, 178, 180)


def test_the_towns_fill_the_district_without_overlap_and_hold_their_sites() -> None:
    whole = Polygon(district.district_ring())
    towns = {town.code: Polygon(town.ring) for town in district.TOWNS}
    assert len(towns) == 4
    assert sum(town.area for town in towns.values()) == pytest.approx(whole.area, rel=1e-9)
    assert shapely.union_all(list(towns.values())).symmetric_difference(whole).area < 1e-12
    assert len(district.SITES) == 24
    for site in district.SITES:
        assert towns[site.town].covers(Polygon(site.ring())), site.name
    assert towns[district.DEMO_SITE_TOWN].covers(Point(to_lon_lat(30.0, 20.0)))
    boxes = [Polygon(site.ring()) for site in district.SITES]
    assert not any(a.intersects(b) for i, a in enumerate(boxes) for b in boxes[i + 1 :])


def test_every_risk_point_names_an_element_of_the_model_and_a_known_kind() -> None:
    from datetime import UTC, datetime

    from bim.ifc.demo_project.identity import global_id
    from bim.ifc.demo_project.write import compose_demo_project

    ids = {element.GlobalId for element in compose_demo_project(datetime(2026, 1, 1, tzinfo=UTC)).by_type("IfcElement")}
    points = risk_points.demo_risk_points()
    assert 30 <= len(points) <= 60
    for point in points:
        assert global_id(point.element) in ids, f"{MODEL_KEYS_MISSING} {point.element}"
        assert point.template in risk_catalogue.TEMPLATES
    for monitor in cast.monitors():
        assert global_id(monitor.element) in ids, f"{MODEL_KEYS_MISSING} {monitor.element}"
    overdue = next(point for point in points if point.code == risk_points.OVERDUE_RISK_POINT)
    zone = next(zone for zone in zones.demo_zones() if zone.code == zones.OVERDUE_ZONE)
    assert _shape(zone).contains(Point(overdue.at[:2]))
    assert zone.bottom_z <= overdue.at[2] <= zone.top_z


def test_no_risk_of_the_demo_site_is_red_by_itself() -> None:
    used = {point.template for point in risk_points.demo_risk_points()}
    assert all(risk_catalogue.TEMPLATES[name].residual_grade <= 3 for name in used)
    for template in risk_catalogue.TEMPLATES.values():
        for source in template.sources:
            assert {"engineering", "management"} & {kind for kind, _ in source.measures}


def test_forty_people_wear_forty_helmets() -> None:
    people = cast.wearers()
    assert len({person.full_name for person in people}) == 40
    assert [person.helmet for person in people] == [walk.code for walk in routes.demo_walks()]
    assert {person.account for person in people} == {None, "worker", "safety"}


def test_heights_are_yellow_sea() -> None:
    assert to_height(d.LEVEL["F04"].elevation_m) == pytest.approx(103.6)
