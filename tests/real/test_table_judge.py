"""Over the shared models bodies are judged from the table as they are from IfcOpenShell's objects, field by field."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from bim.ifc.bodies import Bodies
from bim.ifc.container import check_file
from bim.ifc.element_frames import ElementFrames
from bim.ifc.meshers.judging import UNJUDGED, ObjectJudge
from bim.ifc.meshers.table_judge import TableJudge
from bim.ifc.reading import elements_with_body, open_model
from bim.ifc.refusal import Refusal
from bim.ifc.step_table import NotPlain, StepTable
from bim.ifc.step_values import Odd
from bim.ifc.table_source import TableSource
from bim.ifc.units import length_unit_in_metres

OPEN = Path(__file__).resolve().parents[3] / "shared" / "data" / "ifc" / "open"
MOST_BYTES = 5 << 20
FILES = sorted(path for path in OPEN.glob("*.ifc") if path.stat().st_size <= MOST_BYTES) if OPEN.is_dir() else []
FIELDS = ("ifc_class", "pieces", "slow", "shapes", "placement", "context")

if not FILES:
    warnings.warn(f"JUDGING BY COLUMNS IS NOT TESTED ON REAL FILES: {OPEN} does not exist.", stacklevel=1)


def frame(matrix: object) -> str:
    return "none" if matrix is None else str(np.round(np.asarray(matrix), 9) + 0.0)


@pytest.mark.skipif(not FILES, reason=f"JUDGING BY COLUMNS IS NOT TESTED ON REAL FILES: no {OPEN}.")
def test_bodies_of_the_shared_models_are_judged_alike(tmp_path: Path) -> None:
    judged = odd = with_openings = coloured = slow = 0
    for path in FILES:
        try:
            checked = check_file(path, tmp_path)
            model, _ = open_model(checked)
            unit_m, _ = length_unit_in_metres(model)
            frames = ElementFrames(unit_m)
            source = TableSource(model, frames, StepTable.of(checked.path.read_bytes()))
        except (Refusal, NotPlain):
            continue
        by_table = TableJudge(model, source.records, frames, source)
        bodies = Bodies()
        by_objects = ObjectJudge(model, ElementFrames(unit_m), bodies)
        wanted = elements_with_body(model, bodies)
        assert by_table.with_body() == [step_id for step_id in wanted if step_id not in by_table.odd], path.name
        for step_id in wanted:
            try:
                found = by_table.judge(step_id)
            except Odd:
                odd += 1
                continue
            expected = by_objects.judge(model.by_id(step_id))
            assert expected.slow != UNJUDGED, (path.name, step_id)
            for name in FIELDS:
                assert getattr(found, name) == getattr(expected, name), (path.name, step_id, name)
            assert frame(found.frame) == frame(expected.frame), (path.name, step_id)
            cuts = [
                sorted((cut.step_id, cut.shapes, frame(cut.frame)) for cut in body.openings)
                for body in (found, expected)
            ]
            assert cuts[0] == cuts[1], (path.name, step_id)
            judged, with_openings = judged + 1, with_openings + bool(found.openings)
            coloured, slow = coloured + (found.pieces[0].colour is not None), slow + bool(found.slow)
    assert judged >= 7_111 and odd <= 653
    assert with_openings >= 356 and coloured >= 5_900 and slow >= 62
