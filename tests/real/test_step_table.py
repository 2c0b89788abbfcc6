"""Over the shared models the columns of a STEP file hold what IfcOpenShell reads: numbers, classes, references."""

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ifcopenshell
import pytest

from bim.ifc.container import check_file
from bim.ifc.refusal import Refusal
from bim.ifc.step_table import NotPlain, StepTable
from tests.bim.ifc.table_rows import class_of, references_of

OPEN = Path(__file__).resolve().parents[3] / "shared/data/ifc/open"
MOST_BYTES = 3 << 20
FILES = sorted(path for path in OPEN.glob("*.ifc") if path.stat().st_size <= MOST_BYTES) if OPEN.is_dir() else []

if not FILES:
    warnings.warn(f"THE STEP TABLE IS NOT TESTED ON REAL FILES: {OPEN} does not exist.", stacklevel=1)


@pytest.mark.skipif(not FILES, reason=f"THE STEP TABLE IS NOT TESTED ON REAL FILES: no {OPEN}.")
def test_every_record_of_the_shared_models_is_as_ifcopenshell_reads_it(tmp_path: Path) -> None:
    compared = records = 0
    not_plain: dict[str, str] = {}
    for path in FILES:
        try:
            checked = check_file(path, tmp_path)
            model = ifcopenshell.open(str(checked.path))
        except (Refusal, OSError, RuntimeError, ifcopenshell.Error):
            continue
        try:
            table = StepTable.of(checked.path.read_bytes())
        except NotPlain as cause:
            not_plain[path.name] = str(cause)
            continue
        known = {int(step_id) for step_id in model.entity_names()}
        for row in range(len(table)):
            step_id = int(table.ids[row])
            if step_id not in known:  # a class or a record that the schema does not know
                continue
            entity: Any = model.by_id(step_id)
            assert entity.is_a().upper() == class_of(table, row), (path.name, step_id)
            named = [each for value in entity for each in _instances(value)]
            assert named == [each for each in references_of(table, row) if each in known], (path.name, step_id)
        assert known <= set(table.ids.tolist()), path.name
        compared, records = compared + 1, records + len(table)
    assert compared >= 122 and records >= 636_535
    assert list(not_plain) == ["opensourceBIM_TestFiles__ac16_sjis.ifc"]  # for its escaped quotes


def _instances(value: Any) -> Iterator[int]:
    if isinstance(value, tuple):
        for each in value:
            yield from _instances(each)
    elif hasattr(value, "is_a"):
        if value.id():
            yield value.id()
        else:
            yield from (inner for each in value for inner in _instances(each))
