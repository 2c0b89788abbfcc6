"""The CRS an IFC file names: `EPSG:4547`, a plain name, or well-known text."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyproj import CRS, Transformer

STORAGE_CRS = "EPSG:4490"
_EPSG = re.compile(r"EPSG\s*:{1,2}\s*(\d{4,6})", re.IGNORECASE)
_ZONE_PREFIXED = range(4513, 4534)
_ZONE_PLAIN = range(4534, 4555)


@lru_cache(maxsize=64)
def find_crs(name: str) -> CRS | None:
    """Return the CRS that the text names, or None where PROJ knows none. Reads no file and asks no network."""
    from pyproj import CRS  # not before it is needed: a tenth of a second, in which the fast mesher could start
    from pyproj.exceptions import CRSError, ProjError

    text = name.strip()
    code = _EPSG.search(text)
    try:
        if code:
            return CRS.from_epsg(int(code.group(1)))
        if re.match(r"^[A-Z]{4,}\[", text):
            return CRS.from_wkt(text)
        if len(text) > 5 and not text.isdigit() and "/" in text:
            return CRS.from_user_input(text) if " / " in text else None
    except (CRSError, ProjError):
        return None
    return None


@lru_cache(maxsize=64)
def to_storage(crs_text: str) -> tuple[Transformer, float]:
    """Return (transformer from x=east, y=north to longitude, latitude on CGCS2000, metres per axis unit)."""
    from pyproj import Transformer

    crs = find_crs(crs_text)
    if crs is None:
        raise ValueError(f"PROJ knows no CRS named {crs_text!r}.")
    horizontal = crs.sub_crs_list[0] if crs.is_compound else crs
    axis_m = horizontal.axis_info[0].unit_conversion_factor if not horizontal.is_geographic else 1.0
    return Transformer.from_crs(horizontal, STORAGE_CRS, always_xy=True), axis_m


def area_of_use(crs_text: str) -> tuple[float, float, float, float] | None:
    """Return the CRS's area of use as west, south, east, north in degrees."""
    crs = find_crs(crs_text)
    area: Any = crs.area_of_use if crs else None
    return area.bounds if area else None


def fix_zone_prefix(crs_text: str, easting_m: float) -> str | None:
    """Return the CGCS2000 3-degree CRS whose eastings have as many digits as this one, where the named one differs.

    Zone n has the prefix n in `EPSG:4488+n` and no prefix in `EPSG:4534+(3n-75)/3` (spec/domain/08 §8.2).
    """
    code = _EPSG.search(crs_text)
    epsg = int(code.group(1)) if code else 0
    if epsg in _ZONE_PLAIN and easting_m >= 1e7 and 25 <= (zone := int(easting_m // 1e6)) <= 45:
        return f"EPSG:{4488 + zone}"
    if epsg in _ZONE_PREFIXED and 1e5 < easting_m < 1e6:
        return f"EPSG:{epsg + 21}"
    return None
