"""What the mesh stage has left in the work folder, for the assembly: meshes stay in their files until they are used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bim.ifc.meshing_types import Mesh

from .frames import StoredOutcome, stored_outcomes
from .mesh_batch import MeshBatch, runs_of
from .unplaced import without_unplaced

KEPT_BYTES = 192 << 20
"""So many bytes of meshes stay in memory once they were read: outlines, tiles and fall edges each ask for all."""


def collect_outcomes(folder: Path) -> dict[int, StoredOutcome]:
    """Return the outcome of each element by #id; a mesh wins over a reason, a later reason over an earlier, and that
    an element is unplaced over its mesh."""
    found: dict[int, StoredOutcome] = {}
    for path in sorted(folder.glob("mesh-*.bin")):
        for outcome in stored_outcomes(path):
            if outcome.has_mesh or outcome.step_id not in found or not found[outcome.step_id].has_mesh:
                found[outcome.step_id] = outcome
    return without_unplaced(folder, found)


class Meshes(Mapping[int, Mesh]):
    """The meshes of outcomes by #id, each read from its file when it is first asked for; what is beyond `kept_bytes`
    is read anew each time."""

    def __init__(self, outcomes: dict[int, StoredOutcome], kept_bytes: int = KEPT_BYTES) -> None:
        self.stored = {step_id: outcome for step_id, outcome in outcomes.items() if outcome.has_mesh}
        self._kept: dict[int, Mesh] = {}
        self._room = kept_bytes

    def __getitem__(self, step_id: int) -> Mesh:
        kept = self._kept.get(step_id)
        if kept is not None:
            return kept
        mesh = self.stored[step_id].mesh
        assert mesh is not None
        if self._room > 0:
            self._room -= mesh.vertices.nbytes + mesh.faces.nbytes + mesh.face_colour.nbytes
            self._kept[step_id] = mesh
        return mesh

    def __contains__(self, step_id: object) -> bool:
        return step_id in self.stored

    def __iter__(self) -> Iterator[int]:
        return iter(self.stored)

    def __len__(self) -> int:
        return len(self.stored)

    def triangles(self, step_id: int) -> int:
        return self.stored[step_id].faces

    def batches(self, step_ids: Sequence[int]) -> Iterator[tuple[slice, MeshBatch]]:
        """Yield runs of the elements with about 200,000 vertices each: which ones, and their batch."""
        counts = [self.stored[step_id].vertices for step_id in step_ids]
        for run in runs_of(counts):
            yield run, MeshBatch.of([self[step_id] for step_id in step_ids[run]])
