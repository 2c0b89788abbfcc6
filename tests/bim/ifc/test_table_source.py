"""What is read from the columns of a STEP table is what is read from IfcOpenShell's objects, however it is written."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bim.ifc.container import check_file
from bim.ifc.element_frames import ElementFrames
from bim.ifc.reading import open_model, read_model
from bim.ifc.records import ElementRecord
from bim.ifc.step_table import NotPlain, StepTable
from bim.ifc.step_values import Odd
from bim.ifc.table_properties import TableProperties
from bim.ifc.table_records import CleanTexts, TableRecords
from bim.ifc.table_source import TableSource, source_of

HEADER = (
    "ISO-10303-21;\nHEADER;\nFILE_DESCRIPTION((''),'2;1');\nFILE_NAME('','',(''),(''),'','','');\n"
    "FILE_SCHEMA(('{schema}'));\nENDSEC;\nDATA;\n#1=IFCPROJECT('0000000000000000000001',$,'P',$,$,$,$,$,$);\n"
)
WALL = "#9=IFCWALL('1F6umJ5H50aeL3A1As_wTm',$,'W',$,$,$,$,$,$);\n"


def read_both(data: str, schema: str = "IFC4") -> tuple[ElementRecord, ...]:
    """Return the elements as the table gives them, once IfcOpenShell's objects have given the same."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source.ifc"
        source.write_text(HEADER.format(schema=schema) + data + "ENDSEC;\nEND-ISO-10303-21;\n", encoding="ascii")
        checked = check_file(source, Path(folder))
        model, heard = open_model(checked)
        table = StepTable.of(checked.path.read_bytes())
        assert isinstance(source_of(model, ElementFrames(1.0), table), TableSource)
        expected, places = read_model(model, checked, heard)
        found, found_places = read_model(model, checked, heard, table=table)
    assert repr(found) == repr(expected)
    assert found_places == places
    return found.elements


def values_of(
    *written: str, kind: str = "IFCPROPERTYSINGLEVALUE('n{0}',$,{1},$)", schema: str = "IFC4"
) -> dict[str, Any]:
    """Return the values of one property set of a wall."""
    items = "".join(f"#{100 + n}={kind.format(n, text)};\n" for n, text in enumerate(written))
    listed = ",".join(f"#{100 + n}" for n in range(len(written)))
    sets = f"#10=IFCPROPERTYSET('2',$,'S',$,({listed}));\n#11=IFCRELDEFINESBYPROPERTIES('3',$,$,$,(#9),#10);\n"
    (wall,) = read_both(WALL + sets + items, schema)
    return wall.properties.get("S", {})


def test_values_are_what_they_are_written_as_whatever_their_type() -> None:
    written = {
        "IFCLABEL('a''b, (c); #1')": "a'b, (c); #1",
        "IFCREAL(1)": 1,
        "IFCREAL(1.)": 1.0,
        "IFCINTEGER(1.)": 1.0,
        "IFCLENGTHMEASURE(-.5)": -0.5,
        "IFCLENGTHMEASURE(1.5E-3)": 0.0015,
        "IFCINTEGER(99999999999)": 99_999_999_999,
        "IFCBOOLEAN(.T.)": True,
        "IFCLOGICAL(.U.)": "UNKNOWN",
        "ifclabel ( 'x' )": "x",
        "IFCLABEL(5)": 5,
        "7": 7,
        "IFCTEXT('\\X2\\5916\\X0\\\\X\\E4\\S\\D\\\\')": "外äÄ\\",
        "IFCREAL(1.E300)": None,
    }
    expected = {f"n{n}": value for n, value in enumerate(written.values()) if value is not None}
    assert values_of(*written) == expected


ODD_VALUES = [
    "$", "*", "IFCLABEL($)", "IFCLABEL('')", "''", "()", "('a','b')", "(1.,2)", ".T.", ".FOO.", "IFCNOSUCH('x')", "#9",
    "#77", "IFCLABEL('\\X2\\D83DDE00\\X0\\b')", "IFCLABEL('\\X4\\0001F600\\X0\\')", "IFCLABEL('\\PE\\\\S\\D')",
    "IFCLABEL('\\N\\x')", "IFCLABEL('\\X2\\0000\\X0\\x')", "IFCLABEL('\\X\\00x')", "IFCLABEL('\\X\\e4')",
    "IFCLABEL('a\nb')", "IFCLABEL('\\X2\\00e4\\X0\\')", "1 2", "IFCLABEL(IFCLABEL('a'))", "IFCLABEL('a','b')",
    "IFCLABEL()", "'a' 'b'", "IFCBINARY(\"0AB\")", "IFCCOMPOUNDPLANEANGLEMEASURE((1,2,3))", "+1", "1e3", "1.E3",
    "IFCLABEL('\\X\\0A')", "IFCLABEL('\\X\\8A\\X\\4F')", "/* it's */ IFCLABEL('/* c */')", "",
]  # fmt: skip


@pytest.mark.parametrize("written", ODD_VALUES)
def test_an_odd_value_is_read_as_ifcopenshell_reads_it(written: str) -> None:
    assert "n1" in values_of(written, "IFCLABEL('plain')")


@pytest.mark.parametrize(
    "kind",
    [
        "IFCPROPERTYENUMERATEDVALUE('n{0}',$,(IFCLABEL('a'),IFCREAL(1)),$)",
        "IFCPROPERTYLISTVALUE('n{0}',$,(IFCREAL(1.),IFCREAL(2.)),$)",
        "IFCPROPERTYBOUNDEDVALUE('n{0}',$,IFCREAL(1.),$,$,IFCREAL(2.))",
        "IFCPROPERTYTABLEVALUE('n{0}',$,(IFCREAL(1.)),(IFCREAL(2.)),$,$,$,.LINEAR.)",
        "IFCPROPERTYREFERENCEVALUE('n{0}',$,$,#9)",
        "IFCCOMPLEXPROPERTY('n{0}',$,'u',(#200))",
        "IFCQUANTITYLENGTH('n{0}',$,$,5.,$)",
        "IFCPROPERTYSINGLEVALUE('n{0}',$,IFCLABEL('too few'))",
        "IFCPROPERTYSINGLEVALUE('\\X2\\5916\\X0\\{0}',$,IFCLABEL('a'),$)",
        "IFCPROPERTYSINGLEVALUE($,$,IFCLABEL('a'),$)",
        "IFCPERSON('n{0}',$,$,$,$,$,$,$)",
    ],
)
def test_every_kind_of_property_is_read_as_ifcopenshell_reads_it(kind: str) -> None:
    values_of("", kind=kind + ";\n#200=IFCPROPERTYSINGLEVALUE('inner',$,IFCREAL(2.),$)")


def test_quantities_complex_quantities_and_predefined_sets() -> None:
    (wall,) = read_both(
        WALL + "#10=IFCELEMENTQUANTITY('2',$,$,$,$,(#20,#21,#22,#23));\n#20=IFCQUANTITYLENGTH('L',$,$,5.,$);\n"
        "#21=IFCQUANTITYCOUNT('C',$,$,3,$);\n#22=IFCPHYSICALCOMPLEXQUANTITY('X',$,(#20),'d',$,$);\n"
        "#23=IFCPROPERTYSINGLEVALUE('p',$,IFCREAL(1.),$);\n#11=IFCRELDEFINESBYPROPERTIES('3',$,$,$,(#9),#10);\n"
        "#12=IFCDOORLININGPROPERTIES('4',$,'D',$,1.,2,$,$,$,$,$,$,$,$,$,$,$);\n"
        "#13=IFCRELDEFINESBYPROPERTIES('5',$,$,$,(#9,#9),#12);\n"
        "#14=IFCRELDEFINESBYPROPERTIES('6',$,$,$,(#9),IFCPROPERTYSETDEFINITIONSET((#10,#12)));\n"
    )
    assert wall.properties == {
        "IfcElementQuantity": {"L": 5.0, "C": 3, "X": {"L": 5.0}},
        "D": {"LiningDepth": 1.0, "LiningThickness": 2},
    }


def test_relations_are_taken_in_the_order_of_their_number_and_subtypes_last_whatever_the_files_order() -> None:
    one = "#{0}=IFCPROPERTYSINGLEVALUE('n',$,IFCREAL({0}.),$);\n#{1}=IFCPROPERTYSET('2',$,'S',$,(#{0}));\n"
    (wall,) = read_both(
        "#33=IFCRELDEFINESBYPROPERTIES('3',$,$,$,(#9),#31);\n#32=IFCRELDEFINESBYPROPERTIES('3',$,$,$,(#9),#21);\n"
        "#5=IFCRELOVERRIDESPROPERTIES('3',$,$,$,(#9),#41,());\n#9=IFCWALL('w',$,'W',$,$,$,$,$);\n"
        + one.format(20, 21)
        + one.format(30, 31)
        + one.format(40, 41),
        "IFC2X3",
    )
    assert wall.properties == {"S": {"n": 40.0}}


@pytest.mark.parametrize(
    "relation",
    [
        "#11=IFCRELDEFINESBYPROPERTIES('3',$,$,$,(#9,#77),#10);",
        "#11=IFCRELDEFINESBYPROPERTIES('3',$,$,$,(#77),#10);",
        "#11=IFCRELDEFINESBYPROPERTIES('3',$,$,$,(#9),#77);",
        "#11=IFCRELDEFINESBYPROPERTIES('3',$,$,$,(#9),$);",
        "#11=IFCRELDEFINESBYPROPERTIES('3',$,$,$,$,#10);",
        "#11=IFCRELDEFINESBYPROPERTIES('3',$,$,$,(),#10);",
        "#11=IFCRELDEFINESBYPROPERTIES('3',$,$,$,#9,#10);",
        "#11=IFCRELDEFINESBYPROPERTIES('3',$,$,$,(#9));",
        "#11=IFCRELDEFINESBYPROPERTIES ( '3''(#1' , $ , 'a,b' , $ ,\n ( #9 ,\n#9 ) , #10 );",
        "#11=ifcreldefinesbyproperties('3',$,$,$,(#9),#10);",
        "#11=IFCRELASSOCIATESMATERIAL('3',$,$,$,(#9),$);\n#12=IFCRELASSOCIATESMATERIAL('4',$,$,$,(#9),#13);\n"
        "#13=IFCMATERIAL('m',$,$);",
        "#11=IFCRELASSIGNSTOGROUP('3',$,$,$,(#9),$,#12);\n#12=IFCGROUP('g',$,'G',$,$);",
        "#11=IFCRELDEFINESBYTYPE('3',$,$,$,(#9),#12);\n#12=IFCWALLTYPE('t',$,'T',$,$,(#10,#77),$,$,$,.SHEAR.);",
        "#11=IFCRELAGGREGATES('3',$,$,$,#12,(#9));\n#12=IFCBUILDINGSTOREY('s',$,'S',$,$,$,$,$,$,1.);",
        "#11=IFCRELAGGREGATES('3',$,$,$,#12,(#9));\n#12=IFCNOSUCHSTOREY('s',$,'S',$,$,$,$,$,$,1.);",
    ],
)
def test_an_odd_relation_is_read_as_ifcopenshell_reads_it(relation: str) -> None:
    sets = "#10=IFCPROPERTYSET('2',$,'S',$,(#20,#78));\n#20=IFCPROPERTYSINGLEVALUE('n',$,IFCREAL(1.),$);\n"
    assert "W" in [element.name for element in read_both(WALL + sets + relation + "\n")]


@pytest.mark.parametrize(
    "wall",
    [
        "$,$,$,$,$,$,$,$,$",
        "'w',$,5,$,$,$,$,$,.SOLIDWALL.",
        "'w',$,('q'),$,.X.,$,$,$,.SOLIDWALL.",
        "'w',$,IFCLABEL('z'),*,*,*,*,*,*",
        "'w',$,'n',$,'o',$,$,$,.USERDEFINED.",
        "'w',$,'n',$,'o',$,$,$,.FOO.",
        "'w',$,'n',$,'o',$,$,$,'x'",
        "'w',$,'n',$,'o',$,$,$",
        "'longer than a GlobalId may ever be',$,'n',$,'o',#77,$,$, .SHEAR. ",
        "'w',$,'n',$,'o',#30,$,$,$",
        "'w',$,'n',$,'o',#31,$,$,$",
        "'w',$,'n',$,'o',#32,$,$,$",
        "'w',$,'n',$,'o',#33,$,$,$",
        "'w',$,'n',$,'o',#34,$,$,$",
        "'w',$,'n',$,'o',#35,$,$,$",
        "'w',$,'n',$,'o',#36,$,$,$",
        "'w',$,'n',$,'o',#37,$,$,$",
        "'w',$,'n',$,'o',#38,$,$,$",
    ],
)
def test_an_odd_element_or_placement_is_read_as_ifcopenshell_reads_it(wall: str) -> None:
    read_both(
        f"#9=IFCWALL({wall});\n"
        "#20=IFCAXIS2PLACEMENT3D(#21,$,$);\n#21=IFCCARTESIANPOINT((1,2.,-3.E0));\n"
        "#22=IFCAXIS2PLACEMENT3D(#21,#23,#24);\n#23=IFCDIRECTION((0.,1.,1.));\n#24=IFCDIRECTION((1.,0.2,0.));\n"
        "#25=IFCAXIS2PLACEMENT3D(#21,#26,$);\n#26=IFCDIRECTION((0.,0.,0.));\n#27=IFCAXIS2PLACEMENT2D(#21,#24);\n"
        "#28=IFCAXIS2PLACEMENT3D(#29,$,$);\n#29=IFCCARTESIANPOINT(());\n"
        "#30=IFCLOCALPLACEMENT(#31,#22);\n#31=IFCLOCALPLACEMENT($,#20);\n#32=IFCLOCALPLACEMENT(#77,#25);\n"
        "#33=IFCLOCALPLACEMENT(#30,#27);\n#34=IFCLOCALPLACEMENT(#34,#20);\n#35=IFCLOCALPLACEMENT(#77,#22);\n"
        "#36=IFCGRIDPLACEMENT($,$,$);\n#37=IFCLOCALPLACEMENT($,#28);\n#38=IFCLOCALPLACEMENT(#36,#20);\n"
    )


def test_a_file_in_which_a_number_stands_for_two_records_is_left_to_ifcopenshell() -> None:
    table = StepTable.of((HEADER.format(schema="IFC4") + WALL + WALL + "ENDSEC;\nEND-ISO-10303-21;\n").encode())

    class Model:
        schema_identifier = "IFC4"

    with pytest.raises(NotPlain, match="two records"):
        TableSource(Model(), ElementFrames(1.0), table)
    assert not isinstance(source_of(Model(), ElementFrames(1.0), table), TableSource)


def test_a_text_that_is_not_plain_is_odd_and_not_guessed_at() -> None:
    texts = CleanTexts(255)
    assert texts[b"'\\X2\\59165185\\X0\\ 1'"] == "外内 1"
    for odd in (b"'\\X2\\D83D\\X0\\'", b"'\\PA\\a'", b"'\\q'", b"'a\xe4'", b"'a' 'b'", b"5", b"'\\X2\\591\\X0\\'"):
        with pytest.raises(Odd):
            texts[odd]


PIECES = st.sampled_from(
    ["a", "''", "\\\\", "\\X\\E4", "\\X\\41", "\\X2\\5916\\X0\\", "\\S\\D", "\\X4\\0001F600\\X0\\", ",", "(", ")", ";",
     "#1", "/*", "*/", "$", "\\X2\\D83DDE00\\X0\\", "\\X\\80", " ", "="]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=12).map("".join)
NUMBERS = st.one_of(
    st.integers(-(10**17), 10**17).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(
        lambda value: repr(value).upper() if "." in repr(value) else "1."
    ),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=8), st.lists(NUMBERS, min_size=1, max_size=8))
def test_any_texts_and_numbers_are_read_alike(texts: list[str], numbers: list[str]) -> None:
    written = [f"IFCTEXT('{text}')" for text in texts] + [f"IFCREAL({number})" for number in numbers]
    values_of(*written)
    for text in texts:
        read_both(f"#9=IFCWALL('w',$,'{text}','{text}','{text}',$,$,$,$);\n")


def test_plain_properties_and_quantities_are_read_without_ifcopenshells_objects() -> None:
    data = (
        "#5=IFCPROPERTYSINGLEVALUE('a',$,IFCLABEL('x'),$);\n#6=IFCQUANTITYLENGTH('b',$,$,2.5,$);\n"
        "#7=IFCPROPERTYSET('1F6umJ5H50aeL3A1As_wTn',$,'Pset',$,(#5));\n"
        "#8=IFCELEMENTQUANTITY('1F6umJ5H50aeL3A1As_wTo',$,'Qto',$,$,(#6));\n"
    )
    table = StepTable.of((HEADER.format(schema="IFC4") + data + "ENDSEC;\nEND-ISO-10303-21;\n").encode())
    sets = TableProperties(None, TableRecords(table, "IFC4")).sets()
    assert sets == {7: ("Pset", {"a": "x"}), 8: ("Qto", {"b": 2.5})}
