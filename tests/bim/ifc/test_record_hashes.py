"""The hash of a record says what it is made of, and not its number, its words or its project's own place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bim.ifc import record_hashes as subject
from bim.ifc.record_hashes import record_hashes
from bim.ifc.step_table import StepTable


def hashes_of(records: str) -> dict[int, tuple[int, int]]:
    table = StepTable.of(f"HEADER;\nENDSEC;\nDATA;\n{records}\nENDSEC;".encode("ascii"))
    found = record_hashes(table)
    return {int(step_id): (int(a), int(b)) for step_id, (a, b) in zip(table.ids, found, strict=True)}


def shape(point: str, number: int = 10, context: str = "#1", name: str = "'Body'") -> str:
    return (
        f"#{number}=IFCCARTESIANPOINT(({point}));#{number + 1}=IFCVERTEXPOINT(#{number});"
        f"#{number + 2}=IFCSHAPEREPRESENTATION({context},{name},'Brep',(#{number + 1}));"
    )


def test_the_same_shape_under_other_numbers_names_and_contexts_has_the_same_hash() -> None:
    found = hashes_of(
        "#1=IFCCONTEXT();#2=IFCCONTEXT();"
        + shape("0.,1.,2.")
        + shape(" 0.,\n1.,2. ", 400, "#2", "'Axis''s'")
        + shape("0.,1.,2.", 70, "$", "$")
    )
    assert found[12] == found[402] == found[72] and found[12] != (0, 0)
    assert found[10] == found[400] and found[11] == found[401]


def test_words_do_not_count_whatever_stands_in_them() -> None:
    found = hashes_of(
        "#1=IFCPROFILE(.AREA.,'a',1.);#2=IFCPROFILE(.AREA.,'it''s #1, (b);',1.);#3=IFCPROFILE(.AREA.,'''',1.);"
        "#4=IFCPROFILE(.AREA.,'',1.);#5=IFCPROFILE(.AREA.,$,1.);#6=IFCPROFILE(.AREA.,'','',1.);"
        "#9=IFCSHAPEREPRESENTATION($,$,$,(#1,#2,#3,#4,#5,#6));"
    )
    assert found[1] == found[2] == found[3] == found[4]
    assert len({found[1], found[5], found[6]}) == 3


@pytest.mark.parametrize(
    "other",
    [
        shape("0.,1.,2.5", 50),
        shape("1.,0.,2.", 50),
        shape("0.,1.,2.", 50).replace("IFCCARTESIANPOINT", "IFCPOINT"),
        "#50=IFCCARTESIANPOINT((0.,1.,2.));#51=IFCVERTEXPOINT(#50);#52=IFCSHAPEREPRESENTATION($,$,$,(#51,#51));",
        "#50=IFCCARTESIANPOINT((0.,1.,2.));#51=IFCVERTEXPOINT(#99);#52=IFCSHAPEREPRESENTATION($,$,$,(#51));",
        "#50=IFCCARTESIANPOINT((0.,1.,2.));#51=IFCVERTEXPOINT(#51);#52=IFCSHAPEREPRESENTATION($,$,$,(#51));",
    ],
)
def test_another_number_class_order_count_or_reference_is_another_shape(other: str) -> None:
    found = hashes_of(shape("0.,1.,2.") + other)
    assert found[52] != found[12] and found[52] != (0, 0)


def test_the_order_of_references_counts() -> None:
    found = hashes_of(
        "#1=IFCA(1.);#2=IFCA(2.);#3=IFCLINE(#1,#2);#4=IFCLINE(#2,#1);"
        "#5=IFCSHAPEREPRESENTATION($,$,$,(#3));#6=IFCSHAPEREPRESENTATION($,$,$,(#4));"
    )
    assert found[5] != found[6] and found[3] != found[4]


def test_what_no_representation_is_made_of_has_no_hash() -> None:
    found = hashes_of(shape("0.,1.,2.") + "#90=IFCWALL('a',#12);")
    assert found[90] == (0, 0)


coordinates = st.lists(st.sampled_from(["0.", "1.", "-1.", "10.", "2.5E-3"]), min_size=1, max_size=3).map(",".join)


@given(st.lists(coordinates, min_size=1, max_size=12), st.integers(30, 300))
def test_hashes_are_equal_exactly_where_the_numbers_are(points: list[str], run_bytes: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subject, "RUN_BYTES", run_bytes)
        found = hashes_of("".join(shape(point, 10 * number) for number, point in enumerate(points, 1)))
    own = [found[10 * number + 2] for number in range(1, len(points) + 1)]
    equal = np.array([[a == b for a in own] for b in own])
    assert (equal == np.array([[a == b for a in points] for b in points])).all()
