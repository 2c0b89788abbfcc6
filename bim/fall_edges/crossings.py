"""Where straight lines run over surfaces, many lines at once. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from .spans import Span
from .surfaces import Piece

Array = NDArray[np.float64]
Crossing = tuple[Span, Piece]

SHORTEST_M = 1e-6


class PieceIndex:
    """Surfaces found by place in plan."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.pieces = pieces
        self.polygons = np.array([piece.polygon for piece in pieces], dtype=object)
        shapely.prepare(self.polygons)
        self.levels = np.array([piece.plane[2] if piece.plane[:2] == (0.0, 0.0) else np.nan for piece in pieces])
        self.tree = shapely.STRtree(self.polygons)

    def crossings(self, starts: Array, ends: Array, tops_m: Array | None = None) -> list[list[Crossing]]:
        """Return for each line (n, 2) to (n, 2) where it runs over which piece: ((from, to), piece), in metres.

        With `tops_m` (n) only what can be the highest surface at or below that height is asked for: level pieces
        above it, and level pieces under another that lies below the whole line, are left out.
        """
        lines = np.asarray(shapely.linestrings(np.stack((starts, ends), axis=1)), dtype=object)
        line_of, piece_of = self.tree.query(lines)
        touching = shapely.intersects(self.polygons[piece_of], lines[line_of])
        line_of, piece_of = line_of[touching], piece_of[touching]
        if tops_m is not None:
            kept = self._highest(lines, line_of, piece_of, tops_m)
            line_of, piece_of = line_of[kept], piece_of[kept]
        found: list[list[Crossing]] = [[] for _ in lines]
        if not len(line_of):
            return found
        parts, pair = shapely.get_parts(
            shapely.intersection(lines[line_of], self.polygons[piece_of]), return_index=True
        )
        straight = (shapely.get_type_id(parts) == 1) & (shapely.length(parts) > SHORTEST_M)
        parts, pair = parts[straight], pair[straight]
        if not len(parts):
            return found
        points, part_of = shapely.get_coordinates(parts, return_index=True)
        along = (ends - starts) / np.hypot(*(ends - starts).T)[:, None]
        line_of, piece_of = line_of[pair], piece_of[pair]
        at = ((points - starts[line_of[part_of]]) * along[line_of[part_of]]).sum(axis=1)
        first = np.searchsorted(part_of, np.arange(len(parts)))
        low, high = np.minimum.reduceat(at, first).tolist(), np.maximum.reduceat(at, first).tolist()
        for line, piece, a, b in zip(line_of.tolist(), piece_of.tolist(), low, high, strict=True):
            found[line].append(((a, b), self.pieces[piece]))
        return found

    def _highest(
        self, lines: NDArray[np.object_], line_of: NDArray[np.intp], piece_of: NDArray[np.intp], tops_m: Array
    ) -> NDArray[np.bool_]:
        levels = self.levels[piece_of]
        below = ~(levels > tops_m[line_of])
        whole = below & ~np.isnan(levels)
        whole[whole] = shapely.covers(self.polygons[piece_of[whole]], lines[line_of[whole]])
        floor = np.full(len(lines), -np.inf)
        np.maximum.at(floor, line_of[whole], levels[whole])
        return np.asarray(below & ~(levels < floor[line_of]), dtype=bool)
