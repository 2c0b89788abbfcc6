"""Real drawings and footprints: every DXF is read, a plan in metres is placed, buildings of a city are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.vectors.drawings.reading import read_drawing
from ingest.vectors.places.problems import FileRefused
from ingest.vectors.places.tables import read_table

DATA = Path("/work/shared/data/siteplan")
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="no real site plans here")


@pytest.mark.parametrize(
    ("name", "unit", "layers", "shapes"),
    [
        ("barcelona/plan.dxf", "m", 8, 1211),
        ("barcelona/pabellon de barcelona.dxf", "in", 9, 2079),
        ("barcelona/plan exported.dxf", "", 1, 3988),
        ("emf2012/plan.dxf", "m", 27, 1113),
        ("emf2012/StageAlphaLayout.dxf", "mm", 3, 1015),
        ("emf2012/area_lines.dxf", "in", 1, 12),
        ("ezdxf/recover01_broken.dxf", "", 1, 1423),  # 1,441 lines, 18 of no length
        ("ezdxf/houses_of_parliament_georeferenced.dxf", "in", 1, 1),
    ],
)
def test_a_real_drawing_is_read_by_its_layers(name, unit, layers, shapes):
    file = DATA / name
    drawing = read_drawing(file.read_bytes(), file.name)
    assert (drawing.unit, len(drawing.layers)) == (unit, layers)
    assert sum(len(layer.shapes) for layer in drawing.layers.values()) == shapes


def test_a_drawing_of_pictures_only_says_that_it_has_no_line():
    file = DATA / "ezdxf/Graz_10km_3m_georef.dxf"
    with pytest.raises(FileRefused, match="There is no line and no area"):
        read_drawing(file.read_bytes(), file.name)


def test_the_footprints_of_a_city_are_read_with_their_system():
    content = (DATA / "kunming/buildings.wgs84.geojson").read_bytes()
    table = read_table(content, "buildings.wgs84.geojson", wanted="structure", known=frozenset())
    assert (len(table.rows), table.srid) == (140, 4326)
    assert all(row.fault is None and row.shape is not None and row.shape.is_valid for row in table.rows)
