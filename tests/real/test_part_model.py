"""Over the shared models OpenCASCADE makes of a part of a file what it makes of the whole, to the last bit."""

from __future__ import annotations

import random
import warnings
from pathlib import Path

import numpy as np
import pytest

from bim.ifc.bodies import body_items
from bim.ifc.container import check_file
from bim.ifc.meshers.opencascade import OpenCascade
from bim.ifc.part_model import PartModel
from bim.ifc.reading import open_model
from bim.ifc.refusal import Refusal
from bim.ifc.step_table import NotPlain, StepTable
from bim.ifc.table_records import TableRecords

OPEN = Path(__file__).resolve().parents[3] / "shared" / "data" / "ifc" / "open"
MOST_BYTES, OF_EACH, SEED = 400_000, 3, 20261127
FILES = sorted(path for path in OPEN.glob("*.ifc") if path.stat().st_size <= MOST_BYTES) if OPEN.is_dir() else []

if not FILES:
    warnings.warn(f"PARTS OF FILES ARE NOT TESTED ON REAL FILES: {OPEN} does not exist.", stacklevel=1)


@pytest.mark.skipif(not FILES, reason=f"PARTS OF FILES ARE NOT TESTED ON REAL FILES: no {OPEN}.")
def test_meshes_and_colours_of_elements_opened_apart_are_those_of_the_whole_file(tmp_path: Path) -> None:
    chosen, engine, compared = random.Random(SEED), OpenCascade(1.0), 0
    for path in FILES:
        try:
            checked = check_file(path, tmp_path)
            whole, _ = open_model(checked)
            records = TableRecords(StepTable.of(checked.path.read_bytes()), checked.schema)
        except (Refusal, NotPlain):
            continue
        ids = [element.id() for element in whole.by_type("IfcElement") if body_items(element)]
        ids = chosen.sample(ids, min(OF_EACH, len(ids)))
        part = PartModel(records, tmp_path).with_shapes(ids)
        for step_id in ids:
            expected, found = engine.mesh_one(whole, step_id), engine.mesh_one(part, step_id)
            assert (found.reason, found.mesh is None) == (expected.reason, expected.mesh is None), (path.name, step_id)
            if expected.mesh is not None and found.mesh is not None:
                for name in ("vertices", "faces", "colours", "face_colour"):
                    same = np.array_equal(getattr(found.mesh, name), getattr(expected.mesh, name))
                    assert same, (path.name, step_id, name)
                compared += 1
    assert compared >= 120
