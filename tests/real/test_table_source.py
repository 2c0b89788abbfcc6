"""Over the shared models the table's reader gives what IfcOpenShell's objects give, field by field."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from bim.ifc.container import check_file
from bim.ifc.element_frames import ElementFrames
from bim.ifc.reading import open_model, read_model
from bim.ifc.refusal import Refusal
from bim.ifc.step_table import NotPlain, StepTable
from bim.ifc.table_source import TableSource, source_of

OPEN = Path(__file__).resolve().parents[3] / "shared" / "data" / "ifc" / "open"
MOST_BYTES = 20 << 20
FILES = (
    sorted(path for path in OPEN.iterdir() if path.suffix[:4].lower() in (".ifc", ".zip")
           and path.stat().st_size <= MOST_BYTES) if OPEN.is_dir() else []
)  # fmt: skip

if not FILES:
    warnings.warn(f"THE TABLE'S READER IS NOT TESTED ON REAL FILES: {OPEN} does not exist.", stacklevel=1)


@pytest.mark.skipif(not FILES, reason=f"THE TABLE'S READER IS NOT TESTED ON REAL FILES: no {OPEN}.")
def test_elements_storeys_and_places_of_the_shared_models_are_as_ifcopenshell_reads_them(tmp_path: Path) -> None:
    files = elements = values = 0
    left: list[str] = []
    for path in FILES:
        try:
            checked = check_file(path, tmp_path)
            model, heard = open_model(checked)
        except Refusal:
            continue
        try:
            table = StepTable.of(checked.path.read_bytes())
        except NotPlain:
            left.append(path.name)
            continue
        assert isinstance(source_of(model, ElementFrames(1.0), table), TableSource), path.name
        expected, places = read_model(model, checked, heard)
        found, found_places = read_model(model, checked, heard, table=table)
        for one, other in zip(found.elements, expected.elements, strict=True):
            assert repr(one) == repr(other), path.name
        assert (found, found_places) == (expected, places), path.name
        files, elements = files + 1, elements + len(found.elements)
        values += sum(len(each) for element in found.elements for each in element.properties.values())
    assert files >= 127 and elements >= 18_006 and values >= 305_009
    assert left == ["opensourceBIM_TestFiles__ac16_sjis.ifc"]  # for its escaped quotes
