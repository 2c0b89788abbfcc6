"""What the database holds, as the comparison needs it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import shapely
from django.contrib.gis.geos import GEOSGeometry
from shapely.geometry.base import BaseGeometry

from spatial import crs

STEP = 4  # signs of a treebeard path for each level


def tree_parents(rows: Sequence[Any]) -> dict[Any, Any]:
    """Return {id: parent row or None} of all rows of a tree."""
    by_path = {row.path: row for row in rows}
    return {row.pk: by_path.get(row.path[:-STEP]) for row in rows}


def shape_of(geometry: Any) -> BaseGeometry | None:
    """Return a stored geometry as a shapely shape."""
    return None if geometry is None else shapely.from_wkb(bytes(geometry.wkb))


def stored_fields(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a row with their shapes (EPSG:4490) as the database keeps them."""
    return {name: _geometry(value) if isinstance(value, BaseGeometry) else value for name, value in fields.items()}


def _geometry(shape: BaseGeometry) -> GEOSGeometry:
    return GEOSGeometry(shape.wkb_hex, srid=crs.STORAGE_SRID)
