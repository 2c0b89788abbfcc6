"""IDS files are read safely: broken ones are refused with the line, older ones are rewritten and said so."""

from __future__ import annotations

import pytest

from bim.ifc.ids.reading import read_ids
from bim.ifc.ids.xml_tree import IdsRefusal

from .writing import HEAD, NAMED, document, specification, written


def _refused(tmp_path, text) -> IdsRefusal:
    with pytest.raises(IdsRefusal) as caught:
        read_ids(written(tmp_path, text))
    return caught.value


def test_a_file_is_read_as_plain_data(tmp_path):
    text = document(
        specification(
            '<property dataType="IFCLABEL" cardinality="optional" instructions="Ask the fire engineer">'
            "<propertySet><simpleValue>Pset_WallCommon</simpleValue></propertySet>"
            "<baseName><simpleValue>FireRating</simpleValue></baseName>"
            '<value><xs:restriction base="xs:string"><xs:enumeration value="1h"/><xs:enumeration value="2h"/>'
            "</xs:restriction></value></property>",
            versions="IFC2X3 IFC4",
        ),
        info="<title>Fire</title><version>3</version><author>a@b.cn</author>",
    )
    record = read_ids(written(tmp_path, text)).record
    assert (record.title, record.version, record.author, record.ids_version, record.notes) == (
        "Fire", "3", "a@b.cn", "1.0", (),
    )  # fmt: skip
    [one] = record.specifications
    assert (one.usage, one.ifc_versions) == ("optional", ("IFC2X3", "IFC4"))
    assert one.applicability[0].values == {"name": {"value": "IFCWALL"}}
    [asked] = one.requirements
    assert (asked.kind, asked.cardinality, asked.instructions) == ("property", "optional", "Ask the fire engineer")
    assert asked.values["value"] == {"base": "string", "enumeration": ["1h", "2h"]}
    assert asked.values["dataType"] == {"value": "IFCLABEL"}


def test_xml_that_is_not_well_formed_is_refused_with_its_line(tmp_path):
    refusal = _refused(tmp_path, HEAD + "<info><title>Cut off")
    assert (refusal.code, refusal.line) == ("xml", 4)
    assert refusal.reason.startswith("Line 4: the IDS file is no well-formed XML (no element found)")


def test_a_document_type_is_refused_before_its_entities_expand(tmp_path):
    bomb = "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10}'>" for n in range(1, 12))
    text = f'<?xml version="1.0"?>\n<!DOCTYPE ids [<!ENTITY e0 "x">{bomb}]>\n<ids>&e11;</ids>'
    refusal = _refused(tmp_path, text)
    assert (refusal.code, refusal.line) == ("doctype", 2)


def test_an_external_entity_is_never_opened(tmp_path):
    (tmp_path / "secret").write_text("hidden")
    text = f'<!DOCTYPE ids [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]>\n<ids>&x;</ids>'
    assert _refused(tmp_path, text).code == "doctype"


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("", "empty", 0),
        ("<html><body/></html>", "root", 1),
        (document(specification(NAMED, versions="IFC5")), "schema", 5),
        (document(specification("<attribute><name/></attribute>")), "schema", 7),
        (document(specification(NAMED.replace("attribute", "weight"))), "schema", 7),
        (document(), "schema", 5),
    ],
    ids=["empty", "html", "unknown schema", "no value", "unknown facet", "no specification"],
)
def test_a_file_that_is_no_valid_ids_is_refused_with_its_line(tmp_path, text, code, line):
    refusal = _refused(tmp_path, text)
    assert (refusal.code, refusal.line) == (code, line)


def test_a_pattern_that_is_no_xml_schema_expression_is_refused_with_its_line(tmp_path):
    pattern = '<value><xs:restriction base="xs:string">\n<xs:pattern value="DT[0-9"/></xs:restriction></value>'
    text = document(specification(NAMED.replace("</attribute>", pattern + "</attribute>")))
    refusal = _refused(tmp_path, text)
    assert (refusal.code, refusal.line, refusal.detail) == ("pattern", 8, "DT[0-9")


def test_a_wrong_author_is_noted_and_does_not_stop_the_file(tmp_path):
    text = document(specification(NAMED), info="<title>T</title>\n<author>nobody</author>")
    record = read_ids(written(tmp_path, text)).record
    assert record.notes == ("Line 5: the author of the file is not as the standard wants it; it was ignored.",)


def test_any_prefix_of_the_namespace_will_do(tmp_path):
    text = document(specification(NAMED), info="<title>T</title>\n<author>nobody</author>")
    text = text.replace("xmlns=", "xmlns:x=").replace("</", "</x:").replace("<", "<x:").replace("<x:/x:", "</x:")
    record = read_ids(written(tmp_path, text.replace("<x:?xml", "<?xml"))).record
    assert (record.specifications[0].name, len(record.notes)) == ("Walls", 1)


def test_an_ids_0_9_file_is_rewritten_and_says_so(tmp_path):
    text = document(
        '<specification name="Old" ifcVersion="IFC4 IFC4X3" minOccurs="1" maxOccurs="unbounded"><applicability>'
        "<entity><name><simpleValue>IFCWALL</simpleValue></name></entity></applicability><requirements>"
        '<property measure="IfcLabel" minOccurs="0" maxOccurs="0">'
        "<propertySet><simpleValue>Foo</simpleValue></propertySet><name><simpleValue>Bar</simpleValue></name>"
        '</property><partOf relation="IfcRelAggregates" minOccurs="1" maxOccurs="unbounded"><entity><name>'
        "<simpleValue>IFCSLAB</simpleValue></name></entity></partOf></requirements></specification>"
    )
    record = read_ids(written(tmp_path, text)).record
    [one] = record.specifications
    assert (record.ids_version, one.usage, one.ifc_versions) == ("0.9", "required", ("IFC4", "IFC4X3_ADD2"))
    part, prop = one.requirements
    assert (prop.kind, prop.cardinality) == ("property", "prohibited")
    assert (prop.values["baseName"], prop.values["dataType"]) == ({"value": "Bar"}, {"value": "IFCLABEL"})
    assert (part.kind, part.values["relation"]) == ("partOf", {"value": "IFCRELAGGREGATES"})
    assert len(record.notes) == 5
