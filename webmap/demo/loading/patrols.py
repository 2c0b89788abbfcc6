"""Patrols of the demo: planned some days ago, walked by the demo's people, one stop left out until it was missed."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from django.contrib.gis.geos import Point

from spatial.patrols.models import Patrol, PatrolRoute, PatrolStop
from spatial.patrols.operations import do_patrol, plan_patrols
from spatial.people.models import User
from spatial.places.models import Site
from spatial.rulebook.models import Edition
from spatial.rulebook.queries import NATIONAL_PACK, resolved_tables

DAYS = 3
WALKER_OF_LEVEL = {"project": "project_manager", "team": "safety_officer", "post": "worker"}
"""The company's monthly patrols stay due: nobody of the company walked yet."""
FINDING = "护栏扣件松动,已要求班组今日内紧固"
STRIDE_M_DEG = 9e-6
"""About a metre of latitude in degrees."""


def ensure_patrols(site: Site, users: dict[str, User], now: datetime) -> None:
    """This function will plan the patrols of a site and let its people walk them, where none are planned yet."""
    if PatrolRoute.objects.filter(site=site).exists():
        return
    begin = _begin(now)
    if begin is None:
        return
    plan_patrols(site=site, actor=users["safety_officer"], now=begin)
    left_out = _left_out(site)
    for number, stop in enumerate(_stops(site)):
        walker = users.get(WALKER_OF_LEVEL.get(stop.route.level, ""))
        if walker is None or stop == left_out:
            continue
        _walk(stop, walker, number, begin, now)


def _begin(now: datetime) -> datetime | None:
    """Return when the plan was made: some days ago, but not before an edition has patrol periods."""
    days = [
        edition.valid_from
        for edition in Edition.objects.filter(pack=NATIONAL_PACK, valid_from__lte=now.date())
        if "patrol_periods" in resolved_tables(edition)
    ]
    if not days:
        return None
    first = datetime.combine(min(days), datetime.min.time(), tzinfo=now.tzinfo) + timedelta(minutes=10)
    return max(first, now - timedelta(days=DAYS))


def _stops(site: Site) -> list[PatrolStop]:
    rows = PatrolStop.objects.filter(site=site, active=True).select_related("route", "risk_point__anchor")
    return list(rows.order_by("route__level", "route__period", "position"))


def _left_out(site: Site) -> PatrolStop | None:
    """Return the stop that nobody walks: of a shift's patrol, at the point whose colour can rise most visibly."""
    shifts = [stop for stop in _stops(site) if stop.route.period == "shift"]
    quiet = [stop for stop in shifts if not stop.risk_point.direct_major]
    return min(
        quiet or shifts,
        key=lambda stop: (stop.risk_point.residual_grade or stop.risk_point.inherent_grade, stop.risk_point.code),
        default=None,
    )


def _walk(stop: PatrolStop, walker: User, number: int, begin: datetime, now: datetime) -> None:
    """Patrol a stop in each of its periods until now; of the present one only every second stop is done."""
    while True:
        patrol = Patrol.objects.filter(stop=stop, done_at__isnull=True, withdrawn_at__isnull=True).get()
        opened = max(patrol.opens_at, begin)
        at = opened + (min(patrol.due_at, now) - opened) * (0.4 + 0.05 * (number % 7))
        if at > now or patrol.opens_at > now or (patrol.due_at > now and number % 2):
            return
        found = number % 11 == 3 and patrol.due_at > now - timedelta(days=1)
        middle = stop.risk_point.anchor.geometry.centroid
        away = 2 + number % 9
        do_patrol(
            stop=stop,
            outcome="finding" if found else "good",
            note=FINDING if found else "",
            location=Point(
                middle.x + away * STRIDE_M_DEG * math.cos(number), middle.y + away * STRIDE_M_DEG * math.sin(number),
                srid=4490,
            ),
            accuracy_m=4.0 + number % 5,
            by_code=number % 3 == 0,
            actor=walker,
            now=at,
        )  # fmt: skip
