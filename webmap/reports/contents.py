"""What the shareable report says, read once and frozen: no database is touched after this."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from spatial.hazards import queries as hazard_queries
from spatial.hazards.models import Hazard
from spatial.media import BlobMissing, open_blob
from spatial.places.models import Site
from spatial.places.queries import pictures_of
from spatial.rulebook.queries import edition_for
from spatial.zones import queries as zone_queries
from spatial.zones.models import Zone
from webmap.live.naming import Telling, reasons_told
from webmap.wording.grade_signs import GradeSign, sign_of
from webmap.wording.hazard_words import FINISHED, state_label
from webmap.wording.reasons import reason_text

Position = tuple[float, float]


@dataclass(frozen=True)
class PlanImage:
    """The site plan as PNG bytes with its corners (lon, lat in EPSG:4490): top left, top right, bottom left."""

    name: str
    png: bytes
    media_type: str
    corners: tuple[Position, Position, Position]


@dataclass(frozen=True)
class ZoneEntry:
    """A zone with its colour now; `polygons` are a GeoJSON MultiPolygon's coordinates (lon, lat in EPSG:4490)."""

    code: str
    name: str
    kind: str
    sign: GradeSign
    heights: str
    reasons: tuple[str, ...]
    polygons: list[list[list[Position]]]


@dataclass(frozen=True)
class TicketEntry:
    """A ticket that is not closed, with its place."""

    number: str
    state: str
    description: str
    deadline: datetime | None
    overdue: bool
    place: str
    lat: float
    lon: float


@dataclass(frozen=True)
class ReportContents:
    """Everything on the report's page."""

    site_code: str
    site_name: str
    organisation: str
    time_zone: ZoneInfo
    coloured_at: datetime
    next_change_at: datetime | None
    edition: str
    sign: GradeSign
    zones: tuple[ZoneEntry, ...]
    tickets: tuple[TicketEntry, ...]
    plan: PlanImage | None
    centre: Position


def read_report(site: Site, *, user: Any, now: datetime) -> ReportContents:
    """This function will read the four-colour map of a site at `now` and its open tickets.

    `user` limits the tickets to what they may see; None (the shell command) reads all of the site.
    """
    colours = zone_queries.site_colours(site, now=now)
    zone_rows = list(Zone.objects.filter(site=site, active=True).order_by("code"))
    told = reasons_told((reason for zone in colours.zones.values() for reason in zone.reasons), named=False)
    zones = tuple(_zone_entry(zone, colours.zones.get(zone.id), told, site, now) for zone in zone_rows)
    return ReportContents(
        site_code=site.code,
        site_name=site.name,
        organisation=site.organisation.name,
        time_zone=ZoneInfo(site.time_zone),
        coloured_at=now,
        next_change_at=colours.next_change_at,
        edition=str(edition_for(site, on=now)),
        sign=sign_of(colours.grade),
        zones=zones,
        tickets=tuple(_ticket_entries(site, user, now)),
        plan=_plan(site, now),
        centre=_centre(site, zone_rows),
    )


def _zone_entry(zone: Zone, colour: Any, told: Telling, site: Site, now: datetime) -> ZoneEntry:
    reasons = colour.reasons if colour else ()
    return ZoneEntry(
        code=zone.code,
        name=zone.name,
        kind=zone.get_kind_display(),
        sign=sign_of(colour.grade if colour else 0),
        heights=_heights(zone.bottom_m, zone.top_m),
        reasons=tuple(
            reason_text(kind=r.kind, label=r.label, since=r.since, now=now, time_zone=site.time_zone)
            for r in told(reasons)
        ),
        polygons=[[[(lon, lat) for lon, lat, *_ in ring] for ring in polygon] for polygon in zone.outline.coords],
    )


def _heights(bottom_m: float | None, top_m: float | None) -> str:
    low = "−∞" if bottom_m is None else f"{bottom_m:.1f}"
    high = "+∞" if top_m is None else f"{top_m:.1f}"
    return f"{low} … {high} m" if (bottom_m, top_m) != (None, None) else "–"


def _ticket_entries(site: Site, user: Any, now: datetime) -> list[TicketEntry]:
    entries = []
    rows = Hazard.objects.filter(site=site) if user is None else hazard_queries.visible(user).filter(site=site)
    rows = rows.exclude(state__in=FINISHED).select_related("anchor__storey").order_by("deadline", "number")
    for hazard in rows:
        point = hazard.anchor.geometry.centroid
        entries.append(
            TicketEntry(
                number=hazard.number,
                state=str(state_label(hazard.state)),
                description=hazard.description,
                deadline=hazard.deadline,
                overdue=hazard_queries.is_overdue(hazard, now),
                place=_place(hazard.anchor),
                lat=point.y,
                lon=point.x,
            )
        )
    return entries


def _place(anchor: Any) -> str:
    storey = anchor.storey.name if anchor.storey else ""
    return " · ".join(part for part in (storey, anchor.element_name) if part) or "–"


def _plan(site: Site, at: datetime) -> PlanImage | None:
    site_map = next(iter(pictures_of(site, at)), None)
    if site_map is None:
        return None
    try:
        with open_blob(site_map.image_sha256) as blob:
            content = blob.read()
    except BlobMissing:
        return None
    ring = [(lon, lat) for lon, lat, *_ in site_map.outline.shell.coords]
    kind = "image/png" if content.startswith(b"\x89PNG") else "image/jpeg"
    return PlanImage(site_map.name, content, kind, (ring[0], ring[1], ring[3]))


def _centre(site: Site, zones: list[Zone]) -> Position:
    shape = site.boundary or site.location or (zones[0].outline if zones else None)
    if shape is None:
        return (0.0, 0.0)
    return (shape.centroid.y, shape.centroid.x)
