"""How two meshes of one element differ: by their boxes (5 mm or 0.2 % of the diagonal) and their areas (1 %)."""

from __future__ import annotations

import numpy as np

from bim.ifc.meshing_types import Mesh
from bim.pipeline.mesh_batch import area_and_volume

BOX_M, BOX_SHARE, AREA_SHARE = 0.005, 0.002, 0.01


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
