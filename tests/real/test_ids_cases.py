"""The pass and fail cases of buildingSMART, and the broken files, from the shared data beside the project.

The files are never copied into the project. Without them these tests are skipped, loudly.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import ifcopenshell
import pytest

from bim.ifc.ids.checking import check_model
from bim.ifc.ids.reading import read_ids
from bim.ifc.ids.xml_tree import IdsRefusal

IDS = Path(__file__).resolve().parents[3] / "shared" / "data" / "ids"
CASES = sorted(IDS.glob("tc__*.ids"))
DISAGREEMENTS: dict[str, str] = {}
"""Cases whose official answer we do not give, with the cause: none."""

if not CASES:
    warnings.warn(f"THE IDS CASES ARE NOT TESTED: {IDS} does not exist.", stacklevel=1)

pytestmark = pytest.mark.skipif(not CASES, reason=f"THE IDS CASES ARE NOT TESTED: {IDS} does not exist.")


def test_every_pass_and_fail_case_agrees_with_its_name():
    found = {}
    for path in CASES:
        model = ifcopenshell.open(str(path.with_suffix(".ifc")))
        report = check_model(model, model.schema_identifier, read_ids(path), 30.0)
        expected = path.name.split("__")[2].split("-")[0]
        if report.status != expected:
            found[path.name] = report.status
    assert (len(CASES), sum("__pass-" in path.name for path in CASES)) == (15, 3)
    assert set(found) == set(DISAGREEMENTS), found


def test_the_specifications_of_practice_are_read():
    counts = {path.stem: len(read_ids(path).record.specifications) for path in sorted(IDS.glob("IDS_*.ids"))}
    assert counts == {
        "IDS_Aedes_example": 1, "IDS_ArcDox": 5, "IDS_SimpleBIM_examples": 2, "IDS_StructuralSafety": 1,
        "IDS_demo_BIM-basis-ILS": 3, "IDS_oma": 13, "IDS_random_example": 2, "IDS_ucms_prefab_pipes_IFC2x3": 2,
        "IDS_ucms_prefab_pipes_IFC4.3": 1, "IDS_wooden-windows": 6,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "line", "says"),
    [("InvalidIfcVersion", 10, "INVALIDIFCVERSION"), ("InvalidRestrictions", 26, "is not complete")],
)
def test_the_broken_files_are_refused_with_their_line(name, line, says):
    with pytest.raises(IdsRefusal, match=says) as caught:
        read_ids(IDS / f"ifclite__{name}.ids")
    assert (caught.value.code, caught.value.line) == ("schema", line)
