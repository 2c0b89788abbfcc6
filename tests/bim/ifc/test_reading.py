"""What is read from a model: storeys, elements, properties, units, names in odd encodings."""

from pathlib import Path
from typing import Any

import pytest

from bim.ifc.container import check_file
from bim.ifc.reading import open_model, read_model
from bim.ifc.records import ModelRecord
from bim.ifc.refusal import Refusal
from bim.ifc.text import clean_text, escape_raw_names
from bim.ifc.units import unit_in_metres
from tests.bim.authoring import Author, small_building


def read(path: Path) -> ModelRecord:
    checked = check_file(path, path.parent)
    return read_model(open_model(checked)[0], checked)[0]


def by_name(model: ModelRecord) -> dict[str, Any]:
    return {element.name: element for element in model.elements}


def test_storeys_are_in_metres_and_every_element_knows_its_storey(tmp_path: Path) -> None:
    small_building(tmp_path / "source.ifc")
    model = read(tmp_path / "source.ifc")
    assert [(s.name, s.elevation_m, s.building_name) for s in model.storeys] == [
        ("首层", 0.0, "1号楼"),
        ("二层", 3.0, "1号楼"),
    ]
    elements = by_name(model)
    assert elements["柱"].storey_index == 1
    assert {elements[name].storey_index for name in ("楼板", "外墙", "楼梯", "办公室", "首层")} == {0}
    assert elements["场地"].storey_index is None


def test_elements_and_spatial_elements_count_openings_too_and_the_index_follows_the_file(tmp_path: Path) -> None:
    small_building(tmp_path / "source.ifc")
    model = read(tmp_path / "source.ifc")
    classes = sorted(element.ifc_class for element in model.elements)
    assert classes == [
        "IfcBuilding", "IfcBuildingStorey", "IfcBuildingStorey", "IfcColumn", "IfcOpeningElement", "IfcSite",
        "IfcSlab", "IfcSpace", "IfcStair", "IfcWall",
    ]  # fmt: skip
    assert [element.index for element in model.elements] == list(range(10))
    assert [element.step_id for element in model.elements] == sorted(element.step_id for element in model.elements)
    opening = next(element for element in model.elements if element.kind == "opening")
    assert opening.has_body and not opening.wants_mesh
    assert opening.storey_index == 0
    assert not by_name(model)["楼梯"].has_body


def test_an_elements_own_property_wins_over_its_types(tmp_path: Path) -> None:
    author = Author()
    wall = author.box("IfcWall", (0, 0, 0), (5, 0.2, 3))
    author.properties(wall, "Pset_WallCommon", {"FireRating": "own"})
    kind = author.rooted("IfcWallType", Name="砖墙 200", PredefinedType="STANDARD")
    value = author.file.create_entity("IfcLabel", "type")
    names = [
        author.file.create_entity("IfcPropertySingleValue", name, None, value, None)
        for name in ("FireRating", "Status")
    ]
    kind.HasPropertySets = [author.rooted("IfcPropertySet", Name="Pset_WallCommon", HasProperties=names)]
    author.relate("IfcRelDefinesByType", RelatedObjects=[wall], RelatingType=kind)
    quantity = author.file.create_entity("IfcQuantityArea", "NetSideArea", None, None, 15.0, None)
    quantities = author.rooted("IfcElementQuantity", Name="Qto_WallBaseQuantities", Quantities=[quantity])
    author.relate("IfcRelDefinesByProperties", RelatedObjects=[wall], RelatingPropertyDefinition=quantities)
    author.save(tmp_path / "source.ifc")
    element = next(e for e in read(tmp_path / "source.ifc").elements if e.ifc_class == "IfcWall")
    assert element.type_name == "砖墙 200"
    assert element.properties == {
        "Pset_WallCommon": {"FireRating": "own", "Status": "type"},
        "Qto_WallBaseQuantities": {"NetSideArea": 15.0},
    }


@pytest.mark.parametrize("schema", ["IFC2X3", "IFC4", "IFC4X3_ADD2"])
def test_every_schema_gives_the_same_elements(schema: str, tmp_path: Path) -> None:
    author = Author(schema, prefix="MILLI")
    storey = author.storey("首层", 3_600)
    author.box("IfcWall", (0, 0, 0), (1_000, 200, 3_000), storey, "墙")
    author.save(tmp_path / "source.ifc")
    model = read(tmp_path / "source.ifc")
    assert (model.schema, model.length_unit_m, model.storeys[0].elevation_m) == (schema, 0.001, 3.6)
    assert [element.ifc_class for element in model.elements] == [
        "IfcSite",
        "IfcBuilding",
        "IfcBuildingStorey",
        "IfcWall",
    ]


def test_feet_are_metres_times_three_tenths(tmp_path: Path) -> None:
    author = Author(unit="FOOT")
    author.storey("Level 1", 10)
    author.save(tmp_path / "source.ifc")
    assert read(tmp_path / "source.ifc").storeys[0].elevation_m == pytest.approx(3.048)


class BareFloatUnit:
    """A conversion based unit as Bentley writes it: the factor is a bare float (IfcOpenShell's own reader raises)."""

    UnitType = "LENGTHUNIT"

    class ConversionFactor:
        ValueComponent = 0.304800609601219
        UnitComponent = None

    @staticmethod
    def is_a(name: str) -> bool:
        return name == "IfcConversionBasedUnit"


def test_a_bare_float_as_conversion_factor_is_read() -> None:
    assert unit_in_metres(BareFloatUnit) == 0.304800609601219


def test_a_file_without_units_is_read_as_metres_and_says_so(tmp_path: Path) -> None:
    author = Author()
    author.project.UnitsInContext = None
    author.save(tmp_path / "source.ifc")
    model = read(tmp_path / "source.ifc")
    assert model.length_unit_m == 1.0
    assert "The file names no length unit; metres were assumed." in model.warnings


@pytest.mark.parametrize(("codec", "label"), [("utf-8", "UTF-8"), ("gb18030", "GBK")])
def test_raw_chinese_names_are_read_in_their_encoding(codec: str, label: str, tmp_path: Path) -> None:
    author = Author()
    author.box("IfcWall", (0, 0, 0), (1, 1, 1), name="ZZZ")
    path = author.save(tmp_path / "source.ifc")
    path.write_bytes(path.read_bytes().replace(b"'ZZZ'", "'标高1墙体'".encode(codec)))
    model = read(path)
    assert "标高1墙体" in by_name(model)
    assert model.warnings == (f"Names are written as raw {label} instead of STEP escapes; they were read as {label}.",)


def test_raw_japanese_names_are_not_taken_for_chinese() -> None:
    escaped, encoding = escape_raw_names("'レベル1'".encode("shift_jis"))
    assert (escaped, encoding) == (b"'\\X2\\30EC30D930EB\\X0\\1'", "Shift-JIS")


def test_control_characters_and_lone_surrogates_never_reach_the_database() -> None:
    assert clean_text("a\x00b\ud800c\x1f") == "a\ufffdb\ufffdc\ufffd"
    assert clean_text("1\x8aK") == "1階"
    assert clean_text(None) == ""


def test_two_elements_with_one_global_id_are_both_kept_and_said(tmp_path: Path) -> None:
    author = Author()
    first, second = (author.box("IfcWall", (x, 0, 0), (1, 1, 1)) for x in (0, 5))
    second.GlobalId = first.GlobalId
    author.save(tmp_path / "source.ifc")
    model = read(tmp_path / "source.ifc")
    assert len(model.elements) == 4
    assert "1 elements share a GlobalId with another element." in model.warnings


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_refusal_names_the_line_of_the_fault_whatever_ends_the_lines(ending: str, tmp_path: Path) -> None:
    path = tmp_path / "model.ifc"
    small_building(path)
    lines = path.read_text(encoding="ascii").splitlines()
    number = next(number for number, line in enumerate(lines) if "IFCPROPERTYSINGLEVALUE" in line)
    lines[number] = lines[number].replace("'ThermalTransmittance'", "'n\\a'").replace("'FireRating'", "'n\\a'")
    path.write_bytes(ending.join([*lines, ""]).encode("ascii"))
    checked = check_file(path, tmp_path)
    with pytest.raises(Refusal, match=f"Line {number + 1}: Unexpected 'a'"):
        open_model(checked)
