"""Materials, classifications, groups and object placements of authored models, exactly."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bim.ifc.container import check_file
from bim.ifc.object_placements import IDENTITY, axis_rows, multiply
from bim.ifc.reading import open_model, read_model
from bim.ifc.records import ElementRecord
from bim.pipeline.model_files import DOCUMENT_FIELDS, read_documents, read_elements, write_model
from tests.bim.authoring import Author


def whole(element: ElementRecord, documents: list[bytes], placement: Any) -> ElementRecord:
    """Return an element with its documents and its placement."""
    given = {name: json.loads(document) for name, document in zip(DOCUMENT_FIELDS, documents, strict=True)}
    lists = {name: tuple(value) for name, value in given.items() if isinstance(value, list)}
    place = () if np.isnan(placement[0]) else tuple(placement.tolist())
    return replace(element, **(given | lists), placement=place)


def read(author: Author, tmp_path: Path) -> dict[str, ElementRecord]:
    """Return the elements by name, after their way through the work folder's files."""
    checked = check_file(author.save(tmp_path / "source.ifc"), tmp_path)
    record, candidates = read_model(open_model(checked)[0], checked)
    write_model(tmp_path, record, candidates)
    elements = tuple(
        map(whole, read_elements(tmp_path), read_documents(tmp_path), np.load(tmp_path / "placements.npy"))
    )
    assert elements == record.elements, "JSON changes nothing"
    return {element.name: element for element in elements}


def material(author: Author, name: str) -> Any:
    return author.file.create_entity("IfcMaterial", Name=name)


def give(author: Author, rows: list[Any], relating: Any) -> None:
    author.relate("IfcRelAssociatesMaterial", RelatedObjects=rows, RelatingMaterial=relating)


def test_a_material_alone_a_list_layers_profiles_and_constituents_give_their_names(tmp_path: Path) -> None:
    author = Author()
    create = author.file.create_entity
    names = ("alone", "list", "layers", "usage", "profiles", "constituents", "nothing")
    walls = {name: author.box("IfcWall", (0, 0, 0), (1, 1, 1), name=name) for name in names}
    concrete, wool, steel = material(author, "混凝土 C30"), material(author, "岩棉"), material(author, "Q355B")
    layers = create("IfcMaterialLayerSet", [create("IfcMaterialLayer", m, 0.1) for m in (concrete, wool, concrete)])
    give(author, [walls["alone"]], concrete)
    give(author, [walls["list"]], create("IfcMaterialList", [steel, wool]))
    give(author, [walls["layers"]], layers)
    give(author, [walls["usage"]], create("IfcMaterialLayerSetUsage", layers, "AXIS2", "POSITIVE", 0.0))
    profile = create("IfcRectangleProfileDef", "AREA", None, None, 1.0, 1.0)
    steel_profile = create("IfcMaterialProfile", Material=steel, Profile=profile)
    profiles = create("IfcMaterialProfileSet", MaterialProfiles=[steel_profile])
    give(author, [walls["profiles"]], create("IfcMaterialProfileSetUsage", ForProfileSet=profiles))
    parts = [create("IfcMaterialConstituent", Name="frame", Material=m) for m in (steel, wool)]
    give(author, [walls["constituents"]], create("IfcMaterialConstituentSet", MaterialConstituents=parts))
    found = read(author, tmp_path)
    assert {name: found[name].materials for name in names} == {
        "alone": ("混凝土 C30",),
        "list": ("Q355B", "岩棉"),
        "layers": ("混凝土 C30", "岩棉"),
        "usage": ("混凝土 C30", "岩棉"),
        "profiles": ("Q355B",),
        "constituents": ("Q355B", "岩棉"),
        "nothing": (),
    }


def test_the_material_of_the_type_counts_where_the_element_has_none(tmp_path: Path) -> None:
    author = Author("IFC2X3")
    own, plain = (author.box("IfcWall", (0, 0, 0), (1, 1, 1), name=name) for name in ("own", "plain"))
    kind = author.rooted("IfcWallType", Name="砖墙", PredefinedType="STANDARD")
    author.relate("IfcRelDefinesByType", RelatedObjects=[own, plain], RelatingType=kind)
    give(author, [kind], material(author, "砖"))
    give(author, [own], material(author, "石"))
    found = read(author, tmp_path)
    assert (found["own"].materials, found["plain"].materials) == (("石",), ("砖",))


@pytest.mark.parametrize(("schema", "code_name"), [("IFC2X3", "ItemReference"), ("IFC4", "Identification")])
def test_classifications_of_the_element_come_before_those_of_its_type(
    schema: str, code_name: str, tmp_path: Path
) -> None:
    author = Author(schema)
    wall = author.box("IfcWall", (0, 0, 0), (1, 1, 1), name="墙")
    kind = author.rooted("IfcWallType", Name="砖墙", PredefinedType="STANDARD")
    author.relate("IfcRelDefinesByType", RelatedObjects=[wall], RelatingType=kind)
    system = author.file.create_entity("IfcClassification", Source="x", Edition="1", Name="GB/T 51269")

    def reference(code: str, name: str, source: Any) -> Any:
        return author.file.create_entity(
            "IfcClassificationReference", **{code_name: code, "Name": name, "ReferencedSource": source}
        )

    for row, code, name in ((kind, "14-10", "墙体"), (wall, "14-10.20", "外墙"), (wall, "14-10.20", "外墙")):
        author.relate(
            "IfcRelAssociatesClassification", RelatedObjects=[row], RelatingClassification=reference(code, name, system)
        )
    loose = reference("Ss_25", "Walls", None)
    author.relate("IfcRelAssociatesClassification", RelatedObjects=[wall], RelatingClassification=loose)
    assert read(author, tmp_path)["墙"].classifications == (
        {"system": "GB/T 51269", "code": "14-10.20", "name": "外墙"},
        {"system": "", "code": "Ss_25", "name": "Walls"},
        {"system": "GB/T 51269", "code": "14-10", "name": "墙体"},
    )


def test_zones_systems_and_groups_are_named_with_their_class(tmp_path: Path) -> None:
    author = Author()
    space = author.box("IfcSpace", (0, 0, 0), (3, 3, 3), name="办公室")
    zone = author.rooted("IfcZone", Name="防火分区 1")
    system = author.rooted("IfcSystem", Name="送风")
    for group in (zone, system, zone):
        author.relate("IfcRelAssignsToGroup", RelatedObjects=[space], RelatingGroup=group)
    assert read(author, tmp_path)["办公室"].groups == (
        {"ifc_class": "IfcZone", "global_id": zone.GlobalId, "name": "防火分区 1"},
        {"ifc_class": "IfcSystem", "global_id": system.GlobalId, "name": "送风"},
    )


def test_a_chain_of_placements_is_one_matrix_in_metres(tmp_path: Path) -> None:
    author = Author(prefix="MILLI")
    wall = author.box("IfcWall", (1_000, 0, 0), (1, 1, 1), name="墙")
    turned = author.place(10_000, 20_000, 3_000, (0, 1, 0))
    wall.ObjectPlacement.PlacementRelTo = turned
    assert read(author, tmp_path)["墙"].placement == pytest.approx((0, -1, 0, 10, 1, 0, 0, 21, 0, 0, 1, 3), abs=1e-12)


def test_cycles_grids_and_missing_placements_give_none(tmp_path: Path) -> None:
    author = Author()
    names = ("cycle", "grid", "below grid", "none", "no direction")
    walls = {name: author.box("IfcWall", (1, 0, 0), (1, 1, 1), name=name) for name in names}
    cycle = walls["cycle"].ObjectPlacement
    back = author.place(0, 0, 0)
    cycle.PlacementRelTo, back.PlacementRelTo = back, cycle
    grid = author.file.create_entity("IfcGridPlacement")
    walls["below grid"].ObjectPlacement.PlacementRelTo = grid
    walls["grid"].ObjectPlacement = grid
    walls["none"].ObjectPlacement = None
    walls["no direction"].ObjectPlacement.RelativePlacement.RefDirection = author.direction(0, 0, 0)
    found = read(author, tmp_path)
    assert {name: found[name].placement for name in names} == dict.fromkeys(names, ())


_vectors = st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda v: math.hypot(*v) > 0.1)


@given(_vectors, _vectors, _vectors)
def test_every_placement_is_a_rotation_and_composes_as_matrices_do(place: Any, z: Any, x: Any) -> None:
    if np.linalg.norm(np.cross(z, x)) < 0.05:
        return
    rows = axis_rows(place, z, x, 1.0)
    matrix = np.array([*rows, 0, 0, 0, 1]).reshape(4, 4)
    assert matrix[:3, :3] @ matrix[:3, :3].T == pytest.approx(np.eye(3), abs=1e-9)
    assert np.linalg.det(matrix[:3, :3]) == pytest.approx(1.0)
    assert matrix[:3, 2] == pytest.approx(np.array(z) / np.linalg.norm(z), abs=1e-9)
    assert multiply(rows, rows) == pytest.approx(tuple((matrix @ matrix)[:3].ravel()), abs=1e-9)
    assert multiply(IDENTITY, rows) == rows
