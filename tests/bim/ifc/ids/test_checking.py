"""The engine answers per specification, requirement and element; what cannot be checked is said, never passed."""

from __future__ import annotations

import json

import pytest

from bim.ifc.ids.checking import check_model
from bim.ifc.ids.from_json import report_from
from bim.ifc.ids.reading import read_ids
from bim.ifc.ids.records import IdsReport

from .writing import NAMED, WALLS, document, specification, walls, written


def _valued(value: str, cardinality: str = "required") -> str:
    opened = NAMED.replace("<attribute>", f'<attribute cardinality="{cardinality}">')
    return opened.replace("</attribute>", f"<value>{value}</value></attribute>")


def _patterns(*patterns: str) -> str:
    inner = "".join(f'<xs:pattern value="{pattern}"/>' for pattern in patterns)
    return f'<xs:restriction base="xs:string">{inner}</xs:restriction>'


def _report(tmp_path, model, *specifications: str, schema: str = "IFC4", limit_s: float = 20.0) -> IdsReport:
    return check_model(model, schema, read_ids(written(tmp_path, document(*specifications))), limit_s)


def test_each_element_has_its_answer_and_its_reason(tmp_path):
    model = walls("W1", None, "", "W4")
    report = _report(tmp_path, model, specification(NAMED))
    [result] = report.specifications
    [requirement] = result.requirements
    assert (report.status, result.status, result.checked) == ("fail", "fail", (2, 3, 4, 5))
    assert (requirement.text, requirement.passed, requirement.failed_count) == ("The Name shall be provided", (2, 5), 2)
    assert [(f.element, f.reason.kind, f.reason.actual) for f in requirement.failures] == [
        (3, "FALSEY", ""), (4, "FALSEY", ""),
    ]  # fmt: skip
    assert report.elements[3].global_id == model.by_id(3).GlobalId
    assert (report.elements[3].ifc_class, report.elements[2].name) == ("IfcWall", "W1")


def test_a_report_survives_its_way_through_json(tmp_path):
    report = _report(tmp_path, walls("W1", None), specification(NAMED), specification(NAMED, versions="IFC2X3"))
    assert report_from(json.loads(json.dumps(report.as_json()))) == report


@pytest.mark.parametrize(
    ("occurs", "most", "names", "status", "why"),
    [
        ('minOccurs="1" ', "unbounded", ["W1"], "pass", ""),
        ('minOccurs="1" ', "unbounded", [], "fail", "missing"),
        ('minOccurs="0" ', "unbounded", ["W1"], "pass", ""),
        ('minOccurs="0" ', "unbounded", [], "not_applicable", ""),
        ('minOccurs="0" ', "0", ["W1"], "fail", ""),
        ('minOccurs="0" ', "0", [], "pass", ""),
    ],
)
def test_required_optional_and_prohibited_specifications(tmp_path, occurs, most, names, status, why):
    report = _report(tmp_path, walls(*names), specification(NAMED, occurs=occurs, most=most))
    [result] = report.specifications
    assert (result.status, result.why) == (status, why)


def test_what_a_prohibited_specification_finds_is_listed(tmp_path):
    [result] = _report(tmp_path, walls("W1", "W2"), specification("", most="0")).specifications
    [only] = result.requirements
    assert (only.kind, only.failed_count) == ("prohibition", 2)
    assert [(f.element, f.reason.kind) for f in only.failures] == [(2, "FORBIDDEN"), (3, "FORBIDDEN")]


def test_a_specification_for_another_schema_is_not_checked_and_says_so(tmp_path):
    report = _report(tmp_path, walls(None), specification(NAMED, versions="IFC2X3 IFC4X3_ADD2"))
    [result] = report.specifications
    assert (report.status, result.status, result.why, result.detail) == (
        "not_checked", "not_checked", "schema", "IFC4",
    )  # fmt: skip
    assert (result.checked, result.requirements) == ((), ())


def test_an_optional_attribute_may_be_null_but_not_empty_or_other(tmp_path):
    asked = specification(_valued("<simpleValue>W1</simpleValue>", "optional"))
    [requirement] = _report(tmp_path, walls("W1", None, "", "W2"), asked).specifications[0].requirements
    assert requirement.passed == (2, 3)
    assert [failure.element for failure in requirement.failures] == [4, 5]


def test_a_prohibited_requirement_is_the_opposite_of_a_required_one(tmp_path):
    asked = specification(_valued("<simpleValue>W1</simpleValue>", "prohibited"))
    [requirement] = _report(tmp_path, walls("W1", "W2"), asked).specifications[0].requirements
    assert (requirement.passed, [f.reason.kind for f in requirement.failures]) == ((3,), ["PROHIBITED"])


def test_several_patterns_are_alternatives_and_match_the_whole_value(tmp_path):
    asked = specification(_valued(_patterns("W[0-9]", "D[0-9]{2}")))
    [requirement] = _report(tmp_path, walls("W1", "D12", "W12", "xW1"), asked).specifications[0].requirements
    assert (requirement.passed, [f.element for f in requirement.failures]) == ((2, 3), [4, 5])


def test_a_pattern_that_never_ends_costs_its_file_the_time_limit_and_no_more(tmp_path):
    endless = specification(_valued(_patterns("(a|aa)+(b|bb)+c")), name="Endless")
    hidden = specification(_valued(_patterns("(a+)+")), name="Later")
    model = walls("W1", "a" * 60 + "b" * 30)
    report = _report(tmp_path, model, specification(NAMED), endless, hidden, limit_s=1.0)
    assert [(one.status, one.why) for one in report.specifications] == [
        ("pass", ""), ("not_checked", "time"), ("not_checked", "time"),
    ]  # fmt: skip
    assert report.seconds < 5


def test_an_element_that_breaks_a_facet_fails_with_the_cause(tmp_path):
    model = walls("W1")
    value = model.create_entity("IfcPropertyBoundedValue", Name="Load")  # no bound at all: ifctester asserts here
    pset = model.create_entity("IfcPropertySet", GlobalId="0" * 22, Name="Foo", HasProperties=[value])
    model.create_entity(
        "IfcRelDefinesByProperties", GlobalId="1" * 22, RelatedObjects=[model.by_id(2)],
        RelatingPropertyDefinition=pset,
    )  # fmt: skip
    asked = specification(
        '<property dataType="IFCREAL"><propertySet><simpleValue>Foo</simpleValue></propertySet>'
        "<baseName><simpleValue>Load</simpleValue></baseName></property>"
    )
    [requirement] = _report(tmp_path, model, asked).specifications[0].requirements
    [failure] = requirement.failures
    assert (failure.element, failure.reason.kind, failure.reason.actual[:14]) == (2, "ERROR", "AssertionError")


def test_what_holds_any_part_is_asked_of_objects_only(tmp_path):
    part = '<partOf relation="IFCRELAGGREGATES"><entity><name><simpleValue>IFCPROJECT</simpleValue></name></entity>'
    model = walls("W1")
    model.create_entity("IfcCartesianPoint", Coordinates=(0.0, 0.0))
    [result] = _report(tmp_path, model, specification(NAMED, part + "</partOf>")).specifications
    assert (result.status, result.checked, result.undecided_count) == ("not_applicable", (), 0)


def test_an_ifc2x3_element_is_known_by_its_type(tmp_path):
    model = walls(schema="IFC2X3")
    terminal = model.create_entity("IfcFlowTerminal", GlobalId="2" * 22, Name="T1")
    kind = model.create_entity("IfcAirTerminalType", GlobalId="3" * 22, PredefinedType="GRILLE")
    model.create_entity("IfcRelDefinesByType", GlobalId="4" * 22, RelatedObjects=[terminal], RelatingType=kind)
    asked = specification(NAMED, WALLS.replace("IFCWALL", "IFCAIRTERMINAL"), versions="IFC2X3")
    [result] = _report(tmp_path, model, asked, schema="IFC2X3").specifications
    assert (result.status, result.checked) == ("pass", (terminal.id(),))


@pytest.mark.parametrize(("prefix", "width"), [("MILLI", 750.0), (None, 0.75)])
def test_lengths_are_compared_in_metres_whatever_the_files_unit(tmp_path, prefix, width):
    model = walls()
    unit = model.create_entity("IfcSIUnit", UnitType="LENGTHUNIT", Prefix=prefix, Name="METRE")
    model.by_type("IfcProject")[0].UnitsInContext = model.create_entity("IfcUnitAssignment", [unit])
    narrow = model.create_entity("IfcDoor", GlobalId="5" * 22, Name="D1", OverallWidth=width)
    wide = model.create_entity("IfcDoor", GlobalId="6" * 22, Name="D2", OverallWidth=width * 1.2)
    least = '<value><xs:restriction base="xs:double"><xs:minInclusive value="0.8"/></xs:restriction></value>'
    asked = NAMED.replace("Name", "OverallWidth").replace("</attribute>", least + "</attribute>")
    doors = WALLS.replace("IFCWALL", "IFCDOOR")
    [requirement] = _report(tmp_path, model, specification(asked, doors)).specifications[0].requirements
    assert requirement.passed == (wide.id(),)
    assert [(f.element, f.reason.actual) for f in requirement.failures] == [(narrow.id(), "0.75")]
