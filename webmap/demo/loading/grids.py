"""A UWB grid of the demo's ground floor, placed by four measured points, and where its barometers read 0."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bim.ifc.demo_project import dimensions as d
from spatial import crs
from spatial.places.models import Site
from spatial.tracks.grid_rules import GridPoint
from spatial.tracks.grids import place_grid, set_barometer_zero
from spatial.tracks.models import BarometerZero, PositioningGrid
from webmap.demo.placing import point_z

CODE = "F01"
MEASURED = (
    (0.0, 0.0, 0.004, -0.006),
    (40.0, 0.0, -0.007, 0.003),
    (40.0, 20.0, 0.005, 0.005),
    (0.0, 20.0, -0.002, 0.002),
)
"""Corners on the grid, and by how much each was measured wrong on the site (metres)."""


def ensure_grids(site: Site, actor: Any, now: datetime) -> None:
    """This function will place the demo's grid and state its barometers' reference, where they are missing."""
    if not BarometerZero.objects.filter(site=site).exists():
        set_barometer_zero(site=site, height_m=site.ground_height_m, place="大门门卫室", actor=actor, now=now)
    if PositioningGrid.objects.filter(site=site, code=CODE).exists():
        return
    points = []
    for x, y, east_off, north_off in MEASURED:
        lon, lat, _height = point_z(x, y, 0.0)
        east, north = crs.transform_point(lon, lat, from_srid=crs.STORAGE_SRID, to_srid=site.projected_srid)
        points.append(GridPoint(x, y, east + east_off, north + north_off))
    floor = point_z(0.0, 0.0, d.LEVEL["F01"].elevation_m)[2]
    place_grid(site=site, code=CODE, floor_height_m=floor, points=points, actor=actor, now=now)
