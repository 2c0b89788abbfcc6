"""The stream of meshes that a child writes and the assembly reads: one frame per element, safe to be cut anywhere."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from bim.ifc.meshing_types import Mesh, Outcome
from bim.ifc.text import clean_text

_HEADER = struct.Struct("<4sqiiii")
_MAGIC = b"MSH1"
_SEPARATOR = "\x1f"


def write_frame(file: BinaryIO, outcome: Outcome) -> None:
    """Append one outcome and flush it."""
    words = (outcome.engine, outcome.shape_key, clean_text(outcome.reason, 600))
    reason = _SEPARATOR.join(words).encode("utf-8")
    mesh = outcome.mesh
    if mesh is None:
        file.write(_HEADER.pack(_MAGIC, outcome.step_id, 0, 0, 0, len(reason)) + reason)
    else:
        sizes = (len(mesh.vertices), len(mesh.faces), len(mesh.colours), len(reason))
        file.write(_HEADER.pack(_MAGIC, outcome.step_id, *sizes))
        file.write(np.ascontiguousarray(mesh.vertices, dtype="<f8").tobytes())
        file.write(np.ascontiguousarray(mesh.faces, dtype="<i4").tobytes())
        file.write(np.ascontiguousarray(mesh.colours, dtype="u1").tobytes())
        file.write(np.ascontiguousarray(mesh.face_colour, dtype="<i4").tobytes())
        file.write(reason)
    file.flush()


def read_frames(path: Path) -> Iterator[Outcome]:
    """Yield every whole frame of a stream; a frame that was cut off by a crash ends it."""
    with path.open("rb") as file:
        while len(header := file.read(_HEADER.size)) == _HEADER.size:
            magic, step_id, vertices, faces, colours, reason = _HEADER.unpack(header)
            if magic != _MAGIC or min(vertices, faces, colours, reason) < 0:
                return
            length = vertices * 24 + faces * 16 + colours * 4 + reason
            body = file.read(length)
            if len(body) < length:
                return
            yield _parse(step_id, body, vertices, faces, colours)


def _parse(step_id: int, body: bytes, vertices: int, faces: int, colours: int) -> Outcome:
    bounds = np.cumsum([vertices * 24, faces * 12, colours * 4, faces * 4])
    engine, shape_key, reason = (body[bounds[3] :].decode("utf-8", "replace") + 2 * _SEPARATOR).split(_SEPARATOR)[:3]
    if not faces:
        return Outcome(step_id, None, reason, engine, shape_key)
    mesh = Mesh(
        np.frombuffer(body, "<f8", vertices * 3).reshape(-1, 3),
        np.frombuffer(body, "<i4", faces * 3, bounds[0]).reshape(-1, 3),
        np.frombuffer(body, "u1", colours * 4, bounds[1]).reshape(-1, 4),
        np.frombuffer(body, "<i4", faces, bounds[2]),
    )
    return Outcome(step_id, mesh, reason, engine, shape_key)
