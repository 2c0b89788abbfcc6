"""The frames of all plain object placements of a large model, from the columns of its file, in one go."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .step_table import StepTable

Matrices = NDArray[np.float64]
Rows = NDArray[np.intp]

DEEPEST = 64
_NUMBERS = b"0123456789.+-E,"
_DOLLAR, _HASH = b"$#"
_SHORTEST = 1e-9


def frames_of_placements(table: StepTable, unit_m: float) -> dict[int, Matrices]:
    """Return by #id the 4 x 4 matrix from a placement's frame (metres) to project metres.

    What is not written in the usual way (an axis without a reference direction, whole numbers, a class of placements
    of its own) is left out, and so is what stands on it: element_frames.py asks IfcOpenShell for that.
    """
    if table.repeats_ids:
        return {}
    rows = table.rows_of("IFCLOCALPLACEMENT")
    base, axes, plain = _parts(table, rows)
    own, known = _own_matrices(table, axes, unit_m)
    place = np.full(len(table) + 1, -1, dtype=np.intp)  # the last is that of row -1
    place[rows] = np.arange(len(rows))
    parent = place[base]
    plain &= known & ((base < 0) | (parent >= 0))
    done = plain & (base < 0)
    waiting = np.flatnonzero(plain & ~done)
    for _ in range(DEEPEST - 1):
        ready = done[parent[waiting]]
        now = waiting[ready]
        if not len(now):
            break
        own[now] = own[parent[now]] @ own[now]
        done[now] = True
        waiting = waiting[~ready]
    found = np.flatnonzero(done)
    return dict(zip(table.ids[rows[found]].tolist(), own[found], strict=True))


def _parts(table: StepTable, rows: Rows) -> tuple[Rows, Rows, NDArray[np.bool_]]:
    """Return of each local placement the rows of what it is relative to (-1 for nothing) and of its axes, and
    whether it is written in the usual way: `$,#axes` or `#base,#axes`."""
    first, count = table.reference_starts[rows], np.diff(table.reference_starts)[rows]
    begin = _first_bytes(table, rows)
    alone, based = (count == 1) & (begin == _DOLLAR), (count == 2) & (begin == _HASH)
    named = np.append(table.row_of(table.reference_ids), -1)
    base = np.where(based, named[np.minimum(first, len(named) - 1)], -1)
    axes = np.where(alone | based, named[np.minimum(first + based, len(named) - 1)], -1)
    return base, axes, (alone | (based & (base >= 0))) & (axes >= 0)


def _own_matrices(table: StepTable, axes: Rows, unit_m: float) -> tuple[Matrices, NDArray[np.bool_]]:
    """Return the matrix (n, 4, 4) of each IfcAxis2Placement3D and whether it is known."""
    matrices = np.tile(np.eye(4), (len(axes), 1, 1))
    first, count = table.reference_starts[axes], np.diff(table.reference_starts)[axes]
    known = (axes >= 0) & table.are_of(["IFCAXIS2PLACEMENT3D"], axes) & (_first_bytes(table, axes) == _HASH)
    known &= (count == 1) | (count == 3)
    for column, name in enumerate(("IFCCARTESIANPOINT", "IFCDIRECTION", "IFCDIRECTION")):
        chosen = np.flatnonzero(known & (count > column))
        rows = table.row_of(table.reference_ids[first[chosen] + column])
        known[chosen[(rows < 0) | ~table.are_of([name], rows)]] = False
        values, plain = _triples(table, rows)
        known[chosen[~plain]] = False
        # the place, and for now the z axis and the reference direction in the columns of z and x
        matrices[chosen, :3, (3, 2, 0)[column]] = values * unit_m if column == 0 else values
    turned = np.flatnonzero(known & (count == 3))
    known[turned] = _turn(matrices, turned)
    return matrices, known


def _turn(matrices: Matrices, turned: Rows) -> NDArray[np.bool_]:
    """Make right-handed unit axes of the z axes and reference directions; return where that can be done."""
    x, z = matrices[turned, :3, 0], matrices[turned, :3, 2]
    with np.errstate(divide="ignore", invalid="ignore"):
        length = np.sqrt(z[:, 0] * z[:, 0] + z[:, 1] * z[:, 1] + z[:, 2] * z[:, 2])
        z = z / length[:, None]
        along = x[:, 0] * z[:, 0] + x[:, 1] * z[:, 1] + x[:, 2] * z[:, 2]
        x = x - along[:, None] * z
        width = np.sqrt(x[:, 0] * x[:, 0] + x[:, 1] * x[:, 1] + x[:, 2] * x[:, 2])
        x = x / width[:, None]
    matrices[turned, :3, 0], matrices[turned, :3, 2] = x, z
    for row, (one, other) in enumerate(((1, 2), (2, 0), (0, 1))):
        matrices[turned, row, 1] = z[:, one] * x[:, other] - z[:, other] * x[:, one]
    sound: NDArray[np.bool_] = (length > 0) & (width >= _SHORTEST) & np.isfinite(length) & np.isfinite(width)
    return sound


def _triples(table: StepTable, rows: Rows) -> tuple[Matrices, NDArray[np.bool_]]:
    """Return the three numbers (n, 3) of records `((1.,2.,3.))`, and which are written just so."""
    content, values = table.content, np.zeros((len(rows), 3))
    spans = zip(table.starts[rows].tolist(), table.ends[rows].tolist(), strict=True)
    texts = [content[start + 1 : end - 1] if content[start] == 40 else b"" for start, end in spans]
    plain = np.array(
        [text.count(b",") == 2 and text.count(b".") == 3 and not text.translate(None, _NUMBERS) for text in texts],
        dtype=bool,
    )
    numbers = b",".join([text for text, is_plain in zip(texts, plain.tolist(), strict=True) if is_plain])
    try:
        values[plain] = np.array(list(map(float, numbers.split(b","))) if numbers else []).reshape(-1, 3)
    except ValueError:  # something like 1.2-3
        plain[:] = False
    return values, plain


def _first_bytes(table: StepTable, rows: Rows) -> NDArray[np.uint8]:
    return np.frombuffer(table.content, np.uint8)[table.starts[rows]]
