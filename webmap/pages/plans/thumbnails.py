"""Small pictures of a drawing's layers: one path each, in a frame that all layers share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from ingest.vectors.drawings.reading import Drawing, Layer

SIDE: Final = 120.0
MOST_CORNERS: Final = 1500


@dataclass(frozen=True)
class LayerShown:
    """A layer in the list to choose from."""

    name: str
    colour: str
    lines: int
    texts: int
    path: str


def layers_shown(drawing: Drawing) -> list[LayerShown]:
    """Return each layer with its counts and an SVG path in a frame of 120 by 120."""
    bounds = _frame(drawing)
    return [
        LayerShown(layer.name, layer.colour, len(layer.shapes), len(layer.texts), _path(layer, bounds))
        for layer in drawing.layers.values()
    ]


def _frame(drawing: Drawing) -> tuple[float, float, float, float]:
    """Return the frame that holds nearly all shapes: a stray point far away must not shrink the rest to a dot."""
    centres = np.array(
        [shape.envelope.centroid.coords[0] for layer in drawing.layers.values() for shape in layer.shapes]
    )
    low, high = np.percentile(centres, 1, axis=0), np.percentile(centres, 99, axis=0)
    spread = max(float((high - low).max()), 1e-9)
    west, south, east, north = drawing.bounds() or (0.0, 0.0, 1.0, 1.0)
    return (
        max(west, low[0] - spread),
        max(south, low[1] - spread),
        min(east, high[0] + spread),
        min(north, high[1] + spread),
    )


def _path(layer: Layer, bounds: tuple[float, float, float, float]) -> str:
    west, south, east, north = bounds
    scale = SIDE / max(east - west, north - south, 1e-9)
    parts, corners = [], 0
    for shape in layer.shapes:
        thin = shapely.simplify(shape, 0.5 / scale)
        for ring in _lines(thin):
            places = [f"{(x - west) * scale:.1f} {(north - y) * scale:.1f}" for x, y in ring]
            corners += len(places)
            parts.append("M" + "L".join(places if len(places) > 1 else places * 2))
        if corners > MOST_CORNERS:
            break
    marks = [f"M{(x - west) * scale:.1f} {(north - y) * scale:.1f}h3" for x, y, _ in layer.texts[:MOST_CORNERS]]
    return "".join([*parts, *marks])


def _lines(shape: BaseGeometry) -> list[list[tuple[float, float]]]:
    if shape.is_empty:
        return []
    line = shape.exterior if isinstance(shape, shapely.Polygon) else shape
    return [[(x, y) for x, y in shapely.get_coordinates(line)]]
