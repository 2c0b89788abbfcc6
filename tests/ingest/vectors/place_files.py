"""Files of places as people have them, made by the tools that make them: GDAL, openpyxl, zip."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from openpyxl import Workbook


def excel(rows: list[list[Any]], *, merge: tuple[str, ...] = (), sheet: str = "Sheet1") -> bytes:
    """Return a workbook with one sheet of these rows."""
    book = Workbook()
    page = book.active
    page.title = sheet
    for row in rows:
        page.append(row)
    for area in merge:
        page.merge_cells(area)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def geojson(features: list[tuple[dict[str, Any], Any]], *, crs: str = "") -> bytes:
    """Return a FeatureCollection of (properties, shape or geometry)."""
    body: dict[str, Any] = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": properties,
                "geometry": json.loads(shapely.to_geojson(shape)) if hasattr(shape, "wkb") else shape,
            }
            for properties, shape in features
        ],
    }
    if crs:
        body["crs"] = {"type": "name", "properties": {"name": crs}}
    return json.dumps(body, ensure_ascii=False).encode()


def _write(path: Path, driver: str, rows: list[tuple[dict[str, Any], Any]], srid: int | None, **more: Any) -> None:
    names = list(rows[0][0])
    pyogrio.raw.write(
        path,
        geometry=np.array([shape.wkb if shape is not None else None for _, shape in rows], dtype=object),
        field_data=[np.array([properties[name] for properties, _ in rows], dtype=object) for name in names],
        fields=names,
        geometry_type=rows[0][1].geom_type,
        crs=f"EPSG:{srid}" if srid else None,
        driver=driver,
        **more,
    )


def shapefile(
    rows: list[tuple[dict[str, Any], Any]],
    *,
    srid: int | None,
    encoding: str = "UTF-8",
    without: tuple[str, ...] = (),
    name: str = "区划",
    cpg: str | None = None,
) -> bytes:
    """Return a zip of a shapefile; `without` are suffixes that somebody forgot to pack."""
    with tempfile.TemporaryDirectory() as folder:
        _write(Path(folder) / "a.shp", "ESRI Shapefile", rows, srid, encoding=encoding)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for file in sorted(Path(folder).iterdir()):
                if file.suffix not in without:
                    content = file.read_bytes() if file.suffix != ".cpg" or cpg is None else cpg.encode()
                    archive.writestr(f"数据/{name}{file.suffix}", content)
        return out.getvalue()


def geopackage(rows: list[tuple[dict[str, Any], Any]], *, srid: int, layer: str = "places") -> bytes:
    """Return a GeoPackage with one layer."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a.gpkg"
        _write(file, "GPKG", rows, srid, layer=layer)
        return file.read_bytes()


def square(lon: float, lat: float, half_deg: float = 0.01) -> shapely.Polygon:
    return shapely.box(lon - half_deg, lat - half_deg, lon + half_deg, lat + half_deg)
