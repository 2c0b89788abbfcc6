"""Imports into the database: the verdict, the rows, the tiles, the revisions, the command."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from django.contrib.gis.geos import Point
from django.core.management import call_command

from bim import queries
from bim.models import Element, Model, Revision, Storey
from bim.operations import import_file
from spatial.ledger.models import Act
from spatial.media import blob_path
from spatial.notices.models import Event
from spatial.places.models import Site
from spatial.places.models import Storey as PlaceStorey
from tests.bim.authoring import Author, small_building
from tests.bim.tile_reader import read_leaves

pytestmark = pytest.mark.django_db


def test_the_verdict_has_exactly_its_keys_and_the_rows_are_there(building: Path, site: Site) -> None:
    verdict = import_file(path=building, site_code=site.code)
    assert list(verdict) == [
        "verdict", "schema", "elements", "meshed", "gaps", "storeys", "georeference", "tileset", "seconds", "reason",
    ]  # fmt: skip
    assert (verdict["verdict"], verdict["schema"], verdict["reason"]) == ("imported", "IFC4", None)
    assert (verdict["elements"], verdict["meshed"], verdict["gaps"], verdict["storeys"]) == (10, 4, [], 2)
    assert verdict["georeference"]["explanation"] == "IfcMapConversion to EPSG:4547, rotated 30.0°."
    revision = Revision.objects.get()
    assert (revision.model.name, revision.number, revision.state, revision.placed) == ("一期主体", 1, "imported", True)
    assert revision.elements.count() == 10
    assert [(s.name, s.elevation_m) for s in revision.storeys.all()] == [
        ("首层", pytest.approx(110.5)),
        ("二层", pytest.approx(113.5)),
    ]
    assert queries.current_revision(revision.model) == revision
    assert blob_path(revision.file_sha256).read_bytes() == building.read_bytes()


def test_elements_carry_properties_heights_and_footprints(building: Path, site: Site) -> None:
    import_file(path=building, site_code=site.code)
    wall = Element.objects.get(ifc_class="IfcWall")
    assert wall.properties == {"Pset_WallCommon": {"FireRating": "二级", "ThermalTransmittance": 0.35}}
    assert (wall.name, wall.storey.name) == ("外墙", "首层")
    assert (wall.box_min_z_m, wall.box_max_z_m) == pytest.approx((110.5, 113.5), abs=1e-3)
    slab = Element.objects.get(ifc_class="IfcSlab").footprint
    assert slab.srid == 4490 and len(slab[0]) == 2, "an outline with one hole"
    area = slab.transform(4547, clone=True).area
    assert area == pytest.approx(59.0, rel=1e-4)
    corner = Point(465_661.65, 3_846_545.19, srid=4547).transform(4490, clone=True)
    assert slab.distance(corner) * 111_000 < 0.001
    opening = Element.objects.get(ifc_class="IfcOpeningElement")
    assert (opening.meshed, opening.gap_reason, opening.footprint) == (False, "", None)


def test_every_meshed_elements_feature_is_in_the_tiles_with_its_box(building: Path, site: Site) -> None:
    verdict = import_file(path=building, site_code=site.code)
    read = read_leaves(Path(verdict["tileset"] or "").parent)
    rows = {element.index: element for element in Element.objects.filter(meshed=True)}
    assert sorted(read) == sorted(rows)
    for index, feature in read.items():
        row = rows[index]
        assert np.concatenate([feature.lower, feature.upper]) == pytest.approx(row.local_box, abs=1e-3)


def test_an_import_is_an_act_and_an_event_and_adds_the_sites_storeys(building: Path, site: Site) -> None:
    import_file(path=building, site_code=site.code)
    act = Act.objects.get(verb="import_model")
    assert act.details["model"] == "一期主体" and act.site == site
    event = Event.objects.get(kind="model_imported")
    assert event.payload["revision_id"] == str(Revision.objects.get().id)
    kept = PlaceStorey.objects.order_by("elevation_m").values_list("building__name", "name", "elevation_m", "top_m")
    assert [(building, name, round(low, 3), round(top, 3)) for building, name, low, top in kept] == [
        ("1号楼", "首层", 110.5, 113.5),
        ("1号楼", "二层", 113.5, 116.5),
    ]


def test_the_same_name_is_a_new_revision_and_another_name_another_model(
    building: Path, site: Site, tmp_path: Path
) -> None:
    import_file(path=building, site_code=site.code)
    changed = small_building(tmp_path / "second.ifc")
    changed.box("IfcColumn", (5_000, 0, 3_000), (400, 400, 3_000))
    changed.save(tmp_path / "second.ifc")
    import_file(path=tmp_path / "second.ifc", site_code=site.code, model_name="一期主体")
    assert list(Revision.objects.order_by("number").values_list("model__name", "number")) == [
        ("一期主体", 1),
        ("一期主体", 2),
    ]
    assert [revision.number for revision in queries.current_revisions(site)] == [2]
    small_building(tmp_path / "third.ifc")
    import_file(path=tmp_path / "third.ifc", site_code=site.code)
    assert sorted(Model.objects.values_list("name", flat=True)) == ["third", "一期主体"]


def test_an_unknown_site_is_created_where_the_model_stands(building: Path) -> None:
    import_file(path=building, site_code="NEW-1")
    site = Site.objects.get(code="NEW-1")
    assert (site.projected_srid, site.ground_height_m) == (4547, pytest.approx(110.5))
    assert site.location.x == pytest.approx(113.6250, abs=1e-3)
    assert site.location.y == pytest.approx(34.7466, abs=1e-3)


def test_an_unplaced_model_has_elements_but_no_heights_and_no_footprints(site: Site, tmp_path: Path) -> None:
    author = Author()
    author.box("IfcWall", (0, 0, 0), (1, 0.2, 3), author.storey("首层", 0))
    verdict = import_file(path=author.save(tmp_path / "local.ifc"), site_code=site.code)
    assert verdict["verdict"] == "imported"
    assert verdict["georeference"]["placed"] is False
    assert verdict["georeference"]["reason"] == "The file holds no georeference."
    wall = Element.objects.get(ifc_class="IfcWall")
    assert (wall.meshed, wall.footprint, wall.box_min_z_m) == (True, None, None)
    assert wall.local_box == pytest.approx((-0.5, -0.1, 0, 0.5, 0.1, 3))
    assert Storey.objects.get().elevation_m is None
    assert PlaceStorey.objects.count() == 0


def test_the_command_prints_one_json_object_and_its_status_is_the_verdicts(
    building: Path, site: Site, tmp_path: Path
) -> None:
    out = io.StringIO()
    call_command("import_ifc", str(building), "--site", site.code, "--model", "主体", "--json", stdout=out)
    verdict = json.loads(out.getvalue())
    assert (verdict["verdict"], verdict["meshed"]) == ("imported", 4)
    assert Path(verdict["tileset"]).is_file()
    empty = tmp_path / "empty.ifc"
    empty.touch()
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("import_ifc", str(empty), "--site", site.code, "--json", stdout=out)
    assert ended.value.code == 2
    assert json.loads(out.getvalue())["reason"] == "The file is empty (0 bytes)."
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("import_ifc", str(tmp_path / "none.ifc"), "--site", site.code, "--json", stdout=out)
    assert json.loads(out.getvalue())["reason"] == "The file cannot be read: No such file or directory."
