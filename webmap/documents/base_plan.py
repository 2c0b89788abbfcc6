"""What lies under the zones of a printed map: the site's plan picture, or the model's outlines of a storey."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import shapely
from PIL import Image

from bim.models import Element, Revision
from spatial.crs import transform_shape
from spatial.media import BlobMissing, open_blob
from spatial.places.models import STORAGE_SRID, Site, SiteMap, Storey
from spatial.places.queries import pictures_of
from webmap.documents.map_drawing import PlanLines, PlanPicture

Affine = tuple[float, float, float, float, float, float]
MOST_PIXELS: Final = 2400
PALE: Final = 0.45  # how far the plan goes towards white, so that zones stand out on it
FLOORS: Final = ("IfcSlab",)
SOLIDS: Final = ("IfcWall", "IfcWallStandardCase", "IfcColumn", "IfcCurtainWall")
THIN: Final = ("IfcStairFlight", "IfcDoor", "IfcWindow", "IfcRailing")


def ground_shape(geometry: Any, site: Site) -> Any:
    """Return a stored geometry (EPSG:4490) flat in the site's grid metres."""
    shape = shapely.force_2d(shapely.from_wkb(bytes(geometry.wkb)))
    return transform_shape(shape, from_srid=STORAGE_SRID, to_srid=site.projected_srid)


def plan_picture(site: Site, at: datetime) -> tuple[SiteMap, PlanPicture] | None:
    """Return the plan of a site that is valid at a moment, paled, with its place; None where there is none."""
    site_map = next(iter(pictures_of(site, at)), None)
    if site_map is None:
        return None
    given = _opened(site_map.source_sha256) if len(site_map.affine) == 6 else None
    if given is not None and given.size == (site_map.width_px, site_map.height_px):
        a, b, c, d, e, f = (float(number) for number in site_map.affine)
        return site_map, _paled(given, (a, b, c, d, e, f))
    shown = _opened(site_map.image_sha256)
    if shown is None:
        return None
    return site_map, _paled(shown, _pinned(site_map, site, shown.size))


def _opened(sha256: str) -> Image.Image | None:
    """Return a stored picture on white, or None where there is none or it is none."""
    try:
        with open_blob(sha256) as blob, Image.open(blob) as picture:
            seen = picture.convert("RGBA")
    except (BlobMissing, OSError):
        return None
    white = Image.new("RGBA", seen.size, "white")
    white.alpha_composite(seen)
    return white.convert("RGB")


def _pinned(site_map: SiteMap, site: Site, size: tuple[int, int]) -> Affine:
    """Return the affine of a picture that is pinned by the corners of its outline (upper left first, clockwise)."""
    outline = ground_shape(site_map.outline, site).exterior.coords
    (x0, y0), (x1, y1), (x3, y3) = (outline[index][:2] for index in (0, 1, 3))
    width, height = size
    return ((x1 - x0) / width, (x3 - x0) / height, x0, (y1 - y0) / width, (y3 - y0) / height, y0)


def _paled(picture: Image.Image, affine: Affine) -> PlanPicture:
    width, height = picture.size
    picture.thumbnail((MOST_PIXELS, MOST_PIXELS))
    out = io.BytesIO()
    Image.blend(picture, Image.new("RGB", picture.size, "white"), PALE).save(out, "JPEG", quality=84)
    href = "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode("ascii")
    return PlanPicture(href, width, height, affine)


def storey_lines(site: Site, storey: Storey) -> PlanLines:
    """Return the outlines of a storey in the newest imported revision of each model that has this storey."""
    shown: dict[Any, Revision] = {}
    revisions = Revision.objects.filter(site=site, state__in=Revision.IMPORTED_STATES, placed=True)
    for revision in revisions.order_by("number"):
        shown[revision.model_id] = revision
    elements = Element.objects.filter(
        revision__in=shown.values(), storey__name=storey.name, footprint__isnull=False,
        ifc_class__in=(*FLOORS, *SOLIDS, *THIN),
    ).only("ifc_class", "footprint")  # fmt: skip
    return lines_of((element.ifc_class, ground_shape(element.footprint, site)) for element in elements)


def lines_of(shapes: Iterable[tuple[str, Any]]) -> PlanLines:
    """Return outlines sorted by how they are drawn, floors joined into one."""
    rows = list(shapes)
    floors = [shape for name, shape in rows if name in FLOORS]
    return PlanLines(
        floors=[shapely.union_all(floors)] if floors else [],
        solids=[shape for name, shape in rows if name in SOLIDS],
        thin=[shape for name, shape in rows if name in THIN],
    )
