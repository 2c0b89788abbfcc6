"""What is anchored on one IFC element: its risk points and its open tickets, for a user who may see them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Max
from django.utils import timezone
from ninja import Schema

from spatial.hazards.models import Hazard
from spatial.places.models import Site
from spatial.risks.models import RiskPoint
from spatial.zones.queries import site_colours
from webmap.live.state import NOT_OPEN, overdue_ticket_ids
from webmap.wording.hazard_words import state_label


class RiskOut(Schema):
    """A risk point on the element: its colour now and its sources with their measures."""

    id: UUID
    code: str
    name: str
    grade: int
    sources: list[str]
    measures: list[str]


class TicketOut(Schema):
    """An open ticket on the element."""

    id: UUID
    number: str
    state: str
    state_text: str
    description: str
    deadline: datetime | None
    overdue: bool
    url: str


def risks_on_element(site: Site, model_id: UUID, global_id: str, user: Any) -> list[RiskOut]:
    """Return the risk points on an element, the gravest first."""
    points = (
        RiskPoint.objects.visible_to(user)
        .filter(site=site, anchor__model_id=model_id, anchor__element_global_id=global_id)
        .annotate(worst=Max("sources__grade"))
        .prefetch_related("sources__measures")
    )
    if not points:
        return []
    colours = site_colours(site, now=timezone.now()).risk_points
    found = [
        RiskOut(
            id=point.id,
            code=point.code,
            name=point.name,
            grade=colours[point.id].grade if point.id in colours else 0,
            sources=[source.name for source in point.sources.all()],
            measures=[measure.text for source in point.sources.all() for measure in source.measures.all()],
        )
        for point in points
    ]
    return sorted(found, key=lambda risk: (-risk.grade, risk.code))


def tickets_on_element(site: Site, model_id: UUID, global_id: str, user: Any) -> list[TicketOut]:
    """Return the open tickets on an element, the next deadline first."""
    on_element = Hazard.objects.visible_to(user).filter(
        site=site, anchor__model_id=model_id, anchor__element_global_id=global_id
    )
    rows = list(on_element.exclude(state__in=NOT_OPEN).order_by("deadline", "number"))
    late = overdue_ticket_ids([site.id], now=timezone.now()).get(site.id, set()) if rows else set()
    return [
        TicketOut(
            id=row.id,
            number=row.number,
            state=row.state,
            state_text=str(state_label(row.state)),
            description=row.description,
            deadline=row.deadline,
            overdue=row.id in late,
            url=f"/hazards/{row.id}/",
        )
        for row in rows
    ]
