"""Zones as browsers and files send them, made ready for the operations."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.http import Http404
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from spatial import crs
from spatial.places.models import Site, Storey
from spatial.zones.models import Zone


class DraftRefused(ValueError):
    """What was sent cannot be read; the message says which field and why."""


def outline_shape(geometry: Any) -> BaseGeometry:
    """Return a GeoJSON geometry as a shape, broken or not. Raises DraftRefused."""
    try:
        shape = shapely.from_geojson(json.dumps(geometry))
    except (shapely.errors.ShapelyError, TypeError, ValueError) as error:
        raise DraftRefused(_("The outline cannot be read as GeoJSON.")) from error
    if shape is None or shape.geom_type not in ("Polygon", "MultiPolygon"):
        raise DraftRefused(_("The outline must be a polygon."))
    return shape


def stored(shape: BaseGeometry, srid: int = crs.STORAGE_SRID) -> GEOSGeometry:
    """Return a shape as a geometry of the database."""
    return GEOSGeometry(shapely.to_wkb(shapely.force_2d(shape), hex=True), srid=srid)


def zone_on(site: Site, zone_id: UUID) -> Zone:
    """Return a zone of a site. Raises Http404."""
    zone = Zone.objects.filter(site=site, pk=zone_id).select_related("site", "parent", "organisation").first()
    if zone is None:
        raise Http404(_("There is no such zone."))
    return zone


def parent_on(site: Site, parent_id: UUID | None) -> Zone | None:
    """Return the parent that was chosen. Raises DraftRefused."""
    if parent_id is None:
        return None
    found = Zone.objects.filter(site=site, pk=parent_id).select_related("site").first()
    if found is None:
        raise DraftRefused(_("The zone that it should lie in is not on this site."))
    return found


def storeys_on(site: Site, ids: list[UUID]) -> list[Storey]:
    """Return the storeys that were chosen. Raises DraftRefused."""
    found = list(Storey.objects.filter(site=site, pk__in=ids).select_related("building"))
    if len(found) != len(set(ids)):
        raise DraftRefused(_("A storey is not on this site."))
    return found
