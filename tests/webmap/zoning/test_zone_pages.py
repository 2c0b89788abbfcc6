"""Pages about zones: who sees what, in both languages, and taking many at once from models and files."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import ezdxf
import numpy as np
import pyogrio
import pytest
import shapely
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from spatial import crs
from spatial.places.models import Storey
from spatial.zones.models import Zone
from spatial.zones.operations import revise_zone
from tests.webmap.field_cast import BUILT_AT, LAT, LON, Cast
from tests.webmap.pages.test_languages import visible_words

from .test_zones_api import client_of

pytestmark = pytest.mark.django_db
PAGES = ("", "new/", "from-models/", "from-file/")
EAST, NORTH = crs.transform_point(LON, LAT, from_srid=4490, to_srid=4547)


def room(east: float = 0.0, north: float = 0.0, size: float = 10.0) -> shapely.Polygon:
    """Return a square in metres of the site's grid, off its middle."""
    return shapely.box(EAST + east, NORTH + north, EAST + east + size, NORTH + north + size)


def test_pages_are_for_those_who_see_the_site_and_drawing_for_those_who_may(cast: Cast) -> None:
    for page in PAGES:
        assert client_of(cast.manager).get(f"/sites/field/zones/{page}").status_code == 200, page
        assert client_of(cast.worker).get(f"/sites/field/zones/{page}").status_code == (403 if page else 200)
        assert client_of(cast.stranger).get(f"/sites/field/zones/{page}").status_code == 404
    one = f"/sites/field/zones/{cast.edge.pk}/"
    assert b"zone-form" in client_of(cast.safety).get(one).content
    assert b"zone-form" not in client_of(cast.worker).get(one).content
    assert client_of(cast.stranger).get(one).status_code == 404


@pytest.mark.parametrize("page", [*PAGES, "one"])
def test_pages_hold_no_english_in_chinese(cast: Cast, page: str) -> None:
    cast.manager.language = "zh-hans"
    cast.manager.save()
    common: dict[str, Any] = {"zone": cast.edge, "actor": cast.manager, "now": BUILT_AT}
    revise_zone(changes={"top_m": 99.0, "name": "临边"}, reason="改低", **common)
    path = f"{cast.edge.pk}/" if page == "one" else page
    answer = client_of(cast.manager).get(f"/sites/field/zones/{path}")
    words = visible_words(answer.content.decode()).replace("English", "").replace("Twinwall", "")
    words = re.sub(r"GeoJSON|GeoPackage|DXF|IfcSpace|IfcZone|GlobalId|bottom_m|top_m|WGS|CGCS|GCJ|EPSG", "", words)
    assert re.findall(r"[A-Za-z]{3,}(?:[ ,]+[A-Za-z]{2,})+", words) == []


def upload(client: Client, name: str, content: bytes, **fields: Any) -> Any:
    file = SimpleUploadedFile(name, content)
    return client.post("/sites/field/zones/from-file/", {"file": file, "crs": "file"} | fields)


def take(client: Client, shown: Any, **fields: Any) -> Any:
    """Send the second form of a preview back as a browser would."""
    context = shown.context
    body: dict[str, Any] = {"take": "1", "sha256": context["sha256"], "file_name": context["file_name"]}
    body |= {name: context["given"].get(name, "") for name in ("crs", "epsg", "bottom", "top")}
    for line in context["lines"]:
        draft = line["draft"]
        body |= {f"{word}-{draft.number}": getattr(draft, word) for word in ("code", "name", "kind")}
    body["pick"] = [str(line["draft"].number) for line in context["lines"] if line["ticked"]]
    return client.post("/sites/field/zones/from-file/", body | fields)


def collection(*shapes: shapely.Geometry, srid: int = 4547, **properties: Any) -> bytes:
    features = [
        {"type": "Feature", "properties": properties, "geometry": json.loads(shapely.to_geojson(shape))}
        for shape in shapes
    ]
    declared = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{srid}"}}
    return json.dumps({"type": "FeatureCollection", "crs": declared, "features": features}).encode()


def test_a_geojson_in_the_grid_is_shown_first_and_taken_with_exact_areas(cast: Cast) -> None:
    client = client_of(cast.manager)
    content = collection(room(), room(20, 0, 5), bottom_m=92.0, top_m=95.0, name="堆场")
    shown = upload(client, "zones.geojson", content)
    assert [(line["area_m2"], line["problems"], line["repairs"]) for line in shown.context["lines"]] == [
        (100.0, [], []),
        (25.0, [], []),
    ]
    assert Zone.objects.filter(site=cast.site).count() == 1
    assert take(client, shown).status_code == 302
    zones = Zone.objects.filter(name="堆场").order_by("code")
    assert [(zone.code, zone.bottom_m, zone.top_m) for zone in zones] == [("N001", 92.0, 95.0), ("N002", 92.0, 95.0)]


def test_zones_of_a_file_lie_in_each_other_whatever_their_order(cast: Cast) -> None:
    client = client_of(cast.manager)
    inner = json.loads(collection(room(2, 2, 4), code="B", parent="A", bottom_m=92.0, top_m=95.0))
    outer = json.loads(collection(room(), code="A", bottom_m=92.0, top_m=96.0))
    inner["features"] += outer["features"]
    assert take(client, upload(client, "z.geojson", json.dumps(inner).encode())).status_code == 302
    assert Zone.objects.get(code="B").parent == Zone.objects.get(code="A")
    alone = collection(room(20, 20), code="C", parent="X", bottom_m=92.0, top_m=95.0)
    answer = take(client, upload(client, "z.geojson", alone))
    assert (answer.status_code, "no zone X" in answer.context["error"]) == (422, True)
    assert not Zone.objects.filter(code="C").exists()


def test_a_broken_outline_of_a_file_is_taken_only_with_consent_to_its_repair(cast: Cast) -> None:
    client = client_of(cast.manager)
    x, y = EAST, NORTH
    bow_tie = shapely.Polygon([(x, y), (x + 10, y + 10), (x + 10, y), (x, y + 10)])
    shown = upload(client, "zones.geojson", collection(bow_tie, bottom_m=92.0, top_m=95.0))
    (line,) = shown.context["lines"]
    assert (line["area_m2"], len(line["repairs"])) == (50.0, 1)
    assert take(client, shown).status_code == 422
    assert not Zone.objects.filter(code="N001").exists()
    assert take(client, shown, repairs="on").status_code == 302
    assert Zone.objects.get(code="N001").versions.get().repairs == ["self_crossing"]


def test_a_geopackage_and_a_dxf_give_the_same_zone(cast: Cast, tmp_path: Path) -> None:
    client = client_of(cast.manager)
    pyogrio.raw.write(
        tmp_path / "z.gpkg", np.array([shapely.to_wkb(room())], dtype=object), [np.array(["包"], dtype=object)],
        ["name"], layer="zones", driver="GPKG", geometry_type="Polygon", crs="EPSG:4547",
    )  # fmt: skip
    drawing = ezdxf.new(units=4)
    corners = [((x - EAST) * 1000, (y - NORTH) * 1000) for x, y in room().exterior.coords[:-1]]
    shifted = [(x + EAST * 1000, y + NORTH * 1000) for x, y in corners]
    drawing.modelspace().add_lwpolyline(shifted, close=True, dxfattribs={"layer": "分区"})
    drawing.modelspace().add_lwpolyline(shifted[:3], dxfattribs={"layer": "分区"})
    text = io.StringIO()
    drawing.write(text)
    heights = {"bottom": "92", "top": "95"}
    packed = upload(client, "z.gpkg", (tmp_path / "z.gpkg").read_bytes(), **heights)
    drawn = upload(client, "z.dxf", text.getvalue().encode(), crs="4547", **heights)
    for shown, name in ((packed, "包"), (drawn, "分区")):
        (line,) = shown.context["lines"]
        assert (round(line["area_m2"], 3), line["bottom_m"], line["draft"].name) == (100.0, 92.0, name)
    assert drawn.context["left_out"] == "1 × LWPOLYLINE"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("zones.shp", b"x", "is not a GeoJSON"),
        ("zones.geojson", b"{", "cannot be read"),
        ("zones.dxf", b"not a drawing", "cannot be read"),
        ("zones.geojson", collection(shapely.LineString([(0, 0), (1, 1)])), "no closed outline"),
    ],
)
def test_a_file_without_zones_is_refused_in_a_sentence(cast: Cast, name: str, content: bytes, words: str) -> None:
    answer = upload(client_of(cast.manager), name, content)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert Zone.objects.filter(site=cast.site).count() == 1


def test_a_dxf_without_a_chosen_system_is_asked_for_it(cast: Cast) -> None:
    drawing = ezdxf.new()
    drawing.modelspace().add_lwpolyline([(0, 0), (9, 0), (9, 9)], close=True)
    text = io.StringIO()
    drawing.write(text)
    answer = upload(client_of(cast.manager), "z.dxf", text.getvalue().encode())
    assert answer.status_code == 422
    assert "choose the one that it was drawn in" in answer.content.decode()


def test_a_web_map_datum_is_converted_at_the_door(cast: Cast) -> None:
    degrees = crs.transform_shape(room(), from_srid=4547, to_srid=4490)
    shifted = shapely.transform(degrees, lambda places: np.array([crs.to_gcj02(x, y) for x, y in places]))
    content = collection(shifted, srid=4490, bottom_m=92.0, top_m=95.0)
    (line,) = upload(client_of(cast.manager), "z.geojson", content, crs="GCJ-02").context["lines"]
    assert line["area_m2"] == pytest.approx(100.0, abs=0.01)
    (line,) = upload(client_of(cast.manager), "z.geojson", content).context["lines"]
    assert "web map (GCJ-02)" in line["repairs"][0]


def test_storeys_of_a_file_that_the_site_has_not_are_named(cast: Cast) -> None:
    known = upload(client_of(cast.manager), "z.geojson", collection(room(), storeys=["2F"]))
    (line,) = known.context["lines"]
    assert (line["bottom_m"], line["top_m"], line["draft"].storeys) == (96.0, 99.0, (Storey.objects.get(),))
    (line,) = upload(client_of(cast.manager), "z.geojson", collection(room(), storeys="2F,9F")).context["lines"]
    assert (line["unknown"], line["disabled"]) == ("9F", True)
