"""Gather the facts of sites in a constant number of queries, and colour them: at any moment, by what was known then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from spatial.places.models import Site
from spatial.rulebook.models import Edition
from spatial.rulebook.queries import current_edition, editions_for, table

from .models import Zone
from .rules import (
    Colour,
    ColourTable,
    PointFact,
    TriggerFact,
    point_colour,
    read_table,
    zone_colour,
)
from .set_colours import RegionColour, region_colours

__all__ = ["RegionColour", "SiteColours", "region_colours", "site_colours", "sites_colours", "visible"]
_TABLES: dict[str, ColourTable] = {}


@dataclass(frozen=True)
class SiteColours:
    """The colours of one site at one moment: of itself, its zones and its risk points."""

    site_id: UUID
    site: Colour
    zones: dict[UUID, Colour] = field(default_factory=dict)
    risk_points: dict[UUID, Colour] = field(default_factory=dict)
    zones_of_points: dict[UUID, tuple[UUID, ...]] = field(default_factory=dict)

    @property
    def grade(self) -> int:
        """The site's grade."""
        return self.site.grade

    @property
    def reasons(self) -> tuple:
        """The reasons of the site's grade."""
        return self.site.reasons

    @property
    def next_change_at(self) -> datetime | None:
        """The first later moment at which time alone changes any colour or reason of the site."""
        return self.site.next_change_at


def visible(user: Any) -> QuerySet[Zone]:
    """Return the zones on sites that a user may see."""
    return Zone.objects.visible_to(user).select_related("parent")


def _read(edition: Edition) -> ColourTable:
    if edition.sha256 not in _TABLES:
        _TABLES[edition.sha256] = read_table(table(edition, "zone_triggers"))
    return _TABLES[edition.sha256]


def colour_table(now: datetime) -> tuple[Edition, ColourTable]:
    """Return the national edition valid on the day of `now`, and its table of colours: for what spans sites."""
    edition = current_edition(on=now.date())
    return edition, _read(edition)


def colour_tables(site_ids: Iterable[UUID], now: datetime) -> dict[UUID, ColourTable]:
    """Return the table of colours that each site follows on the day of `now`."""
    sites = Site.objects.filter(pk__in=list(site_ids)).select_related("organisation", "region")
    return {site_id: _read(edition) for site_id, edition in editions_for(sites, on=now).items()}


_POINTS_IN_ZONES = """
SELECT p.id, z.id
FROM risk_points_as_of(%(now)s) p
JOIN anchors_as_of(%(now)s) a ON a.id = p.anchor_id
JOIN zones_as_of(%(now)s) z ON z.site_id = p.site_id AND z.active
    AND ST_Covers(z.outline, a.geometry)
    AND (z.bottom_m IS NULL OR ST_ZMin(a.geometry) >= z.bottom_m)
    AND (z.top_m IS NULL OR ST_ZMax(a.geometry) <= z.top_m)
WHERE p.site_id = ANY(%(sites)s)
"""
_TRIGGERS_IN_ZONES = """
SELECT t.id, z.id
FROM triggers_as_of(%(now)s) t
JOIN zones_as_of(%(now)s) z ON z.site_id = t.site_id AND z.active
    AND ST_Covers(z.outline, t.location)
    AND (z.bottom_m IS NULL OR ST_Z(t.location) >= z.bottom_m)
    AND (z.top_m IS NULL OR ST_Z(t.location) <= z.top_m)
WHERE t.site_id = ANY(%(sites)s) AND t.risk_point_id IS NULL AND t.zone_id IS NULL AND NOT t.withdrawn
    AND (t.ends_at IS NULL OR t.ends_at >= %(now)s - %(tail)s)
"""
_ZONES = "SELECT id, site_id, parent_id FROM zones_as_of(%(now)s) WHERE site_id = ANY(%(sites)s) AND active"
_POINTS = """
SELECT p.site_id, p.id, p.source_grade, p.residual_grade, p.direct_major, p.state, p.code || ' ' || p.name,
    e.pack || ' ' || e.version, p.graded_at
FROM risk_points_as_of(%(now)s) p JOIN rulebook_edition e ON e.id = p.rule_edition_id
WHERE p.site_id = ANY(%(sites)s)
"""
_TRIGGERS = """
SELECT t.site_id, t.risk_point_id, t.zone_id, t.id, t.kind, t.starts_at, t.ends_at, t.floor, t.source_kind,
    t.source_id, t.source_label, e.pack || ' ' || e.version
FROM triggers_as_of(%(now)s) t JOIN rulebook_edition e ON e.id = t.rule_edition_id
WHERE t.site_id = ANY(%(sites)s) AND NOT t.withdrawn AND (t.ends_at IS NULL OR t.ends_at >= %(now)s - %(tail)s)
"""


def _rows(sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def _pairs(sql: str, parameters: Mapping[str, Any]) -> dict[UUID, list[UUID]]:
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for member, zone in _rows(sql, parameters):
        found[member].append(zone)
    return found


@dataclass
class _SiteFacts:
    """What colours one site is made of."""

    zones: dict[UUID, UUID | None] = field(default_factory=dict)
    points: list[PointFact] = field(default_factory=list)
    by_point: dict[UUID, list[TriggerFact]] = field(default_factory=lambda: defaultdict(list))
    by_zone: dict[UUID, list[TriggerFact]] = field(default_factory=lambda: defaultdict(list))
    of_site: list[TriggerFact] = field(default_factory=list)


def _place_trigger(
    facts: _SiteFacts, fact: TriggerFact, risk_point_id: UUID | None, zone_id: UUID | None, zones: list[UUID]
) -> None:
    """Put a trigger where it counts: its point, else its zone, else the zones that hold it, else the site."""
    if risk_point_id:
        facts.by_point[risk_point_id].append(fact)
        return
    targets = [zone_id] if zone_id in facts.zones else ([] if zone_id else zones)
    for zone in targets:
        facts.by_zone[zone].append(fact)
    if not targets:
        facts.of_site.append(fact)


def _gather(site_ids: list[UUID], tail: timedelta, now: datetime) -> tuple[dict[UUID, _SiteFacts], dict]:
    """Return the facts of sites as they were known at `now`, and which zones held which risk points then.

    Triggers are those that still show, or will: not those that ended longer than `tail` ago.
    """
    asked = {"now": now, "sites": site_ids, "tail": tail}
    facts = {site_id: _SiteFacts() for site_id in site_ids}
    for zone_id, site_id, parent_id in _rows(_ZONES, asked):
        facts[site_id].zones[zone_id] = parent_id
    for site_id, point_id, source_grade, *rest in _rows(_POINTS, asked):
        facts[site_id].points.append(PointFact(point_id, (source_grade,), *rest))
    zones_of_triggers = _pairs(_TRIGGERS_IN_ZONES, asked)
    for site_id, risk_point_id, zone_id, *columns in _rows(_TRIGGERS, asked):
        fact = TriggerFact(*columns)
        _place_trigger(facts[site_id], fact, risk_point_id, zone_id, zones_of_triggers.get(fact.id, []))
    return facts, _pairs(_POINTS_IN_ZONES, asked)


def _colour_site(
    site_id: UUID, facts: _SiteFacts, members: Mapping[UUID, list[UUID]], colours: ColourTable, now: datetime
) -> SiteColours:
    points = {p.id: point_colour(p, facts.by_point.get(p.id, []), colours, now) for p in facts.points}
    inside: dict[UUID, list[Colour]] = defaultdict(list)
    for point_id, colour in points.items():
        for zone in members.get(point_id, []):
            inside[zone].append(colour)
    children: dict[UUID | None, list[UUID]] = defaultdict(list)
    for zone, parent in facts.zones.items():
        children[parent if parent in facts.zones else None].append(zone)
    zones: dict[UUID, Colour] = {}

    def colour_of(zone: UUID) -> Colour:
        below = [colour_of(child) for child in children[zone]]
        zones[zone] = zone_colour(inside[zone], facts.by_zone.get(zone, []), below, colours, now)
        return zones[zone]

    tops = [colour_of(zone) for zone in children[None]]
    site = zone_colour(list(points.values()), facts.of_site, tops, colours, now)
    places = {point_id: tuple(members.get(point_id, ())) for point_id in points}
    return SiteColours(site_id, site, zones, points, places)


def sites_colours(sites: Iterable[Any], *, now: datetime) -> dict[UUID, SiteColours]:
    """Return the colours of sites at `now`, in a number of queries that does not grow with the sites.

    `now` may be any past moment: the facts are read as they were known then (late news do not change the past).
    """
    ids = [site.pk for site in sites]
    if not ids:
        return {}
    tables = colour_tables(ids, now)
    tail = max((rule.tail for colours in tables.values() for rule in colours.kinds.values()), default=timedelta())
    facts, members = _gather(ids, tail, now)
    return {site_id: _colour_site(site_id, facts[site_id], members, tables[site_id], now) for site_id in ids}


def site_colours(site: Any, *, now: datetime) -> SiteColours:
    """Return the colours of one site at `now`: `.grade`, `.zones`, `.risk_points`, `.next_change_at`."""
    return sites_colours([site], now=now)[site.pk]
