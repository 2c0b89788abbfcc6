"""A pydeck description of the heat of a site, and the legend that belongs to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

import pydeck
from pyproj import Transformer

from spatial.places.models import Site
from webmap.wording.grade_signs import sign_of

from .cells import Cell, Shape

Quantity = Literal["people", "risk", "hazards"]
TALLEST_M: Final = 40.0
PEOPLE_STEPS: Final = ["#d9d3ec", "#b9aadb", "#977fc6", "#7656ad", "#553391", "#351568"]


@dataclass(frozen=True)
class LegendStep:
    """One colour of the legend and what it stands for."""

    css: str
    text: str


def heat_deck(
    site: Site,
    cells: list[Cell],
    *,
    quantity: Quantity,
    shape: Shape,
    size_m: float,
    unit: str,
    outlines: list[dict[str, Any]],
    centre: tuple[float, float],
) -> pydeck.Deck:
    """This function will describe columns over the plan of a site (zone outlines and boundary, no base map).

    `outlines` are GeoJSON features with `line` and `fill` colours; `centre` is (lon, lat). Heights run linearly from
    0 to 40 m for the highest cell.
    """
    most = max((cell.weight for cell in cells), default=0.0)
    # GridCellLayer wants a cell's lower left corner, ColumnLayer its centre
    corner_m = size_m / 2 if shape == "square" else 0.0
    rows = _rows(site, cells, quantity, most, corner_m)
    plan = pydeck.Layer(
        "GeoJsonLayer",
        id="plan",
        data={"type": "FeatureCollection", "features": outlines},
        stroked=True,
        filled=True,
        get_line_color="properties.line",
        get_fill_color="properties.fill",
        get_line_width=0.4,
        line_width_min_pixels=1.5,
        pickable=False,
        parameters={"depthWriteEnabled": False},  # outlines lie in one plane: without this they flicker
    )
    return pydeck.Deck(
        layers=[plan, _columns(rows, shape, size_m)],
        views=[pydeck.View(type="MapView", controller=True)],
        initial_view_state=pydeck.ViewState(
            longitude=centre[0], latitude=centre[1], zoom=17.2, pitch=50, bearing=-20, max_zoom=22, min_zoom=12
        ),
        map_provider=None,
        map_style=None,
        tooltip={"text": "{text} " + unit},
    )


def _columns(rows: list[dict[str, Any]], shape: Shape, size_m: float) -> pydeck.Layer:
    shared: dict[str, Any] = {
        "id": "heat",
        "data": rows,
        "get_position": "position",
        "get_fill_color": "colour",
        "get_elevation": "height",
        "elevation_scale": 1,
        "extruded": True,
        "pickable": True,
        "auto_highlight": True,
        "opacity": 0.85,
    }
    if shape == "square":
        return pydeck.Layer("GridCellLayer", cell_size=size_m, coverage=0.9, **shared)
    return pydeck.Layer("ColumnLayer", disk_resolution=6, angle=30, radius=size_m / 3**0.5, coverage=0.92, **shared)


def _rows(site: Site, cells: list[Cell], quantity: Quantity, most: float, corner_m: float) -> list[dict[str, Any]]:
    to_storage = Transformer.from_crs(site.projected_srid, 4490, always_xy=True)
    rows = []
    for cell in cells:
        lon, lat = to_storage.transform(cell.east_m - corner_m, cell.north_m - corner_m)
        rows.append(
            {
                "position": [round(lon, 8), round(lat, 8)],
                "weight": round(cell.weight, 3),
                "text": f"{cell.weight:.1f}",
                "grade": cell.grade,
                "height": round(TALLEST_M * cell.weight / most, 2),
                "colour": _colour(cell, quantity, most),
            }
        )
    return rows


def cell_colour(cell: Cell, quantity: Quantity, most: float) -> str:
    """Return the colour of a cell: the four colours for risk, else one of six steps up to the highest cell."""
    return sign_of(cell.grade).css if quantity == "risk" else PEOPLE_STEPS[people_step(cell.weight, most)]


def _colour(cell: Cell, quantity: Quantity, most: float) -> list[int]:
    css = cell_colour(cell, quantity, most)
    return [int(css[i : i + 2], 16) for i in (1, 3, 5)] + [235]


def people_step(weight: float, most: float) -> int:
    """Return which of the six equal steps up to `most` a weight falls in, 0 to 5."""
    return min(int(len(PEOPLE_STEPS) * weight / most), len(PEOPLE_STEPS) - 1) if most > 0 else 0


def people_legend(most: float) -> list[LegendStep]:
    """Return the six steps with the weights that they stand for, lowest first."""
    width = most / len(PEOPLE_STEPS)
    return [
        LegendStep(css, f"{index * width:.1f} – {(index + 1) * width:.1f}") for index, css in enumerate(PEOPLE_STEPS)
    ]
