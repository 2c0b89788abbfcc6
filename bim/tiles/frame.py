"""The east-north-up frame that tiles are written in, and its way to ECEF and back.

Heights in the tileset are Yellow Sea 1985 heights (H) used as if they were ellipsoid heights: the flat site plan and
every model of a site stand on the same H, so display needs no geoid. Longitude and latitude become ECEF on the
CGCS2000 ellipsoid; Cesium's WGS 84 ellipsoid differs by 0.1 mm in the semi-minor axis.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SEMI_MAJOR_M = 6_378_137.0
FLATTENING = 1 / 298.257222101
_E2 = FLATTENING * (2 - FLATTENING)


def geodetic_to_ecef(points: Array) -> Array:
    """Return ECEF metres (n, 3) of longitude, latitude (degrees) and height (metres), (n, 3)."""
    lon, lat = np.radians(points[:, 0]), np.radians(points[:, 1])
    height = points[:, 2]
    radius = SEMI_MAJOR_M / np.sqrt(1 - _E2 * np.sin(lat) ** 2)
    horizontal = (radius + height) * np.cos(lat)
    return np.column_stack(
        (horizontal * np.cos(lon), horizontal * np.sin(lon), (radius * (1 - _E2) + height) * np.sin(lat))
    )


def ecef_to_geodetic(points: Array) -> Array:
    """Return longitude, latitude (degrees) and height (metres) of ECEF metres (exact to a micrometre)."""
    lon = np.arctan2(points[:, 1], points[:, 0])
    p = np.hypot(points[:, 0], points[:, 1])
    lat = np.arctan2(points[:, 2], p * (1 - _E2))
    height = np.zeros_like(lat)
    for _ in range(6):
        radius = SEMI_MAJOR_M / np.sqrt(1 - _E2 * np.sin(lat) ** 2)
        height = p / np.cos(lat) - radius
        lat = np.arctan2(points[:, 2], p * (1 - _E2 * radius / (radius + height)))
    return np.column_stack((np.degrees(lon), np.degrees(lat), height))


@dataclass(frozen=True)
class EnuFrame:
    """East-north-up metres around a point given by longitude, latitude (degrees, CGCS2000) and height H (metres)."""

    lon_deg: float
    lat_deg: float
    height_m: float

    @property
    def origin_ecef(self) -> Array:
        return geodetic_to_ecef(np.array([[self.lon_deg, self.lat_deg, self.height_m]]))[0]

    @property
    def axes(self) -> Array:
        """Return the east, north and up unit vectors as the columns of a (3, 3) matrix."""
        lon, lat = np.radians(self.lon_deg), np.radians(self.lat_deg)
        east = [-np.sin(lon), np.cos(lon), 0.0]
        north = [-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)]
        up = [np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)]
        return np.array([east, north, up]).T

    def transform(self) -> list[float]:
        """Return the tileset's root transform: ENU to ECEF, 16 numbers, column by column."""
        matrix = np.eye(4)
        matrix[:3, :3] = self.axes
        matrix[:3, 3] = self.origin_ecef
        return [float(value) for value in matrix.T.ravel()]

    def from_geodetic(self, points: Array) -> Array:
        """Return ENU metres (n, 3) of longitude, latitude and H (n, 3)."""
        return (geodetic_to_ecef(points) - self.origin_ecef) @ self.axes

    def to_geodetic(self, points: Array) -> Array:
        """Return longitude, latitude and H (n, 3) of ENU metres (n, 3)."""
        return ecef_to_geodetic(points @ self.axes.T + self.origin_ecef)
