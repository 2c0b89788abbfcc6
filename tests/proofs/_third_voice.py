"""Who is right where the fast mesh and OpenCASCADE's differ: what the element's own numbers and a third kernel say.

IfcOpenShell's `cgal` kernel computes booleans exactly; its mesh counts as a voice only where it is closed. A body
without openings whose every item is made of points has a box of its own, whoever meshes it, and a faceted B-rep has an
area of its own: that of its loops by Newell's formula, flat or not.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import ifcopenshell.geom
import numpy as np
from numpy.typing import NDArray

from bim.ifc.bodies import body_items
from bim.ifc.element_frames import ElementFrames
from bim.ifc.meshers.opencascade import OpenCascade
from bim.ifc.meshers.openings import openings_of
from bim.ifc.meshing_types import Mesh, Outcome
from bim.ifc.units import length_unit_in_metres
from bim.pipeline.frames import read_frames, write_frame
from bim.pipeline.mesh_batch import area_and_volume

from ._mesh_difference import AREA_SHARE, BOX_M, BOX_SHARE, count_open_edges, difference

THIRD_LIMIT_S = 20.0
OPENCASCADE_ERRS, FAST_ERRS, OPEN_QUESTION = "OpenCASCADE errs", "the fast engine errs", "not decided"
MADE_OF_POINTS = (
    "IfcFacetedBrep", "IfcTriangulatedFaceSet", "IfcPolygonalFaceSet", "IfcShellBasedSurfaceModel",
    "IfcFaceBasedSurfaceModel",
)  # fmt: skip


class Cgal(OpenCascade):
    """IfcOpenShell with its exact kernel."""

    def _create_shape(self, element: Any) -> Any:
        return ifcopenshell.geom.create_shape(self.settings, element, geometry_library="cgal")


def in_a_fork(work: Callable[[BinaryIO], None], path: Path, limit_s: float) -> list[Outcome]:
    """Return the outcomes that a fork of this process has written when it ends, crashes or is killed at its limit."""
    path.unlink(missing_ok=True)
    child = os.fork()
    if not child:
        try:
            with path.open("wb") as file:
                work(file)
        finally:
            os._exit(0)
    ends = time.monotonic() + limit_s
    while os.waitpid(child, os.WNOHANG)[0] == 0:
        if time.monotonic() >= ends:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            break
        time.sleep(0.01)
    return list(read_frames(path)) if path.exists() else []


def judge_miss(model: Any, product: Any, fast: Mesh, slow: Mesh, folder: Path) -> tuple[str, str]:
    """Return the evidence in words, and whose error it shows."""
    words = [f"volumes: fast {area_and_volume(fast)[1]:.4f}, OpenCASCADE {area_and_volume(slow)[1]:.4f} m³"]
    box = box_of_points(model, product)
    if box is not None:
        near = [_is_near(mesh, box) for mesh in (fast, slow)]
        words.append(f"box of its own points: fast {_yes(near[0])}, OpenCASCADE {_yes(near[1])}")
        if near[0] != near[1]:
            return "; ".join(words), OPENCASCADE_ERRS if near[0] else FAST_ERRS
    area = area_of_loops(model, product) if box is not None else None
    if area is not None:
        shares = [abs(area_and_volume(mesh)[0] - area) / area for mesh in (fast, slow)]
        words.append(f"its own loops: {area:.3f} m²")
        if (shares[0] <= AREA_SHARE) != (shares[1] <= AREA_SHARE):
            return "; ".join(words), OPENCASCADE_ERRS if shares[0] <= AREA_SHARE else FAST_ERRS
    third = _mesh_third(model, product.id(), folder)
    if third is None:
        return "; ".join([*words, "cgal gives nothing"]), OPEN_QUESTION
    gaps = count_open_edges(third)
    agrees = [not difference(mesh, third) for mesh in (fast, slow)]
    third_area, volume = area_and_volume(third)
    words.append(
        f"cgal: {third_area:.3f} m², {volume:.4f} m³, open edges {gaps}, agrees with "
        f"{', '.join(name for name, agreed in zip(('fast', 'OpenCASCADE'), agrees, strict=True) if agreed) or 'none'}"
    )
    if gaps or agrees[0] == agrees[1]:
        return "; ".join(words), OPEN_QUESTION
    return "; ".join(words), OPENCASCADE_ERRS if agrees[0] else FAST_ERRS


def _yes(near: bool) -> str:
    return "fits" if near else "does not"


def _mesh_third(model: Any, step_id: int, folder: Path) -> Mesh | None:
    def work(file: BinaryIO) -> None:
        write_frame(file, Cgal(1.0).mesh_one(model, step_id))

    found = in_a_fork(work, folder / "third.bin", THIRD_LIMIT_S)
    return found[0].mesh if found else None


def box_of_points(model: Any, product: Any) -> NDArray[np.float64] | None:
    """Return the box (project metres) of a body that is nothing but points, None where it is more or is cut."""
    unit_m, _ = length_unit_in_metres(model)
    frame = ElementFrames(unit_m).of(product)
    items = body_items(product)
    if frame is None or openings_of(product) or not items or any(item.is_a() not in MADE_OF_POINTS for item in items):
        return None
    points = np.array([point for item in items for point in _points(model, item)], dtype=np.float64)
    if not len(points) or points.shape[1] != 3:
        return None
    world = points * unit_m @ frame[:3, :3].T + frame[:3, 3]
    return np.array([world.min(axis=0), world.max(axis=0)])


def area_of_loops(model: Any, product: Any) -> float | None:
    """Return the area (m²) of the loops of a body of faceted B-reps, holes taken off, None for another body."""
    items = body_items(product)
    if any(not item.is_a("IfcFacetedBrep") for item in items):
        return None
    unit_m, _ = length_unit_in_metres(model)
    total = 0.0
    for face in (face for item in items for face in item.Outer.CfsFaces):
        areas = [_newell(np.array([point.Coordinates for point in bound.Bound.Polygon])) for bound in face.Bounds]
        total += 2 * max(areas) - sum(areas)
    return total * unit_m**2 or None


def _newell(points: NDArray[np.float64]) -> float:
    own = points - points[0]
    return float(np.linalg.norm(np.cross(own, np.roll(own, -1, axis=0)).sum(axis=0)) / 2)


def _points(model: Any, item: Any) -> list[tuple[float, ...]]:
    """Return the points of an item: of its faces' loops, or those that the indices of a face set name."""
    if item.is_a("IfcTessellatedFaceSet"):
        faces = item.CoordIndex if item.is_a("IfcTriangulatedFaceSet") else [face.CoordIndex for face in item.Faces]
        named = {index for face in faces for index in face}
        renamed = getattr(item, "PnIndex", None)
        points = item.Coordinates.CoordList
        return [points[(renamed[index - 1] if renamed else index) - 1] for index in named]
    loops = [entity for entity in model.traverse(item) if entity.is_a("IfcPolyLoop")]
    return [point.Coordinates for loop in loops for point in loop.Polygon]


def _is_near(mesh: Mesh, box: NDArray[np.float64]) -> bool:
    own = np.array([mesh.vertices.min(axis=0), mesh.vertices.max(axis=0)])
    return float(np.abs(own - box).max()) <= max(BOX_M, BOX_SHARE * float(np.linalg.norm(box[1] - box[0])))
