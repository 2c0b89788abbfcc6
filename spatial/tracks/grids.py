"""Place positioning grids and barometer references on a site, and hand their placements to whoever reads fixes."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction

from spatial.ledger.operations import record_act
from spatial.tracks.grid_rules import GridFit, GridPlacement, GridPoint, GridRefused, fit_grid
from spatial.tracks.models import BarometerZero, PositioningGrid

KEPT_PLACEMENTS = 10
PLACEMENT = ("origin_east_m", "origin_north_m", "rotation_deg", "scale", "floor_height_m", "control_points", "rms_m")
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
    if not math.isfinite(floor_height_m) or not -500 <= floor_height_m <= 9000:
        raise GridRefused(f"A floor lies between -500 and 9000 m, not at {floor_height_m}.")
    fit = _fit(points, placement, floor_height_m)
    place = fit.placement
    before = PositioningGrid.objects.select_for_update().filter(site=site, code=code).first()
    former = [*(before.former if before else []), _placement_of(before)][-KEPT_PLACEMENTS:]
    grid, _ = PositioningGrid.objects.update_or_create(
        site=site,
        code=code,
        defaults={
            "organisation_id": site.organisation_id,
            "former": former,
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
def undo_grid(*, site: Any, code: str, actor: Any | None, now: datetime) -> PositioningGrid | None:
    """This function will give a grid the placement that it had before; one that had none is taken away (None).

    Raises GridRefused for a grid that the site does not have, or with nothing before.
    """
    grid = PositioningGrid.objects.select_for_update().filter(site=site, code=code).first()
    if grid is None:
        raise GridRefused(f"This site has no grid {code}.")
    if not grid.former:
        raise GridRefused(f"Nothing is kept of what grid {code} was before.")
    *rest, before = grid.former
    _record(site, actor, now, "undo_grid", grid, {"code": code, "to": before})
    if before is None:
        grid.delete()
        return None
    for name, value in before.items():
        setattr(grid, name, value)
    grid.former = rest
    grid.save()
    return grid


@transaction.atomic
def set_barometer_zero(
    *, site: Any, height_m: float, place: str, actor: Any | None, now: datetime, device: Any | None = None
) -> BarometerZero:
    """This function will state at which height (Yellow Sea 1985) the barometers of a site read 0, and which device
    stands there. Raises GridRefused for a height that no site has, or a device of another site."""
    if not math.isfinite(height_m) or not -500 <= height_m <= 9000:
        raise GridRefused(f"A reference lies between -500 and 9000 m, not at {height_m}.")
    if device is not None and device.site_id != site.pk:
        raise GridRefused(f"{device.code} belongs to another site.")
    row, _ = BarometerZero.objects.update_or_create(
        site=site,
        defaults={
            "organisation_id": site.organisation_id,
            "height_m": height_m,
            "place": place[:120],
            "device": device,
        },
    )
    details = {"height_m": height_m, "place": row.place, "device": device.code if device else ""}
    _record(site, actor, now, "set_barometer_zero", row, details)
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


def fit_points(points: Sequence[GridPoint], *, floor_height_m: float) -> GridFit:
    """Return how control points would place a grid, whatever they miss by; nothing is kept. Raises GridRefused for
    fewer than two places."""
    return fit_grid(points, floor_height_m=floor_height_m, rms_limit_m=math.inf, scale_tolerance=math.inf)


def _placement_of(grid: PositioningGrid | None) -> dict[str, Any] | None:
    return None if grid is None else {name: getattr(grid, name) for name in PLACEMENT}


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
