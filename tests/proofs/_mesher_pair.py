"""Both engines over one file, element by element: `python -m tests.proofs._mesher_pair FILE OUT` (killed when slow)."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from bim.ifc.bodies import body_items
from bim.ifc.container import check_file
from bim.ifc.meshers.ifclite import IfcLite
from bim.ifc.meshers.opencascade import OpenCascade
from bim.ifc.meshing_types import Mesh, Outcome
from bim.ifc.reading import open_model, read_model
from bim.ifc.refusal import Refusal
from bim.pipeline.assembly import area_and_volume
from bim.pipeline.mesh_stage import MeshStage, Wanted

BOX_M, BOX_SHARE, AREA_SHARE = 0.005, 0.002, 0.01
FAST_LIMIT_S = 20.0


@dataclass(frozen=True)
class Pair:
    """What both engines made of one element. `rule` sends it to OpenCASCADE (R1 and R6: the fast one gave nothing
    to rely on); `miss` says how the meshes differ, empty where they agree or only one is there."""

    global_id: str
    ifc_class: str
    items: str
    rule: str
    fast: bool
    slow: bool
    miss: str
    colours_differ: bool


def difference(fast: Mesh, slow: Mesh) -> str:
    """Return how a mesh misses the reference, empty where box and area agree."""
    boxes = [np.array([mesh.vertices.min(axis=0), mesh.vertices.max(axis=0)]) for mesh in (fast, slow)]
    off_m = float(np.abs(boxes[0] - boxes[1]).max())
    if off_m > max(BOX_M, BOX_SHARE * float(np.linalg.norm(boxes[1][1] - boxes[1][0]))):
        return f"box off by {off_m:.4f} m"
    areas = [area_and_volume(mesh)[0] for mesh in (fast, slow)]
    share = abs(areas[0] - areas[1]) / max(areas[1], 1e-12)
    if share <= AREA_SHARE:
        return ""
    open_edges = [count_open_edges(mesh) for mesh in (fast, slow)]
    return (
        f"area {areas[0]:.3f} m² against {areas[1]:.3f} m² ({share:.1%}); open edges: "
        f"{open_edges[0]} in the fast mesh, {open_edges[1]} in OpenCASCADE's"
    )


def count_open_edges(mesh: Mesh) -> int:
    """Return how many edges do not belong to two triangles, corners nearer than a tenth of a millimetre being one."""
    _, corner = np.unique(np.round(mesh.vertices, 4), axis=0, return_inverse=True)
    faces = corner.reshape(-1)[mesh.faces]
    faces = faces[(faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 0] != faces[:, 2])]
    edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
    counts = np.unique(edges, axis=0, return_counts=True)[1]
    return int((counts % 2).sum())


def colours(mesh: Mesh) -> set[tuple[int, ...]]:
    return {tuple(int(value) for value in mesh.colours[number]) for number in np.unique(mesh.face_colour)}


def compare(path: Path) -> dict[str, Any]:
    """Mesh every element of a file with both engines and return the pairs, times and the negative control."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        checked = check_file(path, folder)
        model, heard = open_model(checked)
        record, _ = read_model(model, checked, heard)
        elements = {element.step_id: element for element in record.elements if element.wants_mesh}
        request = {"threads": 1, "attempt": 0, "one_by_one": False}
        wanted = MeshStage(model, checked, folder, request)._judge(list(elements), lambda: None)
        started = time.monotonic()
        fast = mesh_fast(model, checked.path, folder, wanted)
        between = time.monotonic()
        slow = mesh_slow(model, list(elements))
        ended = time.monotonic()
    pairs, control = [], None
    for step_id, element in elements.items():
        one, other = fast.get(step_id), slow.get(step_id)
        miss = ""
        if one is not None and other is not None:
            miss = difference(one, other)
            if not miss and control is None:
                control = is_caught(one, other)
        rule = wanted[step_id].slow or ("" if one is not None else "R1 or R6")
        items = ", ".join(sorted({piece.item.is_a() for piece in wanted[step_id].pieces}))
        differ = one is not None and other is not None and colours(one) != colours(other)
        pairs.append(
            Pair(element.global_id, element.ifc_class, items, rule, one is not None, other is not None, miss, differ)
        )
    return {
        "schema": record.schema, "declared": record.declared_schema, "pairs": [asdict(pair) for pair in pairs],
        "fast_s": between - started, "slow_s": ended - between, "control": control,
    }  # fmt: skip


def is_caught(fast: Mesh, slow: Mesh) -> bool:
    """Shift a mesh that agrees by three tolerances and say whether that is reported as a miss."""
    size = float(np.linalg.norm(np.ptp(slow.vertices, axis=0)))
    shift = np.array([3 * max(BOX_M, BOX_SHARE * size), 0, 0])
    return difference(replace(fast, vertices=fast.vertices + shift), slow) != ""


def mesh_fast(model: Any, path: Path, folder: Path, wanted: dict[int, Wanted]) -> dict[int, Mesh]:
    """Return the fast engine's meshes, also of elements that a rule would keep from it."""
    engine = IfcLite(model, path, folder, FAST_LIMIT_S)
    for step_id, want in wanted.items():
        product = model.by_id(step_id)
        if want.pieces and body_items(product):
            origin = np.zeros(3) if want.frame is None else want.frame[:3, 3]
            engine.take(product, want.pieces, origin)
    return {outcome.step_id: outcome.mesh for outcome in engine.mesh_all() if outcome.mesh is not None}


def mesh_slow(model: Any, step_ids: list[int]) -> dict[int, Mesh]:
    engine = OpenCascade(1.0, threads=1)
    found: dict[int, Outcome] = {outcome.step_id: outcome for outcome in engine.mesh_all(model, step_ids)}
    for step_id in step_ids:
        if step_id not in found:
            found[step_id] = engine.mesh_one(model, step_id)
    return {step_id: outcome.mesh for step_id, outcome in found.items() if outcome.mesh is not None}


def main() -> int:
    """Compare one file and write what was found, or why it was refused."""
    try:
        found = compare(Path(sys.argv[1]))
    except Refusal as refusal:
        found = {"refused": refusal.reason}
    Path(sys.argv[2]).write_text(json.dumps(found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
