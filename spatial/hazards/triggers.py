"""What a general ticket does to the colour of its place: the triggers it starts and ends (spec 02, 2.2)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib.gis.geos import Point

from spatial.risks.models import RiskPoint
from spatial.rulebook.queries import table
from spatial.zones.models import Trigger
from spatial.zones.operations import end_triggers, start_trigger

from .models import Hazard
from .rules import OPEN_STATES

SOURCE = "hazard"
MANY_SOURCE = "hazards_of_risk_point"
OVERDUE_KINDS = ("HAZ_GENERAL_OVERDUE", "HAZ_GENERAL_OVERDUE7")


def anchor_point(anchor: Any) -> Point:
    """Return one point of an anchor: itself, or one on its shape at the height of the shape's first point."""
    shape = anchor.geometry
    if shape.geom_type == "Point":
        return shape
    inside = shape.point_on_surface
    first = shape.coords
    while isinstance(first[0], tuple):
        first = first[0]
    return Point(inside.x, inside.y, first[2], srid=shape.srid)


def _start(hazard: Hazard, kind: str, at: datetime, now: datetime) -> None:
    start_trigger(
        site=hazard.site,
        kind=kind,
        starts_at=at,
        source_kind=SOURCE,
        source_id=hazard.pk,
        source_label=f"{hazard.number} {hazard.description}",
        risk_point=hazard.risk_point,
        location=anchor_point(hazard.anchor),
        edition=hazard.rule_edition,
        now=now,
    )


def start_open(hazard: Hazard, now: datetime) -> None:
    """This function will colour the place of a ticket that was assigned now, and red from its deadline on."""
    _start(hazard, "HAZ_GENERAL_OPEN", now, now)
    start_clock(hazard, now)
    count_on_point(hazard, now)


def start_clock(hazard: Hazard, now: datetime) -> None:
    """This function will let the triggers of the deadline start in the future: no job is needed for red."""
    if hazard.deadline is None:
        return
    after = timedelta(days=table(hazard.rule_edition, "zone_triggers")["overdue7_after_days"])
    _start(hazard, "HAZ_GENERAL_OVERDUE", hazard.deadline, now)
    _start(hazard, "HAZ_GENERAL_OVERDUE7", hazard.deadline + after, now)


def stop_clock(hazard: Hazard, now: datetime) -> None:
    """This function will end the overdue triggers: those that have not started never come to be."""
    end_triggers(source_kind=SOURCE, source_id=hazard.pk, kinds=OVERDUE_KINDS, at=now)


def end_all(hazard: Hazard, now: datetime) -> None:
    """This function will end every trigger of a ticket (it was closed)."""
    end_triggers(source_kind=SOURCE, source_id=hazard.pk, at=now)
    count_on_point(hazard, now)


def count_on_point(hazard: Hazard, now: datetime) -> None:
    """This function will start or end HAZ_GENERAL_MANY: three or more open general hazards on one risk point."""
    if hazard.risk_point_id is None:
        return
    point = RiskPoint.objects.select_for_update(no_key=True).get(pk=hazard.risk_point_id)
    count = Hazard.objects.filter(risk_point=point, level=Hazard.Level.GENERAL, state__in=OPEN_STATES).count()
    many = count >= table(hazard.rule_edition, "zone_triggers")["many_open_on_one_point"]
    active = Trigger.objects.filter(
        source_kind=MANY_SOURCE, source_id=str(point.pk), ends_at__isnull=True, withdrawn=False
    )
    if many and not active.exists():
        start_trigger(
            site=hazard.site,
            kind="HAZ_GENERAL_MANY",
            starts_at=now,
            source_kind=MANY_SOURCE,
            source_id=point.pk,
            source_label=f"{point.code} {point.name}",
            risk_point=point,
            edition=hazard.rule_edition,
            now=now,
        )
    if not many:
        end_triggers(source_kind=MANY_SOURCE, source_id=point.pk, at=now)
