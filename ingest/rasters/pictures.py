"""Pictures of a site: decoded, written as a cloud-optimised GeoTIFF, and warped north-up for the web."""

from __future__ import annotations

import io
import math
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import rasterio
import shapely
from PIL import Image, ImageOps, UnidentifiedImageError
from rasterio.crs import CRS
from rasterio.enums import ColorInterp, Resampling
from rasterio.io import MemoryFile
from rasterio.transform import Affine, from_origin
from rasterio.vrt import WarpedVRT
from rio_cogeo.cogeo import cog_translate
from rio_cogeo.profiles import cog_profiles

from ingest.rasters.affine import Fit
from spatial import crs

MAX_PIXELS = 64_000_000
MAX_WEB_SIDE = 8192
FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "BMP")


class PictureRefused(ValueError):
    """A file that is not a usable picture; the message says why."""


@dataclass(frozen=True)
class WebPicture:
    """A north-up PNG in EPSG:4490, and the rectangle of longitudes and latitudes that it fills."""

    png: bytes
    outline: shapely.Polygon  # from the upper left corner, clockwise, as viewers pin the picture


def decode_picture(image: BinaryIO) -> np.ndarray:
    """This function will return a picture as rows x columns x RGBA bytes, turned as its camera said.

    Raises PictureRefused for another format, a broken file, or more than 64 million pixels.
    """
    try:
        with Image.open(image, formats=FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise PictureRefused(f"{picture.width} x {picture.height} pixels are more than 64 million.")
            return np.asarray(ImageOps.exif_transpose(picture).convert("RGBA"))
    except UnidentifiedImageError as error:
        raise PictureRefused(f"The file is not a picture ({', '.join(FORMATS)}).") from error
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        if isinstance(error, PictureRefused):
            raise
        raise PictureRefused(f"The picture cannot be read: {error}.") from error


def write_cog(pixels: np.ndarray, fit: Fit, srid: int, target: Path) -> None:
    """This function will write a cloud-optimised GeoTIFF in the site's projected CRS."""
    with MemoryFile(_geotiff(pixels, fit, srid)) as memory, memory.open() as source:
        cog_translate(source, str(target), cog_profiles.get("deflate"), in_memory=True, quiet=True, add_mask=False)


def warp_for_web(pixels: np.ndarray, fit: Fit, srid: int) -> WebPicture:
    """This function will warp a picture north-up into EPSG:4490, transparent around it, at its own resolution
    (at most 8192 pixels a side)."""
    height, width = pixels.shape[:2]
    corners = [fit.to_map(x, y) for x, y in ((0, 0), (width, 0), (width, height), (0, height))]
    ring = shapely.segmentize(shapely.Polygon(corners), max(width, height) * _pixel_m(fit) / 8)
    west, south, east, north = crs.transform_shape(ring, from_srid=srid, to_srid=crs.STORAGE_SRID).bounds
    metres_per_degree = 111_132.0
    rows = (north - south) * metres_per_degree / _pixel_m(fit)
    columns = (east - west) * metres_per_degree * math.cos(math.radians(north)) / _pixel_m(fit)
    shrink = min(1.0, MAX_WEB_SIDE / max(rows, columns))
    web_rows, web_columns = max(1, round(rows * shrink)), max(1, round(columns * shrink))
    grid = from_origin(west, north, (east - west) / web_columns, (north - south) / web_rows)
    with (
        MemoryFile(_geotiff(pixels, fit, srid)) as memory,
        memory.open() as source,
        WarpedVRT(
            source,
            crs=CRS.from_epsg(crs.STORAGE_SRID),
            transform=grid,
            width=web_columns,
            height=web_rows,
            resampling=Resampling.bilinear,
        ) as warped,
    ):
        bands = warped.read(indexes=[1, 2, 3, 4])
    png = io.BytesIO()
    Image.fromarray(np.moveaxis(bands, 0, -1), "RGBA").save(png, "PNG")
    rectangle = ((west, north), (east, north), (east, south), (west, south))
    return WebPicture(png.getvalue(), shapely.Polygon(rectangle))


def _pixel_m(fit: Fit) -> float:
    a, b, _, d, e, _ = fit.coefficients
    return math.sqrt(abs(a * e - b * d))


def _geotiff(pixels: np.ndarray, fit: Fit, srid: int) -> bytes:
    height, width = pixels.shape[:2]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "plan.tif"
        with rasterio.open(
            file,
            "w",
            driver="GTiff",
            width=width,
            height=height,
            count=4,
            dtype="uint8",
            crs=CRS.from_epsg(srid),
            transform=Affine(*fit.coefficients),
            photometric="RGB",
            tiled=True,
        ) as target:
            target.write(np.moveaxis(pixels, -1, 0))
            target.colorinterp = (ColorInterp.red, ColorInterp.green, ColorInterp.blue, ColorInterp.alpha)
        return file.read_bytes()
