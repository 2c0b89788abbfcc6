"""Gather the facts of sites in a constant number of queries, and colour them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection
from django.db.models import Q, QuerySet

from spatial.risks.models import RiskPoint
from spatial.rulebook.models import Edition
from spatial.rulebook.queries import current_edition, table

from .models import Trigger, Zone
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


def colour_table(now: datetime) -> tuple[Edition, ColourTable]:
    """Return the edition valid on the day of `now`, and its table of colours."""
    edition = current_edition(on=now.date())
    if edition.sha256 not in _TABLES:
        _TABLES[edition.sha256] = read_table(table(edition, "zone_triggers"))
    return edition, _TABLES[edition.sha256]


_POINTS_IN_ZONES = """
SELECT p.id, z.id
FROM risks_riskpoint p
JOIN places_anchor a ON a.id = p.anchor_id
JOIN zones_zone z ON z.site_id = p.site_id AND z.active
    AND ST_Covers(z.outline, a.geometry)
    AND (z.bottom_m IS NULL OR ST_ZMin(a.geometry) >= z.bottom_m)
    AND (z.top_m IS NULL OR ST_ZMax(a.geometry) <= z.top_m)
WHERE p.site_id = ANY(%s)
"""
_TRIGGERS_IN_ZONES = """
SELECT t.id, z.id
FROM zones_trigger t
JOIN zones_zone z ON z.site_id = t.site_id AND z.active
    AND ST_Covers(z.outline, t.location)
    AND (z.bottom_m IS NULL OR ST_Z(t.location) >= z.bottom_m)
    AND (z.top_m IS NULL OR ST_Z(t.location) <= z.top_m)
WHERE t.id = ANY(%s)
"""


def _pairs(sql: str, ids: list[UUID]) -> dict[UUID, list[UUID]]:
    found: dict[UUID, list[UUID]] = defaultdict(list)
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(sql, [ids])
            for member, zone in cursor.fetchall():
                found[member].append(zone)
    return found


def _point_facts(site_ids: list[UUID]) -> list[tuple[UUID, PointFact]]:
    points = (
        RiskPoint.objects.filter(site__in=site_ids)
        .annotate(grades=ArrayAgg("sources__grade", filter=Q(sources__isnull=False), default=[]))
        .select_related("rule_edition")
        .defer("rule_edition__tables")
    )
    return [
        (
            point.site_id,
            PointFact(
                id=point.id,
                source_grades=tuple(point.grades),
                residual=point.residual_grade,
                direct_major=point.direct_major,
                state=point.state,
                label=f"{point.code} {point.name}",
                edition=str(point.rule_edition),
                since=point.created_at,
            ),
        )
        for point in points
    ]


def _live_triggers(site_ids: list[UUID], colours: ColourTable, now: datetime) -> list[Trigger]:
    """Return the triggers that still show, or will: not those whose end has faded away."""
    tail = max((rule.tail for rule in colours.kinds.values()), default=timedelta())
    rows = Trigger.objects.filter(site__in=site_ids).filter(Q(ends_at__isnull=True) | Q(ends_at__gte=now - tail))
    return list(rows.select_related("rule_edition").defer("rule_edition__tables", "location"))


def _fact(row: Trigger) -> TriggerFact:
    return TriggerFact(
        id=row.id,
        kind=row.kind,
        start=row.starts_at,
        end=row.ends_at,
        floor=row.floor,
        source_kind=row.source_kind,
        source_id=row.source_id,
        label=row.source_label,
        edition=str(row.rule_edition),
    )


@dataclass
class _SiteFacts:
    """What colours one site is made of."""

    zones: dict[UUID, UUID | None] = field(default_factory=dict)
    points: list[PointFact] = field(default_factory=list)
    by_point: dict[UUID, list[TriggerFact]] = field(default_factory=lambda: defaultdict(list))
    by_zone: dict[UUID, list[TriggerFact]] = field(default_factory=lambda: defaultdict(list))
    of_site: list[TriggerFact] = field(default_factory=list)


def _place_trigger(facts: _SiteFacts, row: Trigger, zones: list[UUID]) -> None:
    """Put a trigger where it counts: its point, else its zone, else the zones that hold it, else the site."""
    fact = _fact(row)
    if row.risk_point_id:
        facts.by_point[row.risk_point_id].append(fact)
        return
    targets = [row.zone_id] if row.zone_id in facts.zones else ([] if row.zone_id else zones)
    for zone in targets:
        facts.by_zone[zone].append(fact)
    if not targets:
        facts.of_site.append(fact)


def _gather(site_ids: list[UUID], colours: ColourTable, now: datetime) -> tuple[dict[UUID, _SiteFacts], dict]:
    facts = {site_id: _SiteFacts() for site_id in site_ids}
    for zone in Zone.objects.filter(site__in=site_ids, active=True).values("id", "site_id", "parent_id"):
        facts[zone["site_id"]].zones[zone["id"]] = zone["parent_id"]
    for site_id, point in _point_facts(site_ids):
        facts[site_id].points.append(point)
    triggers = _live_triggers(site_ids, colours, now)
    unplaced = [row.id for row in triggers if not row.risk_point_id and not row.zone_id]
    zones_of_triggers = _pairs(_TRIGGERS_IN_ZONES, unplaced)
    for row in triggers:
        _place_trigger(facts[row.site_id], row, zones_of_triggers.get(row.id, []))
    return facts, _pairs(_POINTS_IN_ZONES, site_ids)


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
    """Return the colours of sites at `now`, in a number of queries that does not grow with the sites."""
    ids = [site.pk for site in sites]
    if not ids:
        return {}
    _, colours = colour_table(now)
    facts, members = _gather(ids, colours, now)
    return {site_id: _colour_site(site_id, facts[site_id], members, colours, now) for site_id in ids}


def site_colours(site: Any, *, now: datetime) -> SiteColours:
    """Return the colours of one site at `now`: `.grade`, `.zones`, `.risk_points`, `.next_change_at`."""
    return sites_colours([site], now=now)[site.pk]
