"""The one wall of the shared models whose door the fast engine closes goes to OpenCASCADE (R5)."""

import warnings
from pathlib import Path

import pytest

from bim.ifc.container import check_file
from bim.ifc.reading import open_model
from bim.pipeline.mesh_batch import area_and_volume
from bim.pipeline.mesh_stage import MeshStage
from bim.pipeline.outcomes import collect_outcomes

VILLA = Path(__file__).resolve().parents[3] / "shared/data/ifc/open/meannnph_meannnph.github.io__04.ifc"

if not VILLA.is_file():
    warnings.warn(f"DOUBLED FACES ARE NOT TESTED: {VILLA} does not exist.", stacklevel=1)


@pytest.mark.skipif(not VILLA.is_file(), reason=f"DOUBLED FACES ARE NOT TESTED: no {VILLA}.")
def test_a_door_beside_an_opening_that_touches_the_wall_is_open(tmp_path: Path) -> None:
    checked = check_file(VILLA, tmp_path)
    model, _ = open_model(checked)
    wall, plain = model.by_guid("08ntFydNPBJ9c1BiP7o9jm"), model.by_type("IfcColumn")[0]
    stage = MeshStage(model, checked, tmp_path, {"threads": 1, "attempt": 0, "one_by_one": False})
    stage.run([wall.id(), plain.id()], {}, lambda **fields: None, lambda stage, part: None)
    outcomes = collect_outcomes(tmp_path)
    assert [outcomes[row.id()].engine for row in (wall, plain)] == ["opencascade", "ifclite"]
    mesh = outcomes[wall.id()].mesh
    assert mesh is not None
    assert area_and_volume(mesh) == pytest.approx((43.994, 2.4634), rel=1e-4)
