"""Many meshes end to end, so that what is computed of each is one call of numpy for all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bim.ifc.meshing_types import Mesh
from bim.ifc.ragged import ranges

BATCH_VERTICES = 200_000


@dataclass(frozen=True)
class MeshBatch:
    """Vertices (n, 3) and triangles (m, 3) of meshes, triangles counting through all vertices.

    The k-th mesh begins at row `first_vertex[k]` and `first_face[k]`; each has at least one of both.
    """

    vertices: NDArray[np.float64]
    faces: NDArray[np.int64]
    first_vertex: NDArray[np.int64]
    first_face: NDArray[np.int64]

    @classmethod
    def of(cls, meshes: Sequence[Mesh]) -> MeshBatch:
        vertex_counts = [len(mesh.vertices) for mesh in meshes]
        face_counts = [len(mesh.faces) for mesh in meshes]
        first_vertex = np.cumsum([0, *vertex_counts[:-1]])
        faces = np.concatenate([mesh.faces for mesh in meshes]) + np.repeat(first_vertex, face_counts)[:, None]
        vertices = np.concatenate([mesh.vertices for mesh in meshes])
        return cls(vertices, faces, first_vertex, np.cumsum([0, *face_counts[:-1]]))

    def chosen(self, numbers: NDArray[np.int64]) -> tuple[MeshBatch, NDArray[np.int64]]:
        """Return the batch of these meshes, in this order, and the rows of its vertices in this batch's."""
        vertex_counts, face_counts = self.vertex_counts[numbers], self.face_counts[numbers]
        rows = ranges(self.first_vertex[numbers], vertex_counts)
        first_vertex = np.cumsum(vertex_counts) - vertex_counts
        faces = self.faces[ranges(self.first_face[numbers], face_counts)]
        faces = faces + np.repeat(first_vertex - self.first_vertex[numbers], face_counts)[:, None]
        return MeshBatch(self.vertices[rows], faces, first_vertex, np.cumsum(face_counts) - face_counts), rows

    @property
    def vertex_counts(self) -> NDArray[np.int64]:
        return np.diff(self.first_vertex, append=len(self.vertices))

    @property
    def face_counts(self) -> NDArray[np.int64]:
        return np.diff(self.first_face, append=len(self.faces))

    def least(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return for each mesh the least of its vertices' values."""
        return np.asarray(np.minimum.reduceat(values, self.first_vertex, axis=0))

    def greatest(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return for each mesh the greatest of its vertices' values."""
        return np.asarray(np.maximum.reduceat(values, self.first_vertex, axis=0))

    def total(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return for each mesh the sum of its triangles' values."""
        return np.asarray(np.add.reduceat(values, self.first_face))

    def areas_and_volumes(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the surfaces (m²) and the volumes (m³) that they enclose; these mean nothing where one is open."""
        points = self.vertices - np.repeat(self.vertices[self.first_vertex], self.vertex_counts, axis=0)
        a, b, c = (points[self.faces[:, corner]] for corner in range(3))
        normals = cross(b - a, c - a)
        areas = self.total(np.sqrt(np.einsum("ij,ij->i", normals, normals))) / 2
        return areas, self.total(np.einsum("ij,ij->i", a, normals)) / 6


def cross(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the cross products of rows (n, 3)."""
    result = np.empty_like(a)
    for row, (one, other) in enumerate(((1, 2), (2, 0), (0, 1))):
        result[:, row] = a[:, one] * b[:, other] - a[:, other] * b[:, one]
    return result


def area_and_volume(mesh: Mesh) -> tuple[float, float]:
    """Return the surface (m²) of a mesh and the volume (m³) it encloses, which means nothing where it is not closed."""
    areas, volumes = MeshBatch.of([mesh]).areas_and_volumes()
    return float(areas[0]), float(volumes[0])


def runs_of(vertex_counts: Sequence[int]) -> Iterator[slice]:
    """Yield runs of meshes with about 200,000 vertices each."""
    start = vertices = 0
    for number, count in enumerate(vertex_counts, 1):
        vertices += count
        if vertices >= BATCH_VERTICES or number == len(vertex_counts):
            yield slice(start, number)
            start, vertices = number, 0
