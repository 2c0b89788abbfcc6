"""A drawing's bytes as layers of shapes and texts, in the drawing's own units."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import ezdxf
import shapely
from django.utils.translation import gettext_noop
from ezdxf import colors, path, recover, units
from ezdxf.disassemble import recursive_decompose
from shapely.geometry.base import BaseGeometry

from ingest.vectors.places.problems import FileRefused
from ingest.vectors.places.vectors import read_geojson

logging.getLogger("ezdxf").setLevel(logging.WARNING)  # it tells of every repair of a file
MAX_BYTES: Final = 40 * 1024 * 1024
MAX_SHAPES: Final = 100_000
MAX_CORNERS: Final = 600_000
TOO_MANY: Final = gettext_noop(
    "The drawing has more than %(limit)s corners: leave out the layers that the site does not need."
)
INK: Final = "#30445a"
WITH_PATH: Final = frozenset(
    {"LINE", "LWPOLYLINE", "POLYLINE", "CIRCLE", "ARC", "ELLIPSE", "SPLINE", "HELIX", "SOLID", "TRACE", "3DFACE"}
)
WITH_TEXT: Final = frozenset({"TEXT", "MTEXT", "ATTRIB", "ATTDEF"})
UNIT_NAMES: Final = {1: "in", 2: "ft", 4: "mm", 5: "cm", 6: "m", 7: "km"}


@dataclass
class Layer:
    """One layer of a drawing: its lines and areas, its texts with their places, and its colour."""

    name: str
    colour: str = INK
    shapes: list[BaseGeometry] = field(default_factory=list)
    texts: list[tuple[float, float, str]] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.shapes) + len(self.texts)


@dataclass
class Drawing:
    """What a drawing holds; `unit` is what it says of itself ("" when it does not), `srid` likewise."""

    layers: dict[str, Layer] = field(default_factory=dict)
    unit: str = ""
    srid: int | None = None
    skipped: dict[str, int] = field(default_factory=dict)

    def bounds(self, names: list[str] | None = None) -> tuple[float, float, float, float] | None:
        """Return west, south, east, north of these layers (or all), in drawing units; None when empty."""
        shapes = [
            shape for layer in self.layers.values() if names is None or layer.name in names for shape in layer.shapes
        ]
        if not shapes:
            return None
        west, south, east, north = shapely.total_bounds(shapes)
        return float(west), float(south), float(east), float(north)


def read_drawing(content: bytes, file_name: str) -> Drawing:
    """This function will read a DXF or a GeoJSON. Raises FileRefused, for a DWG with what to do."""
    if not content:
        raise FileRefused(gettext_noop("The file is empty."))
    if len(content) > MAX_BYTES:
        raise FileRefused(
            gettext_noop("The drawing is larger than %(limit)s MB: leave out the layers that the site does not need."),
            {"limit": MAX_BYTES >> 20},
        )
    if content[:4] == b"AC10" or file_name.lower().endswith(".dwg"):
        raise FileRefused(
            gettext_noop("This is a DWG, whose format is closed: save it as DXF (2013 or later) in your CAD program.")
        )
    is_json = content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
    drawing = _read_geojson(content) if is_json else _read_dxf(content)
    drawing.layers = {name: layer for name, layer in sorted(drawing.layers.items()) if layer.count}
    if not any(layer.shapes for layer in drawing.layers.values()):
        raise FileRefused(gettext_noop("There is no line and no area in the drawing's model space."))
    return drawing


def _read_dxf(content: bytes) -> Drawing:
    try:
        if b"SECTION" not in content:
            raise ezdxf.DXFStructureError("no SECTION in it")
        document, _audit = recover.read(io.BytesIO(content))
    except (OSError, ezdxf.DXFError, ValueError, KeyError, IndexError) as error:
        raise FileRefused(
            gettext_noop("The file is not a readable DXF: %(why)s. Save it again as DXF in your CAD program."),
            {"why": str(error)[:120] or type(error).__name__},
        ) from error
    unit = int(document.header.get("$INSUNITS", 0) or 0)
    drawing = Drawing(unit=UNIT_NAMES.get(unit, ""))
    tolerance = 0.01 / unit_m(drawing.unit or "m")  # arcs within a centimetre
    corners = 0
    for count, (layer_name, entity) in enumerate(_entities(document)):
        layer = drawing.layers.get(layer_name)
        if layer is None:
            layer = drawing.layers[layer_name] = Layer(layer_name, _colour(document, layer_name))
        corners += _add(entity, layer, drawing, tolerance)
        if count > MAX_SHAPES or corners > MAX_CORNERS:
            raise FileRefused(TOO_MANY, {"limit": MAX_CORNERS})
    return drawing


def _entities(document: Any) -> Iterator[tuple[str, Any]]:
    """Yield each entity with its layer, blocks taken apart; layer 0 inside a block is the block's own."""
    for entity in document.modelspace():
        outer = entity.dxf.get("layer", "0")
        for part in recursive_decompose([entity]):
            inner = part.dxf.get("layer", "0")
            yield (outer if inner == "0" else inner), part


def _add(entity: Any, layer: Layer, drawing: Drawing, tolerance: float) -> int:
    kind = entity.dxftype()
    try:
        if kind in WITH_TEXT:
            text = entity.plain_text() if hasattr(entity, "plain_text") else entity.dxf.text
            place = entity.dxf.insert
            if text.strip():
                layer.texts.append((float(place.x), float(place.y), " ".join(text.split())[:80]))
            return 1
        if kind == "POINT":
            layer.shapes.append(shapely.Point(entity.dxf.location.x, entity.dxf.location.y))
            return 1
        if kind == "HATCH":
            paths = list(path.from_hatch(entity))
        elif kind in WITH_PATH:
            paths = [path.make_path(entity)]
        else:
            drawing.skipped[kind] = drawing.skipped.get(kind, 0) + 1
            return 0
        return sum(_add_path(one, layer, tolerance) for one in paths)
    except (ezdxf.DXFError, TypeError, ValueError, AttributeError, ZeroDivisionError):
        drawing.skipped[kind] = drawing.skipped.get(kind, 0) + 1
        return 0


def _add_path(one: Any, layer: Layer, tolerance: float) -> int:
    places = [(float(at.x), float(at.y)) for at in one.flattening(tolerance, segments=4)]
    shape = shapely.LineString(places) if len(set(places)) > 1 else None
    if (
        shape is None
        or not shapely.is_valid_input(shape)
        or not all(abs(x) < 1e12 and abs(y) < 1e12 for x, y in places)
    ):
        return 0
    layer.shapes.append(shape)
    return len(places)


def _colour(document: Any, name: str) -> str:
    """Return a layer's colour as a page can show it; white is for black screens and becomes ink."""
    if name not in document.layers:
        return INK
    layer = document.layers.get(name)
    rgb = layer.rgb or colors.aci2rgb(abs(layer.color) or 7)
    red, green, blue = rgb[0], rgb[1], rgb[2]
    if 0.3 * red + 0.59 * green + 0.11 * blue > 200:
        return INK
    return f"#{red:02x}{green:02x}{blue:02x}"


def _read_geojson(content: bytes) -> Drawing:
    table = read_geojson(content)
    drawing = Drawing(unit="", srid=table.srid)
    corners = 0
    for row in table.rows:
        if row.fault is not None:
            raise FileRefused(
                gettext_noop("Feature %(number)s: %(why)s"), {"number": row.number, "why": str(row.fault)}
            )
        name = next((str(row.values[key]) for key in ("layer", "Layer", "图层", "kind") if row.values.get(key)), "0")
        layer = drawing.layers.setdefault(name, Layer(name))
        for shape in getattr(row.shape, "geoms", [row.shape]) if row.shape is not None else []:
            layer.shapes.append(shape)
            corners += int(shapely.get_num_coordinates(shape))
    if corners > MAX_CORNERS:
        raise FileRefused(TOO_MANY, {"limit": MAX_CORNERS})
    return drawing


def unit_m(unit: str) -> float:
    """Return how many metres a unit of a drawing is."""
    codes: dict[str, Any] = {name: code for code, name in UNIT_NAMES.items()}
    return float(units.conversion_factor(codes[unit], codes["m"]))
