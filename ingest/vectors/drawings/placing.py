"""A drawing's layers on the ground, in EPSG:4490: by the coordinates it has, or by control points."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from django.utils.translation import gettext_noop
from shapely.geometry.base import BaseGeometry

from ingest.placement import far_away_reason
from ingest.rasters.affine import ControlPoint, Fit, FitRefused, fit_affine
from ingest.vectors.drawings.reading import Drawing, Layer, unit_m
from ingest.vectors.places.coordinates import check_datum, to_storage
from ingest.vectors.places.problems import FieldRefused
from spatial import crs

UNITS: Final = ("m", "mm", "cm", "km", "ft", "in")
WITH_POINTS: Final = "control points"


@dataclass(frozen=True)
class Placing:
    """What somebody said of a drawing: its layers, its unit, and its coordinates or control points."""

    layers: tuple[str, ...]
    unit: str
    datum: str
    control_points: tuple[ControlPoint, ...] = ()


@dataclass(frozen=True)
class Placed:
    """A drawing on the ground: each layer's shapes and texts in EPSG:4490, and how well control points fit."""

    layers: list[Layer]
    fit: Fit | None

    @property
    def outline(self) -> shapely.Polygon:
        """The rectangle of longitudes and latitudes around all shapes."""
        return shapely.box(*shapely.total_bounds([shape for layer in self.layers for shape in layer.shapes]))

    @property
    def count(self) -> int:
        return sum(layer.count for layer in self.layers)


def place_drawing(drawing: Drawing, placing: Placing, site: Any) -> Placed:
    """This function will put the chosen layers on the ground. Raises FieldRefused naming what to change."""
    chosen = [layer for name, layer in drawing.layers.items() if name in placing.layers]
    if not any(layer.shapes for layer in chosen):
        raise FieldRefused("layers", gettext_noop("Choose at least one layer with lines."))
    if placing.control_points:
        fit = fit_drawing(placing.control_points)
        move = _by_fit(fit, site.projected_srid)
    else:
        fit = None
        move = _by_coordinates(drawing, placing)
    placed = [_moved(layer, move) for layer in chosen]
    found = Placed(placed, fit)
    if reason := far_away_reason(site, found.outline, crs.STORAGE_SRID):
        sentence = gettext_noop(
            "The drawing would lie %(km)s km from the site: check its unit and its coordinates, or give control points."
        )
        raise FieldRefused("datum", sentence, {"km": reason.split()[1]})
    return found


def fit_drawing(points: tuple[ControlPoint, ...]) -> Fit:
    """Return the fit of a drawing whose y runs up: the same as a picture's, turned. Raises FieldRefused."""
    try:
        fit = fit_affine([ControlPoint(p.x, -p.y, p.east_m, p.north_m) for p in points])
    except FitRefused as refusal:
        raise FieldRefused("points", str(refusal)) from refusal
    a, b, c, d, e, f = fit.coefficients
    return Fit((a, -b, c, d, -e, f), fit.residuals_m, fit.rms_m)


def _by_fit(fit: Fit, srid: int) -> Callable[[BaseGeometry], BaseGeometry]:
    a, b, c, d, e, f = fit.coefficients

    def move(shape: BaseGeometry) -> BaseGeometry:
        on_grid = shapely.transform(
            shape, lambda p: np.column_stack([a * p[:, 0] + b * p[:, 1] + c, d * p[:, 0] + e * p[:, 1] + f])
        )
        return to_storage(on_grid, f"EPSG:{srid}")

    return move


def _by_coordinates(drawing: Drawing, placing: Placing) -> Callable[[BaseGeometry], BaseGeometry]:
    datum = check_datum(placing.datum)
    degrees = datum in ("GCJ-02", "BD-09") or crs.crs_of(int(datum.removeprefix("EPSG:"))).is_geographic
    factor = 1.0 if degrees else unit_m(placing.unit or drawing.unit or "m")

    def move(shape: BaseGeometry) -> BaseGeometry:
        scaled = shape if factor == 1.0 else shapely.transform(shape, lambda p: p * factor)
        return to_storage(scaled, datum)

    return move


def _moved(layer: Layer, move: Callable[[BaseGeometry], BaseGeometry]) -> Layer:
    """Return a layer with its shapes and texts moved, all in one go."""
    found = Layer(layer.name, layer.colour)
    if layer.shapes:
        found.shapes = list(move(shapely.GeometryCollection(layer.shapes)).geoms)  # type: ignore[attr-defined]
    if layer.texts:
        places = move(shapely.MultiPoint([(x, y) for x, y, _ in layer.texts]))
        found.texts = [(p.x, p.y, text) for p, (_, _, text) in zip(places.geoms, layer.texts, strict=True)]  # type: ignore[attr-defined]
    return found
