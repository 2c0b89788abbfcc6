"""What the API answers and the stream sends: the same typed payloads. Times are instants (ISO 8601 with zone).

Coordinates are degrees in EPSG:4490, heights metres of the 1985 Yellow Sea height; grades are 0 (grey) to 4 (red).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Schema

from .machines import MachineOut


class ReasonOut(Schema):
    """Why something has its colour: one trigger or one risk point."""

    kind: str
    text: str
    since: datetime | None
    grade: int
    url: str
    edition: str
    edition_url: str = ""


class SiteHead(Schema):
    """The site itself with its colour: the highest of its zones, points and own triggers."""

    id: UUID
    code: str
    name: str
    grade: int
    reasons: list[ReasonOut]


class ZoneState(Schema):
    """The colour of a zone; `index` (0 to 100) orders zones of one colour."""

    id: UUID
    code: str
    name: str
    grade: int
    index: float
    reasons: list[ReasonOut]


class RiskPointState(Schema):
    id: UUID
    code: str
    name: str
    grade: int
    zone_ids: list[UUID]
    model_id: UUID | None
    global_id: str
    lon: float | None
    lat: float | None
    h: float | None


class ElementState(Schema):
    """The colour of an IFC element that carries risk points or open tickets."""

    model_id: UUID
    global_id: str
    grade: int


class Counts(Schema):
    open: int
    overdue: int
    alarms: int
    people: int


class AlarmState(Schema):
    """An alarm that is not cleared; its title in the active language."""

    id: UUID
    rule: str
    device_id: UUID | None
    title: str
    level: str
    zone_id: UUID | None
    zone: str
    storey: str
    person: str
    lon: float | None
    lat: float | None
    h: float | None
    raised_at: datetime
    acknowledged_at: datetime | None


class TicketState(Schema):
    """A ticket that is not closed."""

    id: UUID
    number: str
    state: str
    state_text: str
    description: str
    deadline: datetime | None
    overdue: bool
    lon: float | None
    lat: float | None
    h: float | None
    storey: str
    model_id: UUID | None
    global_id: str
    url: str


class SiteState(Schema):
    """Everything about a site that changes, at the instant `now`."""

    site: SiteHead
    now: datetime
    next_change_at: datetime | None
    cursor: int
    zones: list[ZoneState]
    risk_points: list[RiskPointState]
    elements: list[ElementState]
    counts: Counts
    alarms: list[AlarmState]
    tickets: list[TicketState]


class PositionOut(Schema):
    """Where a device is: `t` is the fix time in epoch milliseconds, `acc` its r95 in metres; `stale` after three
    silent intervals."""

    id: UUID
    code: str
    name: str
    lon: float
    lat: float
    h: float
    t: int
    stale: bool
    acc: float
    storey: str
    zone_ids: list[UUID]


class Positions(Schema):
    """What moved on a site: people's and vehicles' devices, and machines."""

    items: list[PositionOut]
    machines: list[MachineOut] = []


class EventOut(Schema):
    """A durable event; `id` is the cursor to resume from."""

    id: int
    kind: str
    site: str
    payload: dict[str, Any]
    occurred_at: datetime


class SiteSummary(Schema):
    """One site on the region page."""

    id: UUID
    code: str
    name: str
    organisation: str
    region: str
    grade: int
    lon: float | None
    lat: float | None
    people_count: int
    open: int
    overdue: int
    alarms: int
    people: int
    next_change_at: datetime | None
    url: str


class RegionState(Schema):
    """All sites that the user may see; `grade` by the weighted rule of spec 02.4, with its score (0 to 100)."""

    now: datetime
    next_change_at: datetime | None
    cursor: int
    grade: int
    score: float
    colour_counts: dict[str, int]
    sites: list[SiteSummary]
