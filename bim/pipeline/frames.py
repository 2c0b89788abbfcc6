"""The stream of meshes that a child writes and the assembly reads: one frame per element, safe to be cut anywhere."""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from bim.ifc.meshing_types import Mesh, Outcome
from bim.ifc.text import clean_text

_HEADER = struct.Struct("<4sqiiii")
_MAGIC = b"MSH1"
_SEPARATOR = "\x1f"
MOST_OPEN = 32


def write_frame(file: BinaryIO, outcome: Outcome) -> None:
    """Append one outcome and flush it."""
    mesh = outcome.mesh
    if mesh is None:
        reason = _words(outcome)
        file.write(_HEADER.pack(_MAGIC, outcome.step_id, 0, 0, 0, len(reason)) + reason)
    else:
        write_copies(file, outcome, mesh, [outcome.step_id], mesh.vertices[None])
    file.flush()


def write_copies(
    file: BinaryIO, outcome: Outcome, mesh: Mesh, step_ids: Sequence[int], vertices: NDArray[np.float64]
) -> None:
    """Append an outcome for several elements of one shape, whose vertices (k, n, 3) alone differ; without a flush."""
    reason = _words(outcome)
    faces = np.ascontiguousarray(mesh.faces, dtype="<i4").tobytes()
    colours = np.ascontiguousarray(mesh.colours, dtype="u1").tobytes()
    rest = faces + colours + np.ascontiguousarray(mesh.face_colour, dtype="<i4").tobytes() + reason
    sizes = (len(mesh.vertices), len(mesh.faces), len(mesh.colours), len(reason))
    for step_id, corners in zip(step_ids, np.ascontiguousarray(vertices, dtype="<f8"), strict=True):
        file.write(_HEADER.pack(_MAGIC, step_id, *sizes))
        file.write(corners.tobytes())
        file.write(rest)


def _words(outcome: Outcome) -> bytes:
    return _SEPARATOR.join((outcome.engine, outcome.shape_key, clean_text(outcome.reason, 600))).encode("utf-8")


class FrameFile:
    """A stream that meshes are read from, open while it is one of the last MOST_OPEN: each attempt leaves one."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self, length: int, start: int) -> bytes:
        return os.pread(_opened(self).fileno(), length, start)


@lru_cache(maxsize=MOST_OPEN)
def _opened(file: FrameFile) -> BinaryIO:
    return file.path.open("rb")


@dataclass(frozen=True, slots=True)
class StoredOutcome:
    """An outcome whose mesh stays in its file until it is asked for, and is read anew each time."""

    step_id: int
    reason: str
    engine: str
    shape_key: str
    file: FrameFile
    start: int
    vertices: int
    faces: int
    colours: int

    @property
    def has_mesh(self) -> bool:
        return self.faces > 0

    @property
    def mesh(self) -> Mesh | None:
        if not self.faces:
            return None
        faces = self.vertices * 24
        colours = faces + self.faces * 12
        face_colour = colours + self.colours * 4
        body = self.file.read(face_colour + self.faces * 4, self.start)
        return Mesh(
            np.ndarray((self.vertices, 3), "<f8", body),
            np.ndarray((self.faces, 3), "<i4", body, faces),
            np.ndarray((self.colours, 4), "u1", body, colours),
            np.ndarray(self.faces, "<i4", body, face_colour),
        )


def stored_outcomes(path: Path) -> Iterator[StoredOutcome]:
    """Yield every whole frame of a stream; a frame that was cut off by a crash ends it."""
    size, position, kept_in = path.stat().st_size, 0, FrameFile(path)
    with path.open("rb", buffering=1 << 18) as file:
        while len(header := file.read(_HEADER.size)) == _HEADER.size:
            magic, step_id, vertices, faces, colours, reason = _HEADER.unpack(header)
            if magic != _MAGIC or min(vertices, faces, colours, reason) < 0:
                return
            start = position + _HEADER.size
            end_of_mesh = start + vertices * 24 + faces * 16 + colours * 4
            position = end_of_mesh + reason
            if position > size:
                return
            file.seek(end_of_mesh)
            words = file.read(reason).decode("utf-8", "replace") + 2 * _SEPARATOR
            engine, shape_key, why = words.split(_SEPARATOR)[:3]
            yield StoredOutcome(
                step_id, why, sys.intern(engine), sys.intern(shape_key), kept_in, start, vertices, faces, colours
            )


def read_frames(path: Path) -> Iterator[Outcome]:
    """Yield the outcome of every whole frame of a stream."""
    for stored in stored_outcomes(path):
        yield Outcome(stored.step_id, stored.mesh, stored.reason, stored.engine, stored.shape_key)
