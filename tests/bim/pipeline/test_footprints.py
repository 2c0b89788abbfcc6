"""The outline of a body in plan is the union of its upward faces, however it is found."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from bim.ifc.meshing_types import Mesh
from bim.pipeline import footprints as subject
from bim.pipeline.footprints import KnownFootprints, footprint, footprints
from bim.pipeline.mesh_batch import MeshBatch
from bim.pipeline.plan_patches import grown_together

Array = NDArray[np.float64]


def mesh_of(vertices: Array, faces: NDArray[np.int64]) -> Mesh:
    colours = np.full((1, 4), 255, dtype=np.uint8)
    return Mesh(vertices, faces.astype(np.int32), colours, np.zeros(len(faces), dtype=np.int32))


def surface(*pieces: tuple[Any, float]) -> Mesh:
    """Return a mesh of the pieces' upward faces, each at its height; every piece welded in itself."""
    corners = []
    for polygon, height_m in pieces:
        for triangle in shapely.get_parts(shapely.constrained_delaunay_triangles(polygon)):
            ring = shapely.get_coordinates(shapely.orient_polygons(triangle))[:3]
            corners.append(np.column_stack((ring, np.full(3, height_m))))
    points = np.concatenate(corners)
    vertices, faces = np.unique(points, axis=0, return_inverse=True)
    return mesh_of(vertices, faces.reshape(-1, 3))


def moved(mesh: Mesh, x: float, y: float) -> Mesh:
    return mesh_of(mesh.vertices + np.array([x, y, 0.0]), mesh.faces.astype(np.int64))


def plain_union(mesh: Mesh) -> Any:
    return shapely.union_all(shapely.polygons(mesh.vertices[mesh.faces][:, :, :2]))


def known(meshes: list[Mesh]) -> NDArray[np.object_]:
    batch = MeshBatch.of(meshes)
    return KnownFootprints().of(batch, np.ascontiguousarray(batch.vertices[:, :2]))


SLAB = shapely.box(0, 0, 6, 4).difference(shapely.box(1, 1, 2, 3))


def test_a_slab_keeps_its_opening() -> None:
    outline: Any = footprint(surface((SLAB, 3.0)))
    assert outline is not None and outline.area == pytest.approx(22.0, abs=1e-9) and outline.equals(SLAB)


def test_the_lower_flange_of_a_beam_adds_what_the_upper_one_does_not_cover() -> None:
    outline: Any = footprint(surface((shapely.box(0, 0, 6, 0.2), 0.3), (shapely.box(-1, -0.1, 5, 0.1), 0.0)))
    assert outline is not None and outline.area == pytest.approx(6 * 0.2 + 6 * 0.2 - 5 * 0.1, abs=1e-9)


def test_a_ramp_that_winds_over_itself_is_a_ring() -> None:
    steps = np.arange(0, 600, 10)
    angle = np.radians(steps)
    inner, outer = (np.column_stack((r * np.cos(angle), r * np.sin(angle), steps / 90)) for r in (2.0, 3.0))
    vertices = np.concatenate([inner, outer])
    n = len(steps)
    faces = np.array([f for i in range(n - 1) for f in ([i, n + i, n + i + 1], [i, n + i + 1, i + 1])])
    ramp = mesh_of(vertices, faces)
    outline: Any = footprint(ramp)
    assert outline is not None and outline.area == pytest.approx(plain_union(ramp).area, rel=1e-6)
    assert outline.area == pytest.approx(18 * np.sin(np.radians(10)) * (9 - 4), rel=1e-3)


def test_an_opening_too_small_to_keep_leaves_a_valid_outline() -> None:
    pin = shapely.Polygon([(3, 1), (3.0004, 1), (3.0002, 1.0004)])
    outline: Any = footprint(surface((SLAB.difference(pin), 0.0)))
    assert outline is not None and outline.is_valid and outline.area == pytest.approx(22.0, abs=1e-6)


def test_faces_that_share_no_vertex_numbers_are_united_all_the_same() -> None:
    mesh = surface((SLAB, 0.0))
    loose = mesh_of(mesh.vertices[mesh.faces].reshape(-1, 3), np.arange(3 * len(mesh.faces)).reshape(-1, 3))
    outline: Any = footprint(loose)
    assert outline is not None and outline.area == pytest.approx(22.0, abs=1e-9)


def test_a_wall_seen_from_above_has_no_outline() -> None:
    wall = mesh_of(np.array([[0.0, 0, 0], [5, 0, 0], [5, 0, 3]]), np.array([[0, 1, 2]]))
    assert footprint(wall) is None and known([wall, surface((SLAB, 0.0))])[0] is None


def test_a_shape_that_comes_again_is_outlined_once_and_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    computed = []

    def counted(batch: MeshBatch, positions: Array) -> NDArray[np.object_]:
        computed.append(len(batch.first_vertex))
        return footprints(batch, positions)

    monkeypatch.setattr(subject, "footprints", counted)
    slab, beam = surface((SLAB, 0.0)), surface((shapely.box(0, 0, 6, 0.2).difference(shapely.box(1, 0, 2, 0.1)), 0.0))
    outlines = KnownFootprints()
    first, second = [slab, beam, moved(slab, 500_000.5, 3_800_000.25)], [moved(beam, -3, 2), moved(slab, 9, 9)]
    found = [
        outlines.of(batch, np.ascontiguousarray(batch.vertices[:, :2]))
        for batch in (MeshBatch.of(first), MeshBatch.of(second))
    ]
    assert computed == [2]
    for mesh, outline in zip(first + second, [*found[0], *found[1]], strict=True):
        assert shapely.hausdorff_distance(outline, plain_union(mesh)) < 1e-5


def test_a_turned_shape_is_another_outline() -> None:
    slab = surface((SLAB, 0.0))
    turned = mesh_of(slab.vertices[:, [1, 0, 2]] * [-1, 1, 1], slab.faces.astype(np.int64))
    one, other = known([slab, turned])
    assert one.bounds == (0, 0, 6, 4) and other.bounds == pytest.approx((-4, 0, 0, 6))


boxes = st.tuples(st.integers(0, 8), st.integers(0, 8), st.integers(1, 5), st.integers(1, 5), st.integers(0, 3))


@given(st.lists(boxes, min_size=1, max_size=7), st.floats(0, 6.3))
def test_however_pieces_lie_over_one_another_the_outline_is_their_union(
    pieces: list[tuple[int, int, int, int, int]], turn_rad: float
) -> None:
    cos, sin = np.cos(turn_rad), np.sin(turn_rad)
    mesh = surface(*((shapely.box(x, y, x + w, y + d), float(z)) for x, y, w, d, z in pieces))
    mesh = mesh_of(mesh.vertices @ np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]]), mesh.faces.astype(np.int64))
    wanted = plain_union(mesh)
    outline: Any = footprint(mesh)
    assert outline is not None and outline.is_valid
    assert shapely.area(shapely.symmetric_difference(outline, wanted)) < 1e-3


@given(st.lists(boxes, min_size=1, max_size=5))
def test_patches_hold_every_face_and_no_more(pieces: list[tuple[int, int, int, int, int]]) -> None:
    mesh = surface(*((shapely.box(x, y, x + w, y + d), float(z)) for x, y, w, d, z in pieces))
    polygons, number = grown_together(mesh.vertices[:, :2], mesh.faces.astype(np.int64))
    areas = shapely.area(shapely.polygons(mesh.vertices[mesh.faces][:, :, :2]))
    assert shapely.area(polygons) == pytest.approx(np.bincount(number, weights=areas), abs=1e-9)
    assert len(np.unique(number)) == len(polygons)
