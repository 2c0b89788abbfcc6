"""The columns of a STEP file say where each record stands, its class and what it refers to, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bim.ifc import step_table
from bim.ifc.step_table import NotPlain, StepTable
from tests.bim.ifc.table_rows import class_of, references_of, text_of

HEAD = "ISO-10303-21;\nHEADER;\nFILE_SCHEMA(('IFC4'));\nENDSEC;\nDATA;\n"
TAIL = "ENDSEC;\nEND-ISO-10303-21;\n"


def table_of(records: str) -> StepTable:
    return StepTable.of((HEAD + records + TAIL).encode("ascii"))


def test_records_keep_their_order_and_say_class_text_and_references() -> None:
    table = table_of("#7=IFCWALL('a',#3,(#12,#3));\n#3= IFCDOOR( $ ) ;\r\n\r\n#12 =\nIFCwall();")
    assert table.ids.tolist() == [7, 3, 12] and len(table) == 3
    assert [class_of(table, row) for row in range(3)] == ["IFCWALL", "IFCDOOR", "IFCWALL"]
    assert [text_of(table, row) for row in range(3)] == [b"'a',#3,(#12,#3)", b" $ ", b""]
    assert [references_of(table, row) for row in range(3)] == [[3, 12, 3], [], []]
    assert table.rows_of("IFCWALL").tolist() == [0, 2] and table.rows_of("IFCSLAB").tolist() == []
    assert table.row_of(np.array([12, 7, 4, 99, 0])).tolist() == [2, 0, -1, -1, -1]


def test_signs_in_texts_and_comments_are_no_structure() -> None:
    table = table_of("#1=IFCA('it''s #9; (',#2);/* #5=IFCC(#1); 'it */#2=IFCB('/*','*/'/* ' */,#1);")
    assert table.ids.tolist() == [1, 2]
    assert text_of(table, 0) == b"'it''s #9; (',#2" and references_of(table, 0) == [2]
    assert text_of(table, 1) == b"'/*','*/'       ,#1" and references_of(table, 1) == [1]


def test_of_two_records_with_one_number_the_last_is_found() -> None:
    table = table_of("#1=IFCA();#1=IFCB();")
    assert table.row_of(np.array([1])).tolist() == [1] and table.ids.tolist() == [1, 1]


def test_a_data_section_without_records_is_an_empty_table() -> None:
    table = table_of("\n")
    assert len(table) == 0 and table.rows_of("IFCA").tolist() == [] and table.row_of(np.array([1])).tolist() == [-1]


@pytest.mark.parametrize(
    ("records", "cause"),
    [
        ("#1=(IFCA()IFCB());", "'' is no class name"),
        ("#1=IFCA();IFCB();", "no number or no brackets"),
        ("#1=IFCA();x#2=IFCB();", "the record at byte 69 is none of the form"),
        ("#1 x=IFCA();", "is none of the form"),
        ("#1=IFCA()x;", "is none of the form"),
        ("#=IFCA();", "a # has no number"),
        ("#1=IFCA(#);", "a # has no number"),
        ("#12345678901234567890=IFCA();", "too many digits"),
        ("#1=" + "I" * 90 + "();", "name is too long"),
        ("#1=IFCA('open);", "the last record has no end"),
        ("#1=IFCA()", "the last record has no end"),
        ("#1=IFCA();ENDSEC;DATA;#2=IFCB();", "at byte 69"),
        ("#1=IFC-A();", "is no class name"),
        ("#1=IFCA('\\S\\'');", "a quote that does not end it"),
    ],
)
def test_what_is_no_plain_record_is_left_to_the_parser(records: str, cause: str) -> None:
    with pytest.raises(NotPlain, match=cause):
        table_of(records)


def test_a_file_without_a_data_section_is_left_to_the_parser() -> None:
    with pytest.raises(NotPlain, match="no DATA section"):
        StepTable.of(b"ISO-10303-21;\nHEADER;\nENDSEC;\n")


@dataclass
class Written:
    step_id: int
    name: str
    parts: list[str | int]  # a text, a number to refer to
    blank: str

    def text(self) -> str:
        return ",".join(f"#{part}" if isinstance(part, int) else part for part in self.parts)

    def record(self) -> str:
        return (
            f"{self.blank}#{self.step_id}{self.blank}={self.blank}{self.name}{self.blank}({self.text()}){self.blank};"
        )


numbers = st.integers(0, 10**12)
texts = st.text(st.sampled_from("ab'#;()=/*,\n "), max_size=8).map(lambda text: "'" + text.replace("'", "''") + "'")
others = st.sampled_from(["$", "*", "1.5E-3", ".T.", "()", "(1,(2))", "IFCLABEL('x;')", '"0F"'])
written = st.builds(
    Written,
    numbers,
    st.sampled_from(["IFCWALL", "IFCDOOR", "IFC2X_A", "IFCRELVOIDSELEMENT"]),
    st.lists(st.one_of(numbers, texts, others), max_size=5),
    st.sampled_from(["", " ", "\n", "\r\n\t", "/**/", "/* #1; ' */"]),
)


@given(st.lists(written, max_size=12), st.integers(20, 200))
def test_whatever_is_written_is_found_again(records: list[Written], chunk_bytes: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(step_table, "CHUNK_BYTES", chunk_bytes)
        table = table_of("".join(record.record() for record in records))
    assert table.ids.tolist() == [record.step_id for record in records]
    assert [class_of(table, row) for row in range(len(records))] == [record.name for record in records]
    assert [text_of(table, row).decode() for row in range(len(records))] == [record.text() for record in records]
    for row, record in enumerate(records):
        assert references_of(table, row) == [part for part in record.parts if isinstance(part, int)]
