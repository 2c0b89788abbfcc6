"""`/sites/<code>/heat/`: reads the question from the address, asks the database, hands deck.gl a description."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, get_args

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from spatial.places.models import Site
from spatial.zones import queries as zone_queries
from spatial.zones.models import Zone
from webmap.wording.grade_signs import SIGNS, sign_of

from .cells import Cell, Shape, bin_points
from .deck import Quantity, heat_deck, people_legend
from .person_time import person_minutes
from .risk_weight import risk_points

PERIODS_MIN: Final = (15, 60, 240, 720, 1440)
SIZES_M: Final = (2, 4, 8)


@dataclass(frozen=True)
class Question:
    """What the visitor asked for."""

    quantity: Quantity
    minutes: int
    size_m: int
    shape: Shape


def read_question(values: Any) -> Question:
    """Return the question of a query string; what is missing or unknown falls back to the usual choice."""

    def choice(name: str, allowed: tuple[Any, ...], usual: Any) -> Any:
        return next((a for a in allowed if str(a) == values.get(name)), usual)

    return Question(
        quantity=choice("quantity", get_args(Quantity), "people"),
        minutes=choice("minutes", PERIODS_MIN, 60),
        size_m=choice("size", SIZES_M, 4),
        shape=choice("shape", get_args(Shape), "hexagon"),
    )


def heat_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show the heat of a site in 3D."""
    site = get_object_or_404(Site.objects.visible_to(request.user).select_related("organisation"), code=code)
    now = timezone.now()
    question = read_question(request.GET)
    unit = _("person-minutes") if question.quantity == "people" else _("risk weight")
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
    }
    return render(request, "pages/heat.html", context)


def _period_text(minutes: int) -> str:
    if minutes < 60:
        return _("last %(count)d minutes") % {"count": minutes}
    return _("last %(count)d h") % {"count": minutes // 60}


def _cells(site: Site, question: Question, now: datetime) -> list[Cell]:
    if question.quantity == "people":
        points = person_minutes(site, since=now - timedelta(minutes=question.minutes), until=now)
    else:
        points = risk_points(site, now=now)
    return bin_points(points, size_m=question.size_m, shape=question.shape)


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
