"""`/sites/<code>/heat/`: reads the question from the address, asks the database, hands deck.gl a description."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, get_args

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from pyproj import Transformer

from spatial.places.models import STORAGE_SRID, Site, Storey
from spatial.zones import queries as zone_queries
from spatial.zones.models import Zone
from webmap.wording.grade_signs import SIGNS, sign_of

from .cells import Cell, Shape, bin_points, corners, spread_points
from .deck import TALLEST_M, Quantity, cell_colour, heat_deck, people_legend
from .hazard_density import hazards_found
from .levels import heights_of
from .person_time import person_minutes
from .risk_weight import risk_points

PERIODS_MIN: Final = (15, 60, 240, 720, 1440, 10080, 43200)
USUAL_PERIOD_MIN: Final = {"people": 60, "risk": 60, "hazards": 43200}
SIZES_M: Final = (2, 4, 8, 16)
RADII_M: Final = (0, 5, 10, 20)


@dataclass(frozen=True)
class Question:
    """What the visitor asked for."""

    quantity: Quantity
    minutes: int
    size_m: int
    shape: Shape
    radius_m: int = 0
    storey: Storey | None = None


def read_question(values: Any, site: Site | None = None) -> Question:
    """Return the question of a query string; what is missing or unknown falls back to the usual choice."""

    def choice(name: str, allowed: tuple[Any, ...], usual: Any) -> Any:
        return next((a for a in allowed if str(a) == values.get(name)), usual)

    quantity = choice("quantity", get_args(Quantity), "people")
    storeys = Storey.objects.filter(site=site) if site is not None and values.get("storey") else ()
    return Question(
        quantity=quantity,
        minutes=choice("minutes", PERIODS_MIN, USUAL_PERIOD_MIN[quantity]),
        size_m=choice("size", SIZES_M, 4),
        shape=choice("shape", get_args(Shape), "hexagon"),
        radius_m=choice("radius", RADII_M, 0),
        storey=next((storey for storey in storeys if str(storey.pk) == values.get("storey")), None),
    )


def heat_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show the heat of a site in 3D."""
    site = get_object_or_404(Site.objects.visible_to(request.user).select_related("organisation"), code=code)
    now = timezone.now()
    question = read_question(request.GET, site)
    unit = _unit(question.quantity)
    cells = _cells(site, question, now)
    most = max((cell.weight for cell in cells), default=0.0)
    deck = heat_deck(
        site,
        cells,
        quantity=question.quantity,
        shape=question.shape,
        size_m=question.size_m,
        unit=unit,
        outlines=_outlines(site, now),
        centre=_centre(site),
    )
    context = {
        "site": site,
        "question": question,
        "deck": json.loads(deck.to_json()),
        "cells": cells,
        "total": sum(cell.weight for cell in cells),
        "most": most,
        "unit": unit,
        "now": now,
        "since": now - timedelta(minutes=question.minutes),
        "legend": people_legend(most),
        "signs": [sign for sign in SIGNS.values() if sign.grade],
        "periods": [(minutes, _period_text(minutes)) for minutes in PERIODS_MIN],
        "sizes": SIZES_M,
        "radii": RADII_M,
        "storeys": Storey.objects.filter(site=site).select_related("building").order_by("-elevation_m"),
    }
    return render(request, "pages/heat.html", context)


def _period_text(minutes: int) -> str:
    if minutes < 60:
        return _("last %(count)d minutes") % {"count": minutes}
    if minutes > 1440:
        return _("last %(count)d days") % {"count": minutes // 1440}
    return _("last %(count)d h") % {"count": minutes // 60}


def _unit(quantity: Quantity) -> str:
    return {"people": _("person-minutes"), "risk": _("risk weight"), "hazards": _("hazards found")}[quantity]


def _cells(site: Site, question: Question, now: datetime) -> list[Cell]:
    since, heights = now - timedelta(minutes=question.minutes), heights_of(question.storey)
    if question.quantity == "people":
        points = person_minutes(site, since=since, until=now, heights=heights)
    elif question.quantity == "hazards":
        colours = zone_queries.site_colours(site, now=now)
        points = hazards_found(site, colours, since=since, until=now, heights=heights)
    else:
        points = risk_points(site, now=now, heights=heights)
    spread = spread_points(points, question.radius_m)
    return bin_points(spread, size_m=question.size_m, shape=question.shape)


def heat_cells(request: HttpRequest, code: str) -> JsonResponse:
    """Answer the cells as polygons (EPSG:4490) with heights and colours: the layer of the 3D viewer."""
    site = get_object_or_404(Site.objects.visible_to(request.user), code=code)
    question, now = read_question(request.GET, site), timezone.now()
    cells = _cells(site, question, now)
    most = max((cell.weight for cell in cells), default=0.0)
    to_storage = Transformer.from_crs(site.projected_srid, STORAGE_SRID, always_xy=True)
    rows = [
        {
            "ring": [
                [round(value, 8) for value in to_storage.transform(*corner)]
                for corner in corners(cell, size_m=question.size_m, shape=question.shape)
            ],
            "height_m": round(TALLEST_M * cell.weight / most, 2),
            "css": cell_colour(cell, question.quantity, most),
            "text": f"{cell.weight:.1f} {_unit(question.quantity)}",
        }
        for cell in cells
    ]
    floor_m = question.storey.elevation_m if question.storey else site.ground_height_m
    return JsonResponse({"floor_m": floor_m, "unit": _unit(question.quantity), "cells": rows})


def _outlines(site: Site, now: datetime) -> list[dict[str, Any]]:
    colours = zone_queries.site_colours(site, now=now)
    features = []
    if site.boundary:
        features.append(_feature(site.boundary.boundary, [60, 72, 84, 255], [0, 0, 0, 0]))
    for zone in Zone.objects.filter(site=site, active=True):
        colour = colours.zones.get(zone.id)
        rgb = list(sign_of(colour.grade if colour else 0).rgb)
        features.append(_feature(zone.outline, [*rgb, 255], [*rgb, 40]))
    return features


def _feature(shape: Any, line: list[int], fill: list[int]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": json.loads(shape.geojson),
        "properties": {"line": line, "fill": fill},
    }


def _centre(site: Site) -> tuple[float, float]:
    shape: Any = site.boundary or site.location
    if shape is None:
        zone = Zone.objects.filter(site=site).first()
        shape = zone.outline if zone else None
    return (shape.centroid.x, shape.centroid.y) if shape else (0.0, 0.0)
