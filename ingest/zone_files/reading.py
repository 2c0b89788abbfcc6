"""Bytes of a file -> outlines with what the file says of them, broken ones too. No Django.

A file is refused with a sentence that says what to do; a shape that is no polygon is left out and counted.
"""

from __future__ import annotations

import io
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

import ezdxf
import ezdxf.path
import pyogrio
import shapely
from ezdxf import recover, units
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

MAX_BYTES = 20 * 1024 * 1024
MAX_SHAPES = 2000
ARC_M = 0.01
CLOSED_M = 0.001
SUFFIXES = {".geojson": "geojson", ".json": "geojson", ".gpkg": "gpkg", ".dxf": "dxf"}
_EPSG = re.compile(r"EPSG:(\d{4,6})", re.IGNORECASE)


class FileRefused(ValueError):
    """A file that holds no zones for us; `code` and `values` let the pages say so in the reader's language."""

    SENTENCES = {
        "suffix": "%(name)s is not a GeoJSON (.geojson), GeoPackage (.gpkg) or DXF (.dxf) file.",
        "too_large": "The file is larger than 20 MB: leave out what is not a zone.",
        "unreadable": "The file cannot be read: %(why)s",
        "no_polygons": "There is no closed outline in the file. Close the polylines of the zones (%(others)s found).",
        "too_many": "The file has %(count)s outlines; %(most)s are the most. Choose layers.",
    }

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(self.SENTENCES[code] % values)
        self.code, self.values = code, values


@dataclass(frozen=True)
class FileShape:
    """One outline of a file, in the file's coordinates; `where` is how problems name it."""

    number: int
    where: str
    layer: str
    outline: BaseGeometry
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ZoneFile:
    """What a file holds. `srid` is what the file declares, None where it declares nothing."""

    shapes: tuple[FileShape, ...]
    srid: int | None
    layers: tuple[str, ...]
    left_out: Mapping[str, int]


def read_zone_file(content: bytes, name: str, *, layers: frozenset[str] = frozenset()) -> ZoneFile:
    """This function will read the outlines of a file (of these layers, or of all). Raises FileRefused."""
    kind = SUFFIXES.get(PurePath(name).suffix.lower())
    if kind is None:
        raise FileRefused("suffix", name=name[:80])
    if len(content) > MAX_BYTES:
        raise FileRefused("too_large")
    found = _read_dxf(content) if kind == "dxf" else _read_vectors(content)
    shapes = [shape for shape in found.shapes if not layers or shape.layer in layers]
    if not shapes:
        others = ", ".join(f"{count} × {what}" for what, count in sorted(found.left_out.items()))
        raise FileRefused("no_polygons", others=others or "0")
    if len(shapes) > MAX_SHAPES:
        raise FileRefused("too_many", count=len(shapes), most=MAX_SHAPES)
    return ZoneFile(tuple(shapes), found.srid, found.layers, found.left_out)


def _read_vectors(content: bytes) -> ZoneFile:
    shapes: list[FileShape] = []
    left_out: Counter[str] = Counter()
    srid: int | None = None
    try:
        layers = [str(row[0]) for row in pyogrio.list_layers(content)]
        for index, layer in enumerate(layers):
            meta, _, geometries, columns = pyogrio.raw.read(content, layer=index)
            srid = srid or _srid_of(meta.get("crs"))
            for row, wkb in enumerate(geometries if geometries is not None else ()):
                outline = shapely.from_wkb(wkb, on_invalid="ignore") if wkb is not None else None
                if not isinstance(outline, Polygon | MultiPolygon):
                    left_out[outline.geom_type if outline is not None else "empty"] += 1
                    continue
                facts = {str(key): _plain(column[row]) for key, column in zip(meta["fields"], columns, strict=True)}
                number = len(shapes) + 1
                shown = "" if len(layers) == 1 else layer
                shapes.append(FileShape(number, f"{shown} #{row + 1}".strip(), layer, shapely.force_2d(outline), facts))
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError, UnicodeDecodeError) as error:
        raise FileRefused("unreadable", why=str(error)[:200]) from error
    return ZoneFile(tuple(shapes), srid, tuple(layers), left_out)


def _srid_of(declared: Any) -> int | None:
    match = _EPSG.search(str(declared or ""))
    return int(match[1]) if match else None


def _plain(value: Any) -> Any:
    """Return a cell as plain Python: numbers, texts and lists of texts; NaN is nothing."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _read_dxf(content: bytes) -> ZoneFile:
    try:
        drawing, _ = recover.read(io.BytesIO(content))
    except (ezdxf.DXFError, OSError, ValueError, UnicodeDecodeError, IndexError, KeyError) as error:
        raise FileRefused("unreadable", why=str(error)[:200]) from error
    unit = int(drawing.header.get("$INSUNITS", 0))
    scale = units.conversion_factor(units.InsertUnits(unit), units.InsertUnits.Meters) if unit else 1.0
    shapes: list[FileShape] = []
    left_out: Counter[str] = Counter()
    for entity in drawing.modelspace():
        ring = _closed_ring(entity, ARC_M / scale)
        if ring is None:
            left_out[entity.dxftype()] += 1
            continue
        layer = str(entity.dxf.layer)
        outline = Polygon([(x * scale, y * scale) for x, y in ring])
        shapes.append(FileShape(len(shapes) + 1, f"{layer} {entity.dxf.handle}", layer, outline, {"name": layer}))
    layers = tuple(sorted({shape.layer for shape in shapes}))
    return ZoneFile(tuple(shapes), None, layers, left_out)


def _closed_ring(entity: Any, sagitta: float) -> list[tuple[float, float]] | None:
    """Return the corners of a closed polyline or a circle, arcs as chords; None for everything else."""
    if entity.dxftype() not in ("LWPOLYLINE", "POLYLINE", "CIRCLE"):
        return None
    if entity.dxftype() == "POLYLINE" and not entity.is_2d_polyline and not entity.is_3d_polyline:
        return None
    corners = [(point.x, point.y) for point in ezdxf.path.make_path(entity).flattening(sagitta)]
    if len(corners) < 3:
        return None
    meets = math.dist(corners[0], corners[-1]) <= CLOSED_M
    if not (
        entity.dxftype() == "CIRCLE" or getattr(entity, "is_closed", False) or getattr(entity, "closed", False) or meets
    ):
        return None
    return corners


def texts_of(shape: FileShape, *names: str) -> Iterator[str]:
    """Yield the texts that a file gives under one of these names, whatever their case."""
    known = {key.lower(): value for key, value in shape.facts.items()}
    for name in names:
        value = known.get(name)
        if value is not None and str(value).strip():
            yield str(value).strip()


def number_of(shape: FileShape, *names: str) -> float | None:
    """Return the first number that a file gives under one of these names, None without one."""
    for text in texts_of(shape, *names):
        try:
            value = float(text)
        except ValueError:
            continue
        if math.isfinite(value):
            return value
    return None
