"""Write storeys and elements of a revision by binary COPY from the pipeline's work folder."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import BadZipFile

import numpy as np
import psycopg
import shapely
from django.db import connection
from numpy.typing import NDArray

from bim.ifc.refusal import Refusal
from spatial.scope import uuid7

from .copy_columns import NULL, array_fields, field, float_fields, joined
from .models import Element, Revision, Storey
from .pipeline.hand_over import DAMAGED
from .pipeline.model_files import ELEMENTS, PLACEMENTS, ROWS, read_documents, read_outlines

SRID = 4490
WRITE_BYTES = 1 << 20
_NUMBERS = (
    "box_min_z_m", "box_max_z_m", "local_min_x_m", "local_min_y_m", "local_min_z_m", "local_max_x_m", "local_max_y_m",
    "local_max_z_m", "area_m2", "volume_m3",
)  # fmt: skip
_TEXTS = ("global_id", "ifc_class", "name", "predefined_type", "type_name")
_COLUMNS = (
    "revision_id", *_NUMBERS, "placement_m", "model_box_m", "index", "storey_id", "meshed", *_TEXTS, "shape_key",
    "engine", "gap_reason", "properties", "materials", "classifications", "groups", "footprint",
)  # fmt: skip
_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
_TRAILER = struct.pack(">h", -1)
_JSONB_VERSION = b"\x01"
_TRUE, _FALSE = field(b"\x01"), field(b"\x00")
_LONGEST_REASON = 500
_DAMAGE = (
    ValueError, KeyError, TypeError, AttributeError, IndexError, EOFError, OverflowError, struct.error, BadZipFile
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

    The rows are made in PostgreSQL's own binary format: numbers by columns, JSON as the child has written it, which the
    database judges. Raises Refusal where what the child left is damaged.
    """
    names = ", ".join(f'"{name}"' for name in _COLUMNS)
    count = 0
    try:
        with connection.cursor() as cursor:
            raw = cursor.cursor  # psycopg's own cursor, for COPY
            with raw.copy(f"COPY {Element._meta.db_table} ({names}) FROM STDIN (FORMAT BINARY)") as copy:
                waiting = bytearray(_SIGNATURE)
                for row in _rows(revision, folder, storeys, gaps):
                    waiting += row
                    count += 1
                    if len(waiting) > WRITE_BYTES:
                        copy.write(waiting)
                        waiting = bytearray()
                copy.write(waiting + _TRAILER)
    except (psycopg.DataError, *_DAMAGE) as error:
        raise Refusal(DAMAGED.format(f"{type(error).__name__} in its rows")) from error
    return count


def _rows(revision: Revision, folder: Path, storeys: dict[int, UUID], gaps: dict[int, str]) -> Iterator[bytes]:
    """Yield the bytes of each element's row. Raises ValueError, KeyError ... where the files do not fit together."""
    with np.load(folder / ROWS, allow_pickle=False) as arrays:
        meshed: NDArray[np.bool_] = arrays["meshed"]
        heights = arrays["height"] if revision.placed else np.full((len(meshed), 2), np.nan)
        numbers = float_fields(np.column_stack((heights, arrays["box"], arrays["area_m2"], arrays["volume_m3"])))
        boxes = array_fields(np.where(meshed[:, None], arrays["model_box"], np.nan))
        shape_keys, engines = arrays["shape_key"].tolist(), arrays["engine"].tolist()
    placements = array_fields(np.load(folder / PLACEMENTS, allow_pickle=False))
    start = struct.pack(">h", len(_COLUMNS)) + field(revision.id.bytes)
    storey_fields: dict[int | None, bytes] = {
        None: NULL,
        **{index: field(storey_id.bytes) for index, storey_id in storeys.items()},
    }
    outlines = _outline_fields(read_outlines(folder))
    with (folder / ELEMENTS).open(encoding="utf-8") as lines:
        columns = zip(
            lines, read_documents(folder), numbers, placements, boxes, meshed.tolist(), shape_keys, engines, strict=True
        )
        for number, (line, documents, own, placement, box, is_meshed, shape_key, engine) in enumerate(columns):
            element = json.loads(line)
            yield b"".join(
                [
                    start,
                    own,
                    placement,
                    box,
                    field(struct.pack(">i", number)),
                    storey_fields.get(element["storey_index"], NULL),
                    _TRUE if is_meshed else _FALSE,
                    joined(
                        *(element[name] for name in _TEXTS), shape_key, engine, gaps.get(number, "")[:_LONGEST_REASON]
                    ),
                    *(field(_JSONB_VERSION + document) for document in documents),
                    outlines.get(number, NULL),
                ]
            )


def _outline_fields(outlines: dict[int, bytes]) -> dict[int, bytes]:
    """Return each outline as a field of EWKB with the storage SRID, of what the child wrote as WKB; what is no polygon
    is left out."""
    indexes = np.array(list(outlines), dtype=np.int64)
    shapes: Any = shapely.from_wkb(np.array(list(outlines.values()), dtype=object), on_invalid="ignore")
    sound = (shapely.get_type_id(shapes) == shapely.GeometryType.MULTIPOLYGON) & ~shapely.is_empty(shapes)
    written: Any = shapely.to_wkb(shapely.set_srid(shapes[sound], SRID), include_srid=True)
    return {index: field(wkb) for index, wkb in zip(indexes[sound].tolist(), written.tolist(), strict=True)}
