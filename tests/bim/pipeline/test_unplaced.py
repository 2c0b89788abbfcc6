"""An unplaced element has no mesh, and its reason is its gap."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bim.ifc.meshing_types import Mesh, Outcome
from bim.pipeline.frames import write_frame
from bim.pipeline.outcomes import collect_outcomes
from bim.pipeline.unplaced import write_unplaced


def test_what_is_unplaced_has_its_reason_for_a_mesh_and_the_others_keep_theirs(tmp_path: Path) -> None:
    mesh = Mesh(np.eye(3), np.array([[0, 1, 2]]), np.array([[1, 2, 3, 255]], dtype=np.uint8), np.array([0]))
    with (tmp_path / "mesh-000.bin").open("wb") as file:
        for step_id in (7, 8):
            write_frame(file, Outcome(step_id, mesh, engine="opencascade"))
    assert [outcome.mesh is None for outcome in collect_outcomes(tmp_path).values()] == [False, False]
    write_unplaced(tmp_path, {8: "Unplaced: far away.", 9: "Unplaced: never meshed."})
    found = collect_outcomes(tmp_path)
    assert {step_id: (outcome.mesh is None, outcome.reason) for step_id, outcome in found.items()} == {
        7: (False, ""), 8: (True, "Unplaced: far away."),
    }  # fmt: skip
