"""Read units, their substances, where they stand, and who lives within reach."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.contrib.gis.measure import D
from django.db.models import QuerySet, Sum

from spatial.observations.models import Datastream
from spatial.people.models import Role
from spatial.people.queries import roles_on
from spatial.places.models import Site

from .models import HazardUnit, StockRecord
from .rules import Held, Judgement, judge

TABLE_FILE = Path(__file__).resolve().parent / "data" / "gb18218.json"
REACH_M = 500
MAY_WRITE = frozenset({Role.SITE_SAFETY, Role.PROJECT_MANAGER, Role.ENTERPRISE_SAFETY, Role.ENTERPRISE_HEAD})


@cache
def gb18218() -> Mapping[str, Any]:
    """Return the tables of GB 18218-2018 that the product carries."""
    table: Mapping[str, Any] = json.loads(TABLE_FILE.read_text(encoding="utf-8"))
    return table


def may_write(user: Any, site: Site) -> bool:
    """Return whether a user keeps the units of a site."""
    return bool(user.is_superuser or roles_on(user, site) & MAY_WRITE)


def units_of(site: Site) -> QuerySet[HazardUnit]:
    """Return the units in use on a site, by code."""
    rows = HazardUnit.objects.filter(site=site, closed_at__isnull=True)
    return rows.select_related("zone").prefetch_related("substances__stream__device", "devices")


def unit_streams(unit: HazardUnit) -> list[Datastream]:
    """Return the measurements of a unit: those of its devices and in its zone, with their newest values."""
    rows = Datastream.objects.filter(site_id=unit.site_id, active=True)
    rows = (rows.filter(device__in=unit.devices.all()) | rows.filter(zone_id=unit.zone_id)).distinct()
    return list(rows.select_related("device", "latest").order_by("device__code", "quantity", "channel"))


def visible_sources(user: Any) -> QuerySet[HazardUnit]:
    """Return the units in use that a user may see, the highest level first; for the regional list."""
    rows = HazardUnit.objects.visible_to(user).filter(closed_at__isnull=True).select_related("site", "zone")
    return rows.prefetch_related("substances").order_by("level", "-standing", "site__code", "code")


def held_by(unit: HazardUnit, *, by_design: bool) -> list[Held]:
    """Return what a unit holds: the amounts of now, or the largest ones by design, which identification asks for."""
    return [
        Held(row.name, row.design_t if by_design else row.amount_t, row.critical_t, row.beta)
        for row in unit.substances.all()
    ]


def judgement_now(unit: HazardUnit) -> Judgement:
    """Return what a unit is by the amounts of now."""
    return judge(held_by(unit, by_design=False), exposed_people=unit.exposed_people, table=gb18218())


def judgement_by_design(unit: HazardUnit) -> Judgement:
    """Return what a unit is by its largest amounts (GB 18218-2018, 4.2.2)."""
    return judge(held_by(unit, by_design=True), exposed_people=unit.exposed_people, table=gb18218())


def people_of_other_sites_within_reach(unit: HazardUnit) -> int:
    """Return how many people the other sites within 500 m name; a help for counting, residents are not known here."""
    place = unit.zone.outline.centroid
    near = Site.objects.exclude(pk=unit.site_id).filter(location__dwithin=(place, REACH_M / 90_000))
    near = near.filter(location__distance_lte=(place, D(m=REACH_M)))
    return int(near.aggregate(people=Sum("people_count"))["people"] or 0)


def stock_records(unit: HazardUnit) -> QuerySet[StockRecord]:
    """Return what was recorded of a unit's amounts, newest first."""
    rows = StockRecord.objects.filter(substance__unit=unit)
    return rows.select_related("substance", "actor", "device")
