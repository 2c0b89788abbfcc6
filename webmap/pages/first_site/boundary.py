"""The boundary of a site from GeoJSON: the polygon in it, or what is wrong with it and what to do."""

from __future__ import annotations

import json
import math
from typing import Any, Final

import shapely
from django.contrib.gis.geos import GEOSGeometry, Polygon
from django.utils.translation import gettext as _

from spatial import crs
from spatial.geometry import GeometryRefused, valid_area

CHINA: Final = shapely.box(73.0, 3.0, 136.0, 54.0)  # as for imported zones
LARGEST_KM: Final = 30.0
KM_PER_DEGREE: Final = 111.132


class BoundaryRefused(ValueError):
    """A text that is no boundary; the message says why and what to do."""


def _polygons_of(content: Any) -> list[dict[str, Any]]:
    """Return the polygons and multipolygons in a GeoJSON object: geometry, feature or collection."""
    if not isinstance(content, dict):
        return []
    features = content.get("features")
    if content.get("type") == "FeatureCollection":
        return [found for feature in features for found in _polygons_of(feature)] if isinstance(features, list) else []
    if content.get("type") == "Feature":
        return _polygons_of(content.get("geometry"))
    return [content] if content.get("type") in ("Polygon", "MultiPolygon") else []


def read_boundary(text: str) -> Polygon:
    """This function will return the one polygon of a GeoJSON text in EPSG:4490, flat. Raises BoundaryRefused."""
    try:
        found = _polygons_of(json.loads(text))
    except json.JSONDecodeError as error:
        raise BoundaryRefused(
            _("This is not JSON: line %(line)s, column %(column)s.") % {"line": error.lineno, "column": error.colno}
        ) from error
    except RecursionError as error:
        raise BoundaryRefused(_("There is no polygon in it.")) from error
    if not found:
        raise BoundaryRefused(_("There is no polygon in it."))
    if len(found) > 1:
        raise BoundaryRefused(_("There are %(count)d polygons in it: keep the boundary only.") % {"count": len(found)})
    area = _area(found[0])
    if len(area.geoms) > 1:
        raise BoundaryRefused(
            _("There are %(count)d polygons in it: keep the boundary only.") % {"count": len(area.geoms)}
        )
    _check_place(area)
    polygon = GEOSGeometry(area.geoms[0].wkb_hex, srid=crs.STORAGE_SRID)
    assert isinstance(polygon, Polygon)
    return polygon


def _area(polygon: dict[str, Any]) -> shapely.MultiPolygon:
    """Return the shape of a GeoJSON polygon, once its positions are places in degrees and its rings do not cross."""
    try:
        shape = shapely.from_geojson(json.dumps(polygon))
    except (shapely.errors.ShapelyError, ValueError, TypeError) as error:
        raise BoundaryRefused(_("The polygon cannot be read; a ring needs four positions or more.")) from error
    places = shapely.get_coordinates(shape)
    if shape.is_empty or not all(map(math.isfinite, places.ravel())):
        raise BoundaryRefused(_("The polygon cannot be read; a ring needs four positions or more."))
    west, south, east, north = shape.bounds
    if west >= 3 and east <= 54 and south >= 73 and north <= 136:
        raise BoundaryRefused(_("Latitude and longitude are swapped: in GeoJSON the longitude comes first."))
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise BoundaryRefused(_("Positions are longitude and latitude in degrees, not metres."))
    try:
        return valid_area(shape)
    except GeometryRefused as error:
        reason = shapely.is_valid_reason(shape)
        raise BoundaryRefused(_("The boundary crosses itself: %(reason)s") % {"reason": reason}) from error


def _check_place(area: shapely.MultiPolygon) -> None:
    west, south, east, north = area.bounds
    if not shapely.covers(CHINA, area):
        raise BoundaryRefused(
            _("The boundary lies outside China: %(lon).4f° E, %(lat).4f° N. Check the order and the sign.")
            % {"lon": area.centroid.x, "lat": area.centroid.y}
        )
    across_km = math.hypot((east - west) * math.cos(math.radians(south)), north - south) * KM_PER_DEGREE
    if across_km > LARGEST_KM:
        raise BoundaryRefused(
            _("The boundary is %(km).0f km across, more than the %(limit).0f km of the largest sites.")
            % {"km": across_km, "limit": LARGEST_KM}
        )
