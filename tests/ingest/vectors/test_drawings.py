"""Drawings read by layers and placed on the ground, by their coordinates or by control points."""

from __future__ import annotations

import io

import ezdxf
import pytest
import shapely
from ezdxf import units

from ingest.rasters.affine import ControlPoint
from ingest.vectors.drawings.operations import import_drawing, shapes_geojson
from ingest.vectors.drawings.placing import Placing, place_drawing
from ingest.vectors.drawings.reading import read_drawing
from ingest.vectors.places.operations import ImportRefused, keep_file
from ingest.vectors.places.problems import FieldRefused, FileRefused
from spatial import crs, media
from spatial.ledger.models import Act
from spatial.notices.models import Event
from spatial.places.models import SiteDrawing
from tests.ingest.cast import PIT_EAST, PIT_NORTH, SRID, START, place
from tests.ingest.vectors.place_files import geojson

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def dxf(
    *, unit: int = units.M, scale: float = 1.0, east: float = PIT_EAST, north: float = PIT_NORTH, version: str = "R2010"
) -> bytes:
    """A fence of 100 x 50 m, a tower crane as a block on layer 0 with a circle of 40 m, and its name."""
    document = ezdxf.new(version, units=unit)
    document.encoding = "gbk"  # up to 2004 a drawing has the code page of its computer
    document.layers.add("围挡", color=1)
    document.layers.add("塔吊", color=7)
    block = document.blocks.new("CRANE")
    block.add_circle((0, 0), 40 * scale, dxfattribs={"layer": "0"})
    space = document.modelspace()
    corners = [(0, 0), (100, 0), (100, 50), (0, 50), (0, 0)]
    fence = [((east + x) * scale, (north + y) * scale) for x, y in corners]
    space.add_polyline2d(fence, dxfattribs={"layer": "围挡"})
    middle = ((east + 50) * scale, (north + 25) * scale)
    space.add_blockref("CRANE", middle, dxfattribs={"layer": "塔吊"})
    space.add_text("1#塔吊", dxfattribs={"layer": "塔吊", "insert": middle, "height": 2 * scale})
    out = io.StringIO()
    document.write(out)
    return out.getvalue().encode(document.output_encoding)


def near_site(cast):
    """The cast's site with a location at the pit."""
    cast.site.location = f"SRID=4490;POINT({place(0, 0)[0]} {place(0, 0)[1]})"
    cast.site.save()
    cast.site.refresh_from_db()
    return cast.site


@pytest.mark.parametrize("version", ["R12", "R2000", "R2018"])
def test_layers_are_read_with_blocks_on_the_layer_where_they_were_put(version):
    drawing = read_drawing(dxf(version=version), "总平面.dxf")
    assert {name: (len(layer.shapes), [t[2] for t in layer.texts]) for name, layer in drawing.layers.items()} == {
        "围挡": (1, []), "塔吊": (1, ["1#塔吊"]),
    }  # fmt: skip
    assert drawing.layers["围挡"].colour == "#ff0000" and drawing.layers["塔吊"].colour == "#30445a"
    circle = drawing.layers["塔吊"].shapes[0]
    assert circle.length == pytest.approx(2 * 3.14159265 * 40, rel=1e-3)


@pytest.mark.parametrize(
    ("unit", "scale", "word"), [(units.M, 1.0, "m"), (units.MM, 1000.0, "mm"), (units.CM, 100.0, "cm")]
)
def test_a_drawing_in_any_unit_lies_where_its_coordinates_say(cast, unit, scale, word):
    site = near_site(cast)
    drawing = read_drawing(dxf(unit=unit, scale=scale), "a.dxf")
    assert drawing.unit == word
    placed = place_drawing(drawing, Placing(("围挡",), word, f"EPSG:{SRID}"), site)
    corners = placed.layers[0].shapes[0].coords
    assert corners[0] == pytest.approx(place(0, 0), abs=1e-9)
    assert corners[2] == pytest.approx(place(100, 50), abs=1e-9)
    assert placed.count == 1  # the crane's layer was not chosen


def test_a_drawing_with_its_own_grid_is_placed_by_control_points(cast):
    site = near_site(cast)
    drawing = read_drawing(dxf(east=0, north=0, unit=units.MM, scale=1000.0), "a.dxf")
    turned = [(0, 0), (100_000, 0), (100_000, 50_000), (0, 50_000)]  # a quarter turn: x runs north, y runs west
    points = tuple(ControlPoint(x, y, PIT_EAST - y / 1000, PIT_NORTH + x / 1000) for x, y in turned)
    placed = place_drawing(drawing, Placing(("围挡", "塔吊"), "mm", "", points), site)
    corners = next(layer for layer in placed.layers if layer.name == "围挡").shapes[0].coords
    assert corners[0] == pytest.approx(place(0, 0), abs=1e-9)
    assert corners[2] == pytest.approx(place(-50, 100), abs=1e-9)
    assert placed.fit.rms_m == pytest.approx(0, abs=1e-6)


def test_control_points_that_do_not_fit_are_refused_with_the_worst(cast):
    site = near_site(cast)
    drawing = read_drawing(dxf(east=0, north=0), "a.dxf")
    rows = [(0, 0), (100, 0), (100, 50), (0, 50)]
    points = [ControlPoint(x, y, PIT_EAST + x, PIT_NORTH + y) for x, y in rows]
    points.append(ControlPoint(50, 25, PIT_EAST + 58, PIT_NORTH + 25))
    with pytest.raises(FieldRefused) as refused:
        place_drawing(drawing, Placing(("围挡",), "m", "", tuple(points)), site)
    assert refused.value.problem.field == "points"
    assert str(refused.value) == (
        "The control points do not fit: RMS 3.20 m, more than 0.5 m. The worst is point 5 with 6.40 m."
    )


@pytest.mark.parametrize(
    ("content", "placing", "words"),
    [
        (dxf(unit=units.MM), Placing(("围挡",), "mm", f"EPSG:{SRID}"), "lies outside China"),
        (dxf(east=PIT_EAST + 9000), Placing(("围挡",), "m", f"EPSG:{SRID}"), "km from the site: check its unit"),
        (dxf(east=PIT_NORTH, north=PIT_EAST), Placing(("围挡",), "m", f"EPSG:{SRID}"), "have east and north swapped"),
        (dxf(east=PIT_EAST + 38e6), Placing(("围挡",), "m", f"EPSG:{SRID}"), "declare EPSG:4526"),
        (dxf(), Placing((), "m", f"EPSG:{SRID}"), "Choose at least one layer with lines."),
        (dxf(east=0, north=0), Placing(("围挡",), "m", f"EPSG:{SRID}"), "are degrees, but EPSG:4547 is in metres"),
    ],
)
def test_a_drawing_that_cannot_lie_there_is_refused_with_what_to_change(cast, content, placing, words):
    with pytest.raises(FieldRefused, match=words):
        place_drawing(read_drawing(content, "a.dxf"), placing, near_site(cast))


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"AC1032 binary", "总平面.dxf", "This is a DWG, whose format is closed: save it as DXF"),
        (b"anything", "plan.dwg", "This is a DWG"),
        (b"%PDF-1.7 a plan", "plan.dxf", "The file is not a readable DXF"),
        (dxf()[:400], "cut.dxf", "There is no line"),
        (b"", "a.dxf", "The file is empty."),
        (geojson([]), "a.geojson", "There is no line and no area"),
    ],
)
def test_a_file_that_is_no_drawing_is_refused(content, name, words):
    with pytest.raises(FileRefused, match=words):
        read_drawing(content, name)


def test_a_drawing_is_kept_with_its_layers_its_act_and_its_event_and_only_once(cast):
    site = near_site(cast)
    file = keep_file(kind="drawing", site=site, content=dxf(), file_name="总平面.dxf", actor=cast.officer, now=START)
    placing = Placing(("围挡", "塔吊"), "m", f"EPSG:{SRID}")
    arguments = {
        "file": file,
        "name": "主体阶段",
        "placing": placing,
        "valid_from": START,
        "actor": cast.officer,
        "now": START,
    }
    with pytest.raises(FieldRefused):
        import_drawing(**{**arguments, "placing": Placing((), "m", "EPSG:4547")})
    assert SiteDrawing.objects.count() == 0
    made = import_drawing(**arguments)
    assert (made.layers, made.shape_count, made.datum, made.residual_rms_m) == (["围挡", "塔吊"], 3, "EPSG:4547", None)
    with media.open_blob(made.shapes_sha256) as blob:
        shapes = blob.read().decode()
    assert '"text":"1#塔吊"' in shapes and '"MultiLineString"' in shapes
    assert Act.objects.get(verb="import_drawing").details["layers"] == ["围挡", "塔吊"]
    assert Event.objects.get(kind="site_map_imported").payload["name"] == "主体阶段"
    with pytest.raises(ImportRefused, match="imported already"):
        import_drawing(**arguments)
    assert SiteDrawing.objects.count() == 1


def test_geojson_is_a_drawing_by_its_layer_property(cast):
    site = near_site(cast)
    line = crs.transform_shape(
        shapely.LineString([(PIT_EAST, PIT_NORTH), (PIT_EAST + 30, PIT_NORTH)]), from_srid=SRID, to_srid=4490
    )
    drawing = read_drawing(geojson([({"layer": "道路"}, line), ({}, line.buffer(0.0001))]), "a.geojson")
    assert list(drawing.layers) == ["0", "道路"] and drawing.srid == 4326
    placed = place_drawing(drawing, Placing(("道路",), "m", "EPSG:4490"), site)
    assert shapes_geojson(placed)["features"][0]["geometry"]["type"] == "MultiLineString"
