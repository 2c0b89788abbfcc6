"""Write storeys and elements of a revision by binary COPY from the pipeline's work folder."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from django.db import connection
from psycopg.types.json import Jsonb

from spatial.scope import uuid7

from .models import Element, Revision, Storey
from .pipeline.assembly import read_outlines
from .pipeline.model_files import FOOTPRINTS, ROWS, read_elements

SRID = 4490
_COLUMNS = (
    "revision_id", "index", "global_id", "ifc_class", "name", "predefined_type", "type_name", "storey_id",
    "properties", "materials", "classifications", "groups", "footprint", "box_min_z_m", "box_max_z_m",
    "local_min_x_m", "local_min_y_m", "local_min_z_m", "local_max_x_m", "local_max_y_m", "local_max_z_m",
    "placement_m", "model_box_m", "area_m2", "volume_m3", "shape_key", "engine", "meshed", "gap_reason",
)  # fmt: skip
_TYPES = (
    "uuid", "int4", "text", "text", "text", "text", "text", "uuid", *["jsonb"] * 4, "text",
    *["float8"] * 8, "float8[]", "float8[]", "float8", "float8", "text", "text", "bool", "text",
)  # fmt: skip


def write_storeys(revision: Revision, storeys: list[dict[str, Any]]) -> dict[int, UUID]:
    """Write the storeys and return {index: id}."""
    rows = [
        Storey(
            id=uuid7(),
            revision=revision,
            index=storey["index"],
            global_id=storey["global_id"],
            name=storey["name"],
            building_name=storey["building_name"],
            model_elevation_m=storey["elevation_m"],
            elevation_m=storey["height_m"],
        )
        for storey in storeys
    ]
    Storey.objects.bulk_create(rows)
    return {row.index: row.id for row in rows}


def copy_elements(revision: Revision, folder: Path, storeys: dict[int, UUID], gaps: dict[int, str]) -> int:
    """COPY every element of the work folder into the database and return how many.

    Geometry goes as hex EWKB into a column of a temporary table (PostGIS has no binary COPY format of its own that
    psycopg knows), all else typed and binary; one INSERT ... SELECT casts it.
    """
    table = Element._meta.db_table
    names = ", ".join(f'"{name}"' for name in _COLUMNS)
    typed = ", ".join(f'"{name}" {kind}' for name, kind in zip(_COLUMNS, _TYPES, strict=True))
    chosen = ", ".join(f'"{name}"::geometry' if name == "footprint" else f'"{name}"' for name in _COLUMNS)
    count = 0
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE element_import ({typed}) ON COMMIT DROP")
        raw = cursor.cursor  # psycopg's own cursor, for COPY
        with raw.copy(f"COPY element_import ({names}) FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(_TYPES)
            for row in _rows(revision, folder, storeys, gaps):
                copy.write_row(row)
                count += 1
        cursor.execute(f"INSERT INTO {table} ({names}) SELECT {chosen} FROM element_import ORDER BY index")
        cursor.execute("DROP TABLE element_import")
    return count


def _rows(
    revision: Revision, folder: Path, storeys: dict[int, UUID], gaps: dict[int, str]
) -> Iterator[tuple[Any, ...]]:
    with np.load(folder / ROWS, allow_pickle=False) as arrays:
        boxes, heights, meshed = arrays["box"], arrays["height"], arrays["meshed"]
        model_boxes, areas, volumes = arrays["model_box"], arrays["area_m2"], arrays["volume_m3"]
        shape_keys, engines = arrays["shape_key"], arrays["engine"]
    outlines = read_outlines(folder / FOOTPRINTS)
    for element in read_elements(folder):
        number = element.index
        low, high = (_number(value) for value in heights[number]) if revision.placed else (None, None)
        yield (
            revision.id,
            number,
            element.global_id,
            element.ifc_class,
            element.name,
            element.predefined_type,
            element.type_name,
            storeys.get(element.storey_index) if element.storey_index is not None else None,
            Jsonb(element.properties, dumps=_dumps),
            Jsonb(element.materials, dumps=_dumps),
            Jsonb(element.classifications, dumps=_dumps),
            Jsonb(element.groups, dumps=_dumps),
            _ewkb(outlines.get(number)),
            low,
            high,
            *(_number(value) for value in boxes[number]),
            list(element.placement) or None,
            [float(value) for value in model_boxes[number]] if meshed[number] else None,
            _number(areas[number]),
            _number(volumes[number]),
            str(shape_keys[number]),
            str(engines[number]),
            bool(meshed[number]),
            gaps.get(number, "")[:500],
        )


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _ewkb(wkb: bytes | None) -> str | None:
    """Return hex EWKB with the storage SRID, of what the child wrote as WKB; None where that is no polygon."""
    if wkb is None:
        return None
    shape = shapely.from_wkb(wkb, on_invalid="ignore")
    if shape is None or shape.geom_type != "MultiPolygon" or shape.is_empty:
        return None
    return str(shapely.to_wkb(shapely.set_srid(shape, SRID), hex=True, include_srid=True))


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
