"""Real models of different origin through `import_ifc --json`, from the shared data beside the project.

The files are never copied into the project. Without them these tests are skipped, loudly.
"""

from __future__ import annotations

import io
import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command

from bim.models import Element
from tests.bim.tile_reader import read_leaves
from tests.bim.validity import gltf_errors, structure_faults

OPEN = Path(__file__).resolve().parents[3] / "shared" / "data" / "ifc" / "open"

if not OPEN.is_dir():
    warnings.warn(f"REAL MODELS ARE NOT TESTED: {OPEN} does not exist.", stacklevel=1)

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not OPEN.is_dir(), reason=f"REAL MODELS ARE NOT TESTED: {OPEN} does not exist."),
]

# file, schema, elements, meshed, storeys
IMPORTED = [
    ("ThatOpen_engine_web-ifc__AC20-FZK-Haus.ifc", "IFC4", 113, 90, 2),
    ("BIM2SIM_bim2sim-test-resources__AC20-FZK-Haus.ifczip", "IFC4", 113, 90, 2),
    ("stijngoedertier_georeference-ifc__Duplex_A_20110907_georeferenced.ifc", "IFC2X3", 295, 236, 4),
    ("xBimTeam_XbimEssentials__SampleHouse4.ifc", "IFC4", 75, 62, 2),
    ("xBimTeam_XbimEssentials__House.ifc", "IFC2X3", 201, 147, 3),
    ("yorikvanhavre_barcelona-pavillion__Pabellon_de_Barcelona.ifc", "IFC4", 96, 84, 0),
    ("andrewisen_bim-whale-ifc-samples__TallBuilding.ifc", "IFC2X3", 92, 58, 5),
    ("PCERT_4x3_Infra-Bridge.ifc", "IFC4X3_ADD2", 77, 48, 0),
    ("specklesystems_speckle-server__171210AISC_Sculpture_brep.ifc", "IFC2X3", 468, 351, 0),
    ("aothms_IfcOpenHouse__IfcOpenHouse_IFC2x3.ifc", "IFC2X3", 47, 35, 1),
    ("IfcOpenShell_files__large_offset.ifc", "IFC4", 17, 8, 2),
    ("YICHUNLIN_BIM_build__bridge.ifc", "IFC2X3", 14, 10, 2),
    ("opensourceBIM_TestFiles__ac16_sjis.ifc", "IFC2X3", 29, 22, 3),
    ("bSI-InfraRoom_IFC-infra-unit-test__Twin-Branch-Surface-Features.ifc", "IFC4", 7, 4, 1),
]
REFUSED = [
    ("DERIVED_empty.ifc", "The file is empty (0 bytes)."),
    ("DERIVED_html_error_page.ifc", "Line 1: the file is an HTML page"),
    ("DERIVED_truncated_AC20-FZK-Haus.ifc", "it ends at line 12437 without END-ISO-10303-21;"),
    ("BIM2SIM_bim2sim-test-resources__AC20-FZK-Haus.ifcxml", "The file is ifcXML"),
    ("xBimTeam_XbimEssentials__HelloWallXml.ifczip", "The zip holds ifcXML"),
    ("xBimTeam_XbimEssentials__FormallyIllegalFile.ifc", "Line 21: "),
    ("specklesystems_speckle-server__23111023_IFCR2_Buildings_2.ifc", "'IFC20_LONGFORM'"),
]


@pytest.fixture(autouse=True)
def data_root(tmp_path: Path, settings: Any) -> Iterator[Path]:
    settings.TWINWALL_DATA_ROOT = tmp_path / "data"
    settings.MEDIA_ROOT = tmp_path / "media"
    yield tmp_path


def run(name: str) -> tuple[dict[str, Any], int]:
    out, status = io.StringIO(), 0
    try:
        call_command("import_ifc", str(OPEN / name), "--site", "REAL", "--json", stdout=out)
    except SystemExit as ended:
        status = int(ended.code or 0)
    return json.loads(out.getvalue()), status


@pytest.mark.parametrize(
    ("name", "schema", "elements", "meshed", "storeys"), IMPORTED, ids=[row[0] for row in IMPORTED]
)
def test_a_real_model_is_imported_with_every_body_accounted_for_and_valid_tiles(
    name: str, schema: str, elements: int, meshed: int, storeys: int, tmp_path: Path
) -> None:
    verdict, status = run(name)
    assert (status, verdict["verdict"], verdict["gaps"]) == (0, "imported", [])
    assert (verdict["schema"], verdict["elements"], verdict["meshed"], verdict["storeys"]) == (
        schema,
        elements,
        meshed,
        storeys,
    )
    tiles = Path(verdict["tileset"]).parent
    assert structure_faults(tiles) == []
    assert gltf_errors(tiles, tmp_path / "unpacked") == []
    read = read_leaves(tiles)
    rows = {row.index: row for row in Element.objects.filter(meshed=True)}
    assert sorted(read) == sorted(rows) and len(rows) == meshed
    for index, feature in read.items():
        extent = max(1.0, float(np.abs(rows[index].local_box).max()))
        got = np.concatenate([feature.lower, feature.upper])
        assert got == pytest.approx(rows[index].local_box, abs=0.0025 + extent * 2e-7)


@pytest.mark.parametrize(("name", "words"), REFUSED, ids=[row[0] for row in REFUSED])
def test_a_real_broken_file_is_refused_with_its_cause(name: str, words: str) -> None:
    verdict, status = run(name)
    assert (status, verdict["verdict"], verdict["tileset"]) == (2, "refused", None)
    assert words in verdict["reason"]
    assert Element.objects.count() == 0


def test_the_map_unit_of_a_real_file_in_millimetres_puts_it_where_it_says() -> None:
    verdict, _ = run("PCERT_4x3_Infra-Bridge.ifc")
    (other,) = verdict["georeference"]["others"]
    assert other["source"] == "IfcMapConversion"
    assert "at -8.4" in other["problem"] and "outside China" in other["problem"]  # not millions of kilometres away


def test_japanese_names_of_a_real_file_are_readable() -> None:
    run("opensourceBIM_TestFiles__ac16_sjis.ifc")
    assert Element.objects.filter(ifc_class="IfcBuildingStorey", name__contains="階").exists()


def test_a_chinese_model_is_placed_by_its_latitude_and_says_how_rough_that_is() -> None:
    verdict, _ = run("YICHUNLIN_BIM_build__bridge.ifc")
    place = verdict["georeference"]
    assert (place["placed"], place["level"]) == (True, 20)
    assert (place["origin"]["lat"], place["origin"]["lon"]) == pytest.approx(
        (25 + 2 / 60 + 6 / 3600, 121.507), abs=0.002
    )
    assert "rough" in place["warnings"][0]
