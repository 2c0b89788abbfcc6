"""Plan patrols from the risk points, and record that a stop was checked; the next is scheduled with it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, BinaryIO
from uuid import UUID

import shapely
from django.contrib.gis.geos import Point
from django.db import transaction

from spatial import crs
from spatial.ledger.operations import record_act
from spatial.notices.operations import append_event
from spatial.people.queries import users_on
from spatial.places.models import Site
from spatial.risks.models import RiskPoint
from spatial.rulebook.models import Edition
from spatial.rulebook.queries import edition_for
from spatial.zones.operations import end_triggers, start_trigger

from .models import Patrol, PatrolRoute, PatrolStop
from .pictures import store_picture
from .queries import Wanted, calendar_of, may_do, may_plan, wanted_of
from .rules import Calendar, Window, shortest_tour, tour_length

SOURCE_KIND = "patrol"
MISSED = "CONTROL_MISSED"


class PatrolRefused(ValueError):
    """A patrol cannot be planned or recorded; `code` names the sentence, the message says what to do."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


def _schedule(stop: PatrolStop, window: Window, calendar: Calendar, edition: Edition, now: datetime) -> Patrol:
    """Write the next due check of a stop, with the trigger that colours its point should it be missed."""
    point = stop.risk_point
    patrol = Patrol.objects.create(
        organisation_id=stop.organisation_id,
        site=stop.site,
        stop=stop,
        risk_point=point,
        opens_at=window.start,
        due_at=window.end,
        missed_from=calendar.missed_from(stop.route.period, window.end),
        rule_edition=edition,
    )
    start_trigger(
        site=stop.site,
        kind=MISSED,
        starts_at=patrol.missed_from,
        source_kind=SOURCE_KIND,
        source_id=patrol.pk,
        source_label=f"{point.code} {point.name} · {stop.route.responsible_name}",
        risk_point=point,
        edition=edition,
        now=now,
    )
    return patrol


def _withdraw(stops: Iterable[PatrolStop], now: datetime) -> int:
    """Take stops off their routes: what is open is withdrawn, and its trigger ends or never comes to be."""
    count = 0
    for stop in stops:
        stop.active = False
        stop.save(update_fields=["active"])
        for patrol in stop.patrols.filter(done_at__isnull=True, withdrawn_at__isnull=True):
            patrol.withdrawn_at = now
            patrol.save(update_fields=["withdrawn_at"])
            end_triggers(source_kind=SOURCE_KIND, source_id=patrol.pk, at=now)
        count += 1
    return count


def _metric(point: RiskPoint, srid: int) -> tuple[float, float, float]:
    shape = shapely.from_wkb(bytes(point.anchor.geometry.ewkb))
    middle = shape.centroid
    east, north = crs.transform_point(middle.x, middle.y, from_srid=crs.STORAGE_SRID, to_srid=srid)
    heights = shapely.get_coordinates(shape, include_z=True)[:, 2]
    return east, north, float(heights.mean())


def _order_walk(route: PatrolRoute) -> None:
    """Put the stops of a route in the order of a short walk that begins near the site's location."""
    site = route.site
    stops = list(route.stops.filter(active=True).select_related("risk_point__anchor").order_by("risk_point__code"))
    points = [_metric(stop.risk_point, site.projected_srid) for stop in stops]
    start = None
    if site.location is not None:
        place = site.location
        east, north = crs.transform_point(place.x, place.y, from_srid=crs.STORAGE_SRID, to_srid=site.projected_srid)
        start = (east, north, site.ground_height_m)
    order = shortest_tour(points, start)
    for position, index in enumerate(order, start=1):
        stops[index].position = position
    PatrolStop.objects.bulk_update(stops, ["position"])
    route.length_m = round(tour_length(points, order), 1)
    route.active = bool(stops)
    route.save(update_fields=["length_m", "active"])


def _route(site: Site, wanted: Wanted, accounts: dict[str, Any]) -> PatrolRoute:
    route, created = PatrolRoute.objects.get_or_create(
        site=site,
        level=wanted.level,
        period=wanted.period,
        responsible_name=wanted.responsible,
        defaults={
            "organisation_id": site.organisation_id,
            "phone": wanted.phone,
            "assignee": accounts.get(wanted.responsible),
        },
    )
    if not created and (route.phone != wanted.phone or not route.active):
        route.phone, route.active = wanted.phone, True
        route.save(update_fields=["phone", "active"])
    return route


@transaction.atomic
def plan_patrols(*, site: Site, actor: Any | None, now: datetime) -> dict[str, int]:
    """This function will bring the routes of a site in line with its active risk points, and schedule what is new.

    Each point asks for a patrol per level and period of its grade (the edition the site follows), by the person
    named for the level. New stops are first due at the end of the present period; stops that nobody asks for any
    more are withdrawn. Running it again changes nothing. Raises PatrolRefused or PeriodsMissing.
    """
    if actor is not None and not may_plan(actor, site):
        raise PatrolRefused(
            "not_yours", "Patrols are planned by the safety officer, the project manager or the company."
        )
    edition = edition_for(site, on=now)
    calendar = calendar_of(site, edition)
    Site.objects.select_for_update().get(pk=site.pk)
    accounts = {user.full_name: user for user in users_on(site)}
    there: dict[tuple[UUID, UUID], PatrolStop] = {
        (stop.route_id, stop.risk_point_id): stop
        for stop in PatrolStop.objects.filter(site=site).select_related("route", "site", "risk_point")
    }
    points = {point.pk: point for point in RiskPoint.objects.filter(site=site)}
    kept: set[UUID] = set()
    touched: dict[UUID, PatrolRoute] = {}
    added = 0
    routes: dict[Wanted, PatrolRoute] = {}
    for point_id, rows in wanted_of(site, edition).items():
        for wanted in rows:
            route = routes.get(wanted) or routes.setdefault(wanted, _route(site, wanted, accounts))
            stop = there.get((route.pk, point_id))
            if stop is None or not stop.active:
                stop = _add_stop(route, points[point_id], stop)
                _schedule(stop, calendar.window(route.period, now), calendar, edition, now)
                touched[route.pk] = route
                added += 1
            kept.add(stop.pk)
    gone = [stop for stop in there.values() if stop.active and stop.pk not in kept]
    touched |= {stop.route_id: stop.route for stop in gone}
    removed = _withdraw(gone, now)
    for route in touched.values():
        _order_walk(route)
    result = {"added": added, "removed": removed, "routes": len(touched)}
    if touched:
        _act(site, "plan_patrols", "site", site.pk, result, edition, actor=actor, now=now)
        append_event(site=site, kind="zone_changed", payload={"patrols": result}, occurred_at=now)
    return result


def _add_stop(route: PatrolRoute, point: RiskPoint, stop: PatrolStop | None) -> PatrolStop:
    if stop is not None:
        stop.active = True
        stop.save(update_fields=["active"])
        return stop
    return PatrolStop.objects.create(
        organisation_id=route.organisation_id, site=route.site, route=route, risk_point=point, position=0
    )


@transaction.atomic
def assign_route(*, route: PatrolRoute, assignee: Any | None, actor: Any | None, now: datetime) -> PatrolRoute:
    """This function will say which account does the patrols of a route. Raises PatrolRefused."""
    if actor is not None and not may_plan(actor, route.site):
        raise PatrolRefused(
            "not_yours", "Patrols are planned by the safety officer, the project manager or the company."
        )
    if assignee is not None and not users_on(route.site).filter(pk=assignee.pk).exists():
        raise PatrolRefused("stranger", f"{assignee} has no role on this site; give one first.")
    route.assignee = assignee
    route.save(update_fields=["assignee"])
    details = {"route": str(route.pk), "assignee": str(assignee) if assignee else ""}
    _act(route.site, "assign_patrol_route", "patrolroute", route.pk, details, None, actor=actor, now=now)
    return route


def _distance_m(point: RiskPoint, location: Point, srid: int) -> float:
    """Return how far in plan a place is from a risk point's geometry, in metres."""
    shape = shapely.force_2d(shapely.from_wkb(bytes(point.anchor.geometry.ewkb)))
    metric = crs.transform_shape(shape, from_srid=crs.STORAGE_SRID, to_srid=srid)
    east, north = crs.transform_point(location.x, location.y, from_srid=crs.STORAGE_SRID, to_srid=srid)
    return round(float(metric.distance(shapely.Point(east, north))), 1)


@transaction.atomic
def do_patrol(
    *,
    stop: PatrolStop,
    outcome: str,
    note: str = "",
    location: Point | None = None,
    accuracy_m: float | None = None,
    photo: BinaryIO | None = None,
    by_code: bool = False,
    actor: Any | None,
    actor_name: str = "",
    now: datetime,
) -> Patrol:
    """This function will record that a stop was checked now, end its trigger, and schedule the next check.

    `location` is a Point in EPSG:4490. A finding needs a note. The next check is due in the period after the one
    in which this was done, so a late patrol also does its own period. Raises PatrolRefused or PictureRefused.
    """
    stop = (
        PatrolStop.objects.select_for_update(of=("self",))
        .select_related("route__site", "site__organisation", "site__region", "risk_point__anchor")
        .get(pk=stop.pk)
    )
    if actor is not None and not may_do(actor, stop.route):
        raise PatrolRefused("not_yours", f"A patrol of the {stop.route.level} is not yours to do.")
    patrol = stop.patrols.filter(done_at__isnull=True, withdrawn_at__isnull=True).first()
    if patrol is None or not stop.active:
        raise PatrolRefused("withdrawn", "This stop is on no route any more; open the list of patrols again.")
    if patrol.opens_at > now:
        raise PatrolRefused("done_already", f"Already checked in this period; the next check opens {patrol.opens_at}.")
    if outcome not in Patrol.Outcome.values:
        raise PatrolRefused("outcome", f"{outcome!r} is not an outcome; it is good or finding.")
    if outcome == Patrol.Outcome.FINDING and not note.strip():
        raise PatrolRefused("no_note", "Say what was found.")
    site = stop.site
    patrol.done_at, patrol.done_by, patrol.outcome, patrol.note = now, actor, outcome, note.strip()[:500]
    patrol.done_by_name = (str(actor) if actor else actor_name or stop.route.responsible_name)[:80]
    patrol.by_code, patrol.accuracy_m, patrol.location = by_code, accuracy_m, location
    if location is not None:
        patrol.distance_m = _distance_m(stop.risk_point, location, site.projected_srid)
    if photo is not None:
        patrol.photo_sha256 = store_picture(photo)
    patrol.save()
    end_triggers(source_kind=SOURCE_KIND, source_id=patrol.pk, at=now)
    edition = edition_for(site, on=now)
    calendar = calendar_of(site, edition)
    following = _schedule(stop, _window_after(stop, now, calendar), calendar, edition, now)
    details = {
        "risk_point": stop.risk_point.code,
        "outcome": str(outcome),
        "due_at": patrol.due_at.isoformat(),
        "distance_m": patrol.distance_m,
        "next_due_at": following.due_at.isoformat(),
    }
    _act(site, "do_patrol", "patrol", patrol.pk, details, patrol.rule_edition, actor=actor, now=now, where=location)
    payload = {"patrol": str(patrol.pk), "risk_point": str(stop.risk_point_id)}
    append_event(site=site, kind="zone_changed", payload=payload, occurred_at=now)
    return patrol


def _window_after(stop: PatrolStop, now: datetime, calendar: Calendar) -> Window:
    period = stop.route.period
    return calendar.next_window(period, calendar.window(period, now))


@transaction.atomic
def note_reported(*, patrol: Patrol, hazard: Any, actor: Any | None, now: datetime) -> Patrol:
    """This function will keep which hazard a finding was reported as. Raises PatrolRefused for another place."""
    if hazard.site_id != patrol.site_id or patrol.done_at is None:
        raise PatrolRefused("other_place", "The hazard does not belong to this patrol.")
    patrol.hazard_id = hazard.pk
    patrol.save(update_fields=["hazard_id"])
    details = {"hazard": str(hazard.pk)}
    _act(patrol.site, "report_patrol_finding", "patrol", patrol.pk, details, None, actor=actor, now=now)
    return patrol


def _act(
    site: Site, verb: str, kind: str, subject_id: Any, details: dict[str, Any], edition: Edition | None, *,
    actor: Any, now: datetime, where: Point | None = None,
) -> None:  # fmt: skip
    record_act(
        organisation=site.organisation,
        site=site,
        actor=actor,
        verb=verb,
        subject_kind=kind,
        subject_id=subject_id,
        details=details,
        location=where,
        rule_edition=edition,
        occurred_at=now,
        received_at=now,
    )
