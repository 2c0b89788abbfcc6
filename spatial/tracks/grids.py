"""Place positioning grids and barometer references on a site, and hand their placements to whoever reads fixes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction

from spatial.ledger.operations import record_act
from spatial.tracks.grid_rules import GridFit, GridPlacement, GridPoint, GridRefused, fit_grid
from spatial.tracks.models import BarometerZero, PositioningGrid

_NUMBERS = Path(__file__).parent / "data" / "positioning.json"


@cache
def number(name: str) -> float:
    """Return a number of positioning, whose source and confidence stand beside it in data/positioning.json."""
    return float(json.loads(_NUMBERS.read_text(encoding="utf-8"))[name]["value"])


@transaction.atomic
def place_grid(
    *,
    site: Any,
    code: str,
    floor_height_m: float,
    actor: Any | None,
    now: datetime,
    points: Sequence[GridPoint] = (),
    placement: GridPlacement | None = None,
) -> PositioningGrid:
    """This function will place (or place anew) a positioning grid, by control points or by a given placement.

    Fixes that come from now on are placed by it. Raises GridRefused for control points that do not fit.
    """
    if not code or len(code) > 40 or not code.replace("-", "").replace("_", "").replace(".", "").isalnum():
        raise GridRefused(f"{code!r} cannot be a grid's code: 1 to 40 letters, digits, -, _ and dots.")
    fit = _fit(points, placement, floor_height_m)
    place = fit.placement
    grid, _ = PositioningGrid.objects.update_or_create(
        site=site,
        code=code,
        defaults={
            "organisation_id": site.organisation_id,
            "origin_east_m": place.origin_east_m,
            "origin_north_m": place.origin_north_m,
            "rotation_deg": place.rotation_deg,
            "scale": place.scale,
            "floor_height_m": floor_height_m,
            "control_points": [
                {"grid": [p.x_m, p.y_m], "map": [p.east_m, p.north_m], "residual_m": round(residual, 4)}
                for p, residual in zip(points, fit.residuals_m, strict=True)
            ],
            "rms_m": fit.rms_m if len(points) > 2 else None,
        },
    )
    _record(site, actor, now, "place_grid", grid, {"code": code, "rms_m": grid.rms_m})
    return grid


@transaction.atomic
def set_barometer_zero(*, site: Any, height_m: float, place: str, actor: Any | None, now: datetime) -> BarometerZero:
    """This function will state at which height (Yellow Sea 1985) the barometers of a site read 0."""
    row, _ = BarometerZero.objects.update_or_create(
        site=site, defaults={"organisation_id": site.organisation_id, "height_m": height_m, "place": place}
    )
    _record(site, actor, now, "set_barometer_zero", row, {"height_m": height_m, "place": place})
    return row


def grids_of(site_ids: Sequence[Any]) -> Mapping[Any, dict[str, GridPlacement]]:
    """Return the placed grids of sites, by site id and code."""
    found: dict[Any, dict[str, GridPlacement]] = {site_id: {} for site_id in site_ids}
    for grid in PositioningGrid.objects.filter(site_id__in=list(site_ids)):
        found[grid.site_id][grid.code] = GridPlacement(
            grid.origin_east_m, grid.origin_north_m, grid.rotation_deg, grid.scale, grid.floor_height_m
        )
    return found


def barometer_zeros(site_ids: Sequence[Any]) -> dict[Any, float]:
    """Return the height at which barometers read 0, of the sites that have stated it."""
    rows = BarometerZero.objects.filter(site_id__in=list(site_ids))
    return dict(rows.values_list("site_id", "height_m"))


def _fit(points: Sequence[GridPoint], placement: GridPlacement | None, floor_height_m: float) -> GridFit:
    if placement is not None and not points:
        return GridFit(placement, (), 0.0)
    return fit_grid(
        points,
        floor_height_m=floor_height_m,
        rms_limit_m=number("grid_rms_limit_m"),
        scale_tolerance=number("grid_scale_tolerance"),
    )


def _record(site: Any, actor: Any | None, now: datetime, verb: str, row: Any, details: dict[str, Any]) -> None:
    record_act(
        organisation=site.organisation,
        site=site,
        actor=actor,
        verb=verb,
        subject_kind=row._meta.model_name,
        subject_id=row.pk,
        details=details,
        occurred_at=now,
        received_at=now,
    )
