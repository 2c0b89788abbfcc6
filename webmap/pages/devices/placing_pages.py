"""`/sites/<code>/live/devices/placing/`: UWB grids by pairs of points, with residuals; where barometers read 0."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from spatial import crs
from spatial.devices.models import Device
from spatial.devices.queries import may_keep
from spatial.places.models import Site, Storey
from spatial.tracks.grid_rules import GridFit, GridPlacement, GridPoint, GridRefused
from spatial.tracks.grids import fit_points, number, place_grid, set_barometer_zero, undo_grid
from spatial.tracks.models import BarometerZero, LatestPosition, PositioningGrid
from spatial.tracks.storey_rules import likely_storey
from webmap.access import visible_site
from webmap.live.naming import stand_in_of
from webmap.pages.site_2d import MAP_SETTINGS, page_settings

from .placing_sentences import SENTENCES
from .rights import keeper_site
from .words import ago_words

ROWS, MOST_ROWS, AXIS_M, MOST_READINGS = 4, 12, 10.0, 30
CARRIES_BAROMETER = "barometer"


class PointsRefused(ValueError):
    """Points of the form that cannot be read; the message says which and what to do."""


@never_cache
@require_http_methods(["GET", "POST"])
def placing_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show the grids and the barometers of a site; place a grid by its control points."""
    if request.method == "GET":
        return _page(request, visible_site(request.user, code))
    site = keeper_site(request, code)
    try:
        points = [point for _row, point in read_points(request.POST, site)]
        grid = place_grid(
            site=site,
            code=request.POST.get("code", "").strip(),
            floor_height_m=_metres(request.POST.get("floor", ""), _("the height of the floor")),
            points=points,
            actor=request.user,
            now=timezone.now(),
        )
    except (GridRefused, PointsRefused) as refused:
        return _page(request, site, given=request.POST, error=_words(refused))
    messages.success(request, _("Grid %(code)s is placed; fixes that come from now on use it.") % {"code": grid.code})
    return redirect("device-placing", code=code)


@never_cache
@require_POST
def try_points(request: HttpRequest, code: str) -> HttpResponse:
    """Show how the points given fit, without keeping anything."""
    site = keeper_site(request, code)
    return render(request, "pages/devices/placing_tried.html", {"site": site, **_tried(request.POST, site)})


@require_POST
def undo(request: HttpRequest, code: str) -> HttpResponse:
    """Give a grid the placement that it had before."""
    site, name = keeper_site(request, code), request.POST.get("code", "")
    try:
        grid = undo_grid(site=site, code=name, actor=request.user, now=timezone.now())
    except GridRefused as refused:
        messages.error(request, _words(refused))
    else:
        said = _("Grid %(code)s lies as before.") if grid else _("Grid %(code)s is taken away: it had no place before.")
        messages.success(request, said % {"code": name})
    return redirect("device-placing", code=code)


@require_http_methods(["POST"])
def barometer(request: HttpRequest, code: str) -> HttpResponse:
    """State where the barometers of the site read 0."""
    site = keeper_site(request, code)
    chosen = request.POST.get("device", "")
    try:
        device = Device.objects.filter(site=site, active=True, code=chosen).first()
        if chosen and device is None:
            raise PointsRefused(_("%(code)s is not a device of this site in use.") % {"code": chosen})
        height_m = _metres(request.POST.get("height", ""), _("the height of the reference"))
        set_barometer_zero(
            site=site, height_m=height_m, place=request.POST.get("place", "").strip(), device=device,
            actor=request.user, now=timezone.now(),
        )  # fmt: skip
    except (GridRefused, PointsRefused) as refused:
        return _page(request, site, given=request.POST, barometer_error=_words(refused))
    messages.success(request, _("Barometers read 0 there from now on."))
    return redirect("device-placing", code=code)


def read_points(given: QueryDict, site: Site) -> list[tuple[int, GridPoint]]:
    """Return the control points of the form with their row numbers; empty rows are left out. Raises PointsRefused."""
    columns = [given.getlist(name)[:MOST_ROWS] for name in ("x", "y", "lon", "lat")]
    found = []
    for row, cells in enumerate(zip(*columns, strict=False), start=1):
        if not any(cell.strip() for cell in cells):
            continue
        x, y, lon, lat = (_metres(cell, _("point %(row)s") % {"row": row}) for cell in cells)
        if not -180 <= lon <= 180 or not -90 <= lat <= 90:
            raise PointsRefused(_("Point %(row)s: longitude and latitude are degrees.") % {"row": row})
        east, north = crs.transform_point(lon, lat, from_srid=crs.STORAGE_SRID, to_srid=site.projected_srid)
        found.append((row, GridPoint(x, y, east, north)))
    return found


def _tried(given: QueryDict, site: Site) -> dict[str, Any]:
    try:
        rows = read_points(given, site)
        fit = fit_points([point for _row, point in rows], floor_height_m=0.0)
    except (GridRefused, PointsRefused) as refused:
        return {"fault": _words(refused)}
    limit, tolerance = number("grid_rms_limit_m"), number("grid_scale_tolerance")
    worst = max(fit.residuals_m) if len(rows) > 2 else None
    return {
        "fit": fit,
        "limit": limit,
        "lines": [
            {"row": row, "residual": residual, "worst": residual == worst and worst > 0.0005}
            for (row, _point), residual in zip(rows, fit.residuals_m, strict=True)
        ],
        "unchecked": len(rows) == 2,
        "good": fit.rms_m <= limit and abs(fit.placement.scale - 1.0) <= tolerance,
        "stretched": fit.rms_m <= limit and abs(fit.placement.scale - 1.0) > tolerance,
        "rms": fit.rms_m,
        "drawn": _drawn(fit, site),
    }


def _drawn(fit: GridFit, site: Site) -> dict[str, Any]:
    """Return origin and axes of a placement in degrees, for the map."""
    return {name: _degrees(fit.placement, at, site) for name, at in AXES.items()}


AXES = {"origin": (0.0, 0.0), "x": (AXIS_M, 0.0), "y": (0.0, AXIS_M)}


def _degrees(placement: GridPlacement, at: tuple[float, float], site: Site) -> tuple[float, float]:
    east, north = placement.to_plan(*at)
    return crs.transform_point(east, north, from_srid=site.projected_srid, to_srid=crs.STORAGE_SRID)


def _page(
    request: HttpRequest, site: Site, *, given: QueryDict | None = None, error: str = "", barometer_error: str = ""
) -> HttpResponse:
    grids = list(PositioningGrid.objects.filter(site=site).order_by("code"))
    zero = BarometerZero.objects.filter(site=site).select_related("device").first()
    context = {
        "site": site,
        "grids": [_grid_line(grid, site) for grid in grids],
        "may_keep": may_keep(request.user, site),
        "given": given or {},
        "rows": _rows(given),
        "error": error,
        "barometer_error": barometer_error,
        "zero": zero,
        "storeys": _storeys(site, zero),
        "readings": _readings(site, zero),
        "devices": Device.objects.filter(site=site, active=True).order_by("code").values_list("code", flat=True),
        "asked": _asked(request, site, zero),
        "map_settings": MAP_SETTINGS,
        "page_settings": page_settings(site) | {"grids": [_drawn_grid(grid, site) for grid in grids]},
    }
    return render(request, "pages/devices/placing.html", context, status=422 if error or barometer_error else 200)


def _rows(given: QueryDict | None) -> list[tuple[int, str, str, str, str]]:
    if given is None or "x" not in given:
        return [(row, "", "", "", "") for row in range(1, ROWS + 1)]
    columns = [given.getlist(name)[:MOST_ROWS] for name in ("x", "y", "lon", "lat")]
    return [(row, *cells) for row, cells in enumerate(zip(*columns, strict=False), start=1)]


def _grid_line(grid: PositioningGrid, site: Site) -> dict[str, Any]:
    worst = max((point["residual_m"] for point in grid.control_points), default=0.0)
    return {"grid": grid, "worst": worst, "points": len(grid.control_points), "may_undo": bool(grid.former)}


def _drawn_grid(grid: PositioningGrid, site: Site) -> dict[str, Any]:
    placement = GridPlacement(grid.origin_east_m, grid.origin_north_m, grid.rotation_deg, grid.scale)
    points = [
        crs.transform_point(*point["map"], from_srid=site.projected_srid, to_srid=crs.STORAGE_SRID)
        for point in grid.control_points
    ]
    return {"code": grid.code, "points": points} | {name: _degrees(placement, at, site) for name, at in AXES.items()}


def _storeys(site: Site, zero: BarometerZero | None) -> list[dict[str, Any]]:
    """Return the storeys of a site, and between which readings a barometer is on each."""
    found = []
    for storey in (
        Storey.objects.filter(site=site).select_related("building").order_by("building__name", "-elevation_m")
    ):
        low = None if zero is None else storey.elevation_m - zero.height_m
        high = None if zero is None or storey.top_m is None else storey.top_m - zero.height_m
        found.append({"storey": storey, "low": low, "high": high})
    return found


def _readings(site: Site, zero: BarometerZero | None) -> list[dict[str, Any]]:
    """Return the newest heights of devices with a barometer, and the storey that each gives."""
    if zero is None:
        return []
    rows = LatestPosition.objects.filter(
        site=site, device__active=True, device__add_ons__kind=CARRIES_BAROMETER, device__add_ons__removed_at=None
    )
    now, found = timezone.now(), []
    for row in rows.select_related("device__person", "storey").order_by("-fix_time")[:MOST_READINGS]:
        height = row.point.z
        if height is None or math.isnan(height):
            continue
        found.append(
            {
                "code": row.device.code,
                "who": stand_in_of(row.device),
                "height": height,
                "reading": height - zero.height_m,
                "storey": row.storey.name if row.storey else "",
                "percent": None if row.storey_probability is None else round(100 * row.storey_probability),
                "ago": ago_words(now - row.fix_time),
            }
        )
    return found


def _asked(request: HttpRequest, site: Site, zero: BarometerZero | None) -> dict[str, Any] | None:
    """Return the storey that a reading gives, where one is asked for."""
    text = request.GET.get("reading", "").strip()
    if zero is None or not text:
        return None
    try:
        reading = _metres(text, _("the reading"))
    except PointsRefused as refused:
        return {"text": text, "fault": str(refused)}
    storeys: Sequence[Any] = list(Storey.objects.filter(site=site).select_related("building"))
    guess = likely_storey(storeys, zero.height_m + reading, number("barometer_r95_m"))
    return {
        "text": text,
        "height": zero.height_m + reading,
        "storey": storeys[guess.number] if guess else None,
        "percent": round(100 * guess.probability) if guess else 0,
        "r95": number("barometer_r95_m"),
    }


def _metres(text: str, what: str) -> float:
    try:
        value = float(text.strip())
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise PointsRefused(_("%(what)s: write a number.") % {"what": what[:1].upper() + what[1:]})
    return value


def _words(refused: ValueError) -> str:
    return str(refused) if isinstance(refused, PointsRefused) else SENTENCES.tell(str(refused))
