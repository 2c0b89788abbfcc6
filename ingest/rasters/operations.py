"""Import a site plan: a picture, and the control points that place it."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import shapely
from django.contrib.gis.geos import Polygon
from django.db import transaction

from ingest.placement import far_away_reason
from ingest.rasters.affine import DEFAULT_LIMIT_M, Fit, FitRefused, fit_affine, read_control_points
from ingest.rasters.pictures import PictureRefused, WebPicture, decode_picture, warp_for_web, write_cog
from spatial import crs, media
from spatial.ledger.operations import record_act
from spatial.notices.operations import append_event
from spatial.places.models import SiteMap

MAX_BYTES = 200 * 1024 * 1024


class SiteMapRefused(ValueError):
    """A site plan that cannot be imported; nothing was stored. The message says why.

    `field` is what is wrong, "image" or "points"; `residuals_m` are those of each control point where the fit is bad.
    """

    def __init__(self, message: str, *, field: str = "points", residuals_m: tuple[float, ...] = ()) -> None:
        super().__init__(message)
        self.field, self.residuals_m = field, residuals_m


def import_site_map(
    *,
    site: Any,
    name: str,
    image: BinaryIO,
    file_name: str,
    control_points: Sequence[Mapping[str, Any]],
    actor: Any | None,
    now: datetime,
    limit_m: float = DEFAULT_LIMIT_M,
    valid_from: datetime | None = None,
) -> SiteMap:
    """This function will georeference a picture by control points and keep it, valid from a moment (else `now`) on.

    A control point is {"pixel": [x right, y down], "map": [E, N]} in the site's projected CRS (metres). Kept
    are the file itself, a cloud-optimised GeoTIFF in that CRS, and a north-up PNG in EPSG:4490 whose
    rectangle is `outline`. Raises SiteMapRefused for an unusable picture, points that do not fit (RMS above
    `limit_m`, fewer than 3, in one line, mirrored), or a place more than 2 km from the site.
    """
    content = image.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise SiteMapRefused("The file is larger than 200 MB.", field="image")
    try:
        points = read_control_points(control_points)
        for point in points:
            crs.check_east_north(point.east_m, point.north_m, site.projected_srid)
        fit = fit_affine(points, limit_m=limit_m)
        pixels = decode_picture(io.BytesIO(content))
    except PictureRefused as refusal:
        raise SiteMapRefused(str(refusal), field="image") from refusal
    except (FitRefused, crs.CrsRefused) as refusal:
        raise SiteMapRefused(str(refusal), residuals_m=getattr(refusal, "residuals_m", ())) from refusal
    height, width = pixels.shape[:2]
    plan = shapely.Polygon([fit.to_map(x, y) for x, y in ((0, 0), (width, 0), (width, height), (0, height))])
    if reason := far_away_reason(site, plan, site.projected_srid):
        raise SiteMapRefused(f"The picture {reason}.")
    web = warp_for_web(pixels, fit, site.projected_srid)
    with tempfile.TemporaryDirectory() as folder:
        cog = Path(folder) / "plan.tif"
        write_cog(pixels, fit, site.projected_srid, cog)
        with cog.open("rb") as file:
            cog_sha256 = media.store_blob(file)
    blobs = {
        "source_sha256": media.store_blob(io.BytesIO(content)),
        "image_sha256": media.store_blob(io.BytesIO(web.png)),
        "cog_sha256": cog_sha256,
    }
    size = {"width_px": width, "height_px": height}
    facts = {**blobs, **size, "control_points": list(control_points), "valid_from": valid_from or now}
    return _keep(site, name, file_name, facts, fit, web, actor, now)


@transaction.atomic
def _keep(
    site: Any,
    name: str,
    file_name: str,
    fields: dict[str, Any],
    fit: Fit,
    web: WebPicture,
    actor: Any | None,
    now: datetime,
) -> SiteMap:
    site_map = SiteMap.objects.create(
        organisation=site.organisation,
        site=site,
        name=name,
        affine=list(fit.coefficients),
        residual_rms_m=fit.rms_m,
        outline=Polygon(list(web.outline.exterior.coords), srid=crs.STORAGE_SRID),
        **fields,
    )
    record_act(
        organisation=site.organisation,
        site=site,
        actor=actor,
        verb="import_site_map",
        subject_kind="site_map",
        subject_id=site_map.pk,
        details={
            "name": name,
            "file_name": file_name,
            "sha256": site_map.source_sha256,
            "residuals_m": [round(residual, 4) for residual in fit.residuals_m],
            "rms_m": round(fit.rms_m, 4),
        },
        occurred_at=now,
        received_at=now,
    )
    payload = {"id": str(site_map.pk), "name": name, "rms_m": round(fit.rms_m, 3)}
    append_event(site=site, kind="site_map_imported", payload=payload, occurred_at=now)
    return site_map
