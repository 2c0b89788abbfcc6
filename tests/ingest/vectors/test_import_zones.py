"""Zones from GeoJSON: all of them or none, each problem by feature number and field."""

import json

import pytest

from ingest.vectors.operations import import_zones
from ingest.vectors.zones_geojson import ZonesRefused
from spatial import crs
from spatial.fences.models import FenceProfile
from spatial.ledger.models import Act
from spatial.zones.models import Zone
from tests.ingest.cast import START, rectangle

pytestmark = pytest.mark.django_db


def feature(code, west=30, size=10, **properties):
    geometry = json.loads(rectangle(west, 30, west + size, 30 + size).geojson)
    return {
        "type": "Feature",
        "geometry": geometry,
        "properties": {"code": code, "name": f"区域{code}", "kind": "edge", **properties},
    }


def collection(*features, **more):
    return json.dumps({"type": "FeatureCollection", "features": list(features), **more}).encode()


def run(cast, content):
    return import_zones(site=cast.site, content=content, file_name="zones.geojson", actor=None, now=START)


def test_zones_are_created_in_file_order_with_parents_storeys_heights_and_fences(cast):
    zones = run(
        cast,
        collection(
            feature("B", parent="A", bottom_m=95, top_m=97.5, fence={"rule": "P-01", "enter_fixes": 3}),
            feature("A", west=25, size=40, storeys=["F1"], fence=None),
        ),
    )
    assert [(zone.code, zone.parent and zone.parent.code) for zone in zones] == [("B", "A"), ("A", None)]
    assert (zones[0].bottom_m, zones[0].top_m, zones[0].name) == (95.0, 97.5, "区域B")
    assert list(zones[1].storeys.all()) == [cast.ground_floor]
    fence = FenceProfile.objects.get(zone=zones[0])
    assert (fence.rule, fence.enter_fixes, fence.leave_fixes) == ("P-01", 3, 2)
    assert not FenceProfile.objects.filter(zone=zones[1]).exists()
    assert Act.objects.get(verb="import_zones").details["zones"] == ["B", "A"]


def test_a_declared_projected_crs_is_honoured(cast):
    plain = run(cast, collection(feature("A")))[0]
    moved = feature("B")
    ring = moved["geometry"]["coordinates"][0][0]
    moved["geometry"]["coordinates"][0][0] = [
        list(crs.transform_point(lon, lat, from_srid=4490, to_srid=4547)) for lon, lat in ring
    ]
    declared = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4547"}}
    zone = run(cast, collection(moved, crs=declared))[0]
    assert zone.outline.equals_exact(plain.outline, 1e-9)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"not json", "The file is not UTF-8 JSON"),
        (b"[]", "must be a GeoJSON FeatureCollection"),
        (collection(), "must be a GeoJSON FeatureCollection with at least one feature"),
        (collection(feature("A"), feature("A")), "Feature 2, code: A is also the code of feature 1."),
        (collection(feature("A"), feature("")), "Feature 2, code: is missing."),
        (collection(feature("PIT")), "Feature 1, code: PIT is a zone of this site already."),
        (collection(feature("A", kind="danger")), "Feature 1, kind: 'danger' is not one of"),
        (collection(feature("A", parent="Z")), "Feature 1, parent: there is no zone Z"),
        (collection(feature("A", parent="B"), feature("B", parent="A")), "hold each other"),
        (collection(feature("A", storeys=["F9"])), "Feature 1, storeys: F9 is not a storey of this site."),
        (collection(feature("A", bottom_m="9")), "Feature 1, bottom_m: must be a number of metres"),
        (collection(feature("A", bottom_m=9, top_m=9)), "Feature 1, bottom_m: The bottom (9.0 m) is not below"),
        (collection(feature("A", fence={"limit": 1})), "Feature 1, fence.limit: is unknown"),
        (collection(feature("A", fence={"rule": "P-99"})), "Feature 1, fence: P-99 is not an alarm rule"),
        (collection({**feature("A"), "geometry": None}), "Feature 1, geometry:"),
        (
            collection({**feature("A"), "geometry": {"type": "Point", "coordinates": [113.7, 34.7]}}),
            "Feature 1, geometry: The outline must be a polygon, not a Point.",
        ),
        (
            collection(
                {
                    **feature("A"),
                    "geometry": {
                        "type": "Polygon",
                        "coordinates": [[[113.7, 34.7], [113.8, 34.8], [113.8, 34.7], [113.7, 34.8], [113.7, 34.7]]],
                    },
                }
            ),
            "Feature 1, geometry: The outline is not a valid polygon: Self-intersection",
        ),
        (
            collection(
                {
                    **feature("A"),
                    "geometry": {
                        "type": "Polygon",
                        "coordinates": [[[34.7, 113.7], [34.8, 113.7], [34.8, 113.8], [34.7, 113.7]]],
                    },
                }
            ),
            "Feature 1, geometry:",
        ),
        (collection(feature("A"), crs={"type": "name", "properties": {"name": "GCJ-02"}}), "crs 'GCJ-02' cannot"),
    ],
)
def test_a_file_with_a_problem_is_refused_whole_and_the_problem_is_named(cast, content, problem):
    acts = Act.objects.count()
    with pytest.raises(ZonesRefused) as error:
        run(cast, content)
    assert problem in str(error.value)
    assert list(Zone.objects.filter(site=cast.site).values_list("code", flat=True)) == ["PIT"]
    assert Act.objects.count() == acts


def test_zones_far_from_the_site_are_refused_and_no_offset_is_guessed(cast):
    cast.site.location = cast.pit.outline.centroid
    cast.site.save()
    shifted = feature("A")
    for point in shifted["geometry"]["coordinates"][0][0]:
        point[0] += 0.05
    with pytest.raises(ZonesRefused, match=r"Feature 1, geometry: lies 4\.\d km from the site; .*never guessed"):
        run(cast, collection(shifted))
    assert Zone.objects.filter(site=cast.site).count() == 1
