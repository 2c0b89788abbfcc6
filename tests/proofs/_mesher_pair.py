"""Both engines over one file, element by element: `python -m tests.proofs._mesher_pair FILE OUT SECONDS`."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from bim.ifc.container import check_file
from bim.ifc.meshers.ifclite import IfcLite
from bim.ifc.meshers.judging import Judged
from bim.ifc.meshing_types import Mesh
from bim.ifc.reading import open_model, read_model
from bim.ifc.refusal import Refusal
from bim.pipeline.frames import write_frame
from bim.pipeline.mesh_stage import MeshStage

from ._linear_check import Placing, check_linear, read_origins
from ._mesh_difference import BOX_M, BOX_SHARE, difference
from ._third_voice import OPENCASCADE_ERRS, in_a_fork, judge_miss

FAST_LIMIT_S = 20.0
ORIGINS = "origins.jsonl"


@dataclass(frozen=True)
class Pair:
    """What both engines made of one element. `rule` sends it to OpenCASCADE (R1 and R6: the fast one gave nothing
    to rely on); `miss` says how the meshes differ, empty where they agree or only one is there; `late` that
    OpenCASCADE had not come to it within its time; `third` and `judgement` what a third voice says of a miss."""

    step_id: int
    global_id: str
    ifc_class: str
    items: str
    rule: str
    fast: bool
    slow: bool
    miss: str
    colours_differ: bool
    late: bool = False
    third: str = ""
    judgement: str = ""


def colours(mesh: Mesh) -> set[tuple[int, ...]]:
    return {tuple(int(value) for value in mesh.colours[number]) for number in np.unique(mesh.face_colour)}


def compare(path: Path, slow_limit_s: float) -> dict[str, Any]:
    """Mesh every element of a file with both engines and return the pairs, times and the negative controls."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        checked = check_file(path, folder)
        model, heard = open_model(checked)
        record, _ = read_model(model, checked, heard)
        elements = {element.step_id: element for element in record.elements if element.wants_mesh}
        request = {"threads": 1, "attempt": 0, "one_by_one": False}
        found = MeshStage(model, checked, folder, request)._judge(list(elements), lambda: None)
        wanted = {step_id: want.body for step_id, want in found.items()}
        started = time.monotonic()
        fast = mesh_fast(model, checked.path, folder, wanted)
        between = time.monotonic()
        slow, late = mesh_slow(model, list(elements), folder, slow_limit_s)
        ended = time.monotonic()
        linear = check_linear(model, elements, read_origins(folder / ORIGINS))
        pairs: list[Pair] = []
        control: dict[str, bool] = {}
        for step_id, element in elements.items():
            one, other = fast.get(step_id), slow.get(step_id)
            miss = difference(one, other) if one is not None and other is not None else ""
            rule = wanted[step_id].slow or ("" if one is not None else "R1 or R6")
            items = ", ".join(sorted({model.by_id(piece.item).is_a() for piece in wanted[step_id].pieces}))
            differ = one is not None and other is not None and colours(one) != colours(other)
            third = judgement = ""
            if one is not None and other is not None and miss and not rule:
                third, judgement = judge_miss(model, model.by_id(step_id), one, other, folder)
            elif one is not None and other is not None and not miss and not control:
                control = is_caught(model, model.by_id(step_id), one, other, folder)
            met = one is not None, other is not None
            words = (miss, differ, step_id in late, third, judgement)
            pairs.append(Pair(step_id, element.global_id, element.ifc_class, items, rule, *met, *words))
    return {
        "schema": record.schema, "declared": record.declared_schema, "pairs": [asdict(pair) for pair in pairs],
        "fast_s": between - started, "slow_s": ended - between, "control": control,
        "linear": linear,
    }  # fmt: skip


def is_caught(model: Any, product: Any, fast: Mesh, slow: Mesh, folder: Path) -> dict[str, bool]:
    """Shift a mesh that agrees by three tolerances: is that a miss, and does the third voice refuse to excuse it?"""
    size = float(np.linalg.norm(np.ptp(slow.vertices, axis=0)))
    shift = np.array([3 * max(BOX_M, BOX_SHARE * size), 0, 0])
    wrong = replace(fast, vertices=fast.vertices + shift)
    return {
        "miss": difference(wrong, slow) != "",
        "not_excused": judge_miss(model, product, wrong, slow, folder)[1] != OPENCASCADE_ERRS,
    }


def mesh_fast(model: Any, path: Path, folder: Path, wanted: dict[int, Judged]) -> dict[int, Mesh]:
    """Return the fast engine's meshes, also of elements that a rule would keep from it."""
    engine = IfcLite(path, folder, FAST_LIMIT_S, lambda: max(model.entity_names(), default=0))
    for body in wanted.values():
        if body.pieces:
            engine.take(body, np.zeros(3) if body.frame is None else body.frame[:3, 3])
    return {outcome.step_id: outcome.mesh for outcome in engine.mesh_all() if outcome.mesh is not None}


def mesh_slow(model: Any, step_ids: list[int], folder: Path, limit_s: float) -> tuple[dict[int, Mesh], set[int]]:
    """Return OpenCASCADE's meshes, made in a fork that is killed at its limit, and the elements it had not come to."""

    def work(file: BinaryIO) -> None:
        engine, found = Placing(folder / ORIGINS), set()
        for outcome in engine.mesh_all(model, step_ids):
            found.add(outcome.step_id)
            write_frame(file, outcome)
        for step_id in step_ids:
            if step_id not in found:
                write_frame(file, engine.mesh_one(model, step_id))

    found = {outcome.step_id: outcome.mesh for outcome in in_a_fork(work, folder / "slow.bin", limit_s)}
    late = {step_id for step_id in step_ids if step_id not in found}
    return {step_id: mesh for step_id, mesh in found.items() if mesh is not None}, late


def main() -> int:
    """Compare one file and write what was found, or why it was refused."""
    try:
        found = compare(Path(sys.argv[1]), float(sys.argv[3]))
    except Refusal as refusal:
        found = {"refused": refusal.reason}
    Path(sys.argv[2]).write_text(json.dumps(found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
