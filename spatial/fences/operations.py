"""Make danger zones and change them; what the engine decides is written by `spatial.fences.recording`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Polygon
from django.db import transaction
from shapely.geometry.base import BaseGeometry

from spatial import crs
from spatial.fences import defaults
from spatial.fences.models import FenceProfile
from spatial.fences.queries import plan_shape, starting_table
from spatial.fences.settings_rules import SETTINGS, FenceRefused, check_settings
from spatial.ledger.operations import record_act
from spatial.notices.operations import append_event
from spatial.people.models import Person, Team
from spatial.people.rules import certificate_kinds
from spatial.rulebook.queries import edition_for, table
from spatial.zones.models import Zone
from spatial.zones.operations import ZoneRefused, revise_zone

__all__ = ["FenceRefused", "create_fence", "revise_fence"]
MANY = ("allowed", "teams")


@transaction.atomic
def create_fence(*, zone: Zone, actor: Any | None, now: datetime, **settings: Any) -> FenceProfile:
    """This function will make a zone a danger zone; `settings` are fields of FenceProfile, `allowed` and `teams` rows.

    Left out, they are as the table `fence_defaults` of the site's edition says, and stay so: whoever enters raises an
    alarm of P-01, unless allowed. Raises FenceRefused for a zone that is one already, and for settings that cannot be,
    naming the field.
    """
    if FenceProfile.objects.filter(zone=zone).exists():
        raise FenceRefused(f"The zone {zone.code} is a danger zone already.", code="already")
    fence = FenceProfile(organisation_id=zone.organisation_id, site_id=zone.site_id, zone=zone)
    starting = defaults.numbers_of(starting_table(zone.site, now))
    chosen = _apply(fence, {**{name: starting[name] for name in defaults.KEPT}, **settings}, now)
    fence.save(force_insert=True)
    for name, rows in chosen.items():
        getattr(fence, name).set(rows)
    _draw_zone_as(fence, actor, now)
    details = {"zone": zone.code, "rule": fence.rule, **_words(fence, {"allowed", *settings})}
    _tell(fence, "create_fence", details, actor, now)
    return fence


@transaction.atomic
def revise_fence(
    *, fence: FenceProfile, changes: Mapping[str, Any], reason: str, actor: Any | None, now: datetime
) -> FenceProfile:
    """This function will change settings of a fence from `now` on; fixes of before are judged as they were.

    Raises FenceRefused without a reason, for a change of nothing, and for settings that cannot be, naming the field.
    """
    if not reason.strip():
        raise FenceRefused("reason: say why the fence is changed.", code="reason", field="reason")
    held = FenceProfile.objects.select_for_update(of=("self",)).select_related("zone", "site").get(pk=fence.pk)
    before = _words(held, SETTINGS)
    chosen = _apply(held, changes, now)
    held.revised_at = now
    held.save()
    for name, rows in chosen.items():
        getattr(held, name).set(rows)
    after = _words(held, SETTINGS)
    differences = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if not differences:
        raise FenceRefused("Nothing was changed.", code="nothing")
    _draw_zone_as(held, actor, now)
    details = {"zone": held.zone.code, "reason": reason[:300], "changes": differences}
    _tell(held, "revise_fence", details, actor, now)
    return held


def _apply(fence: FenceProfile, given: Mapping[str, Any], now: datetime) -> dict[str, list[Any]]:
    """Put settings into a fence, check the whole, and return the rows of its lists."""
    if unknown := sorted(set(given) - SETTINGS):
        raise FenceRefused(f"{unknown[0]}: a fence has no such setting.")
    for name, value in given.items():
        if name not in MANY:
            setattr(fence, name, value)
    rules = {row["id"] for row in table(edition_for(fence.zone.site, on=now), "alarm_rules")["rules"]}
    values = {name: getattr(fence, name) for name in SETTINGS if name not in MANY}
    check_settings(values, rules=rules, certificates=set(certificate_kinds()), time_zone=fence.zone.site.time_zone)
    if fence.storey is not None and fence.storey.site_id != fence.site_id:
        raise FenceRefused("storey: it belongs to another site.")
    if fence.shape == FenceProfile.Shape.STOREY and fence.storey and not fence.storey.building.outline:
        name = fence.storey.building.name
        raise FenceRefused(f"storey: the building {name} has no outline yet.", code="no_outline", field="storey")
    chosen = {name: list(given[name]) for name in MANY if name in given}
    for row in [row for rows in chosen.values() for row in rows]:
        if row.site_id != fence.site_id:
            raise FenceRefused(f"{_name(row)} belongs to another site.")
    return chosen


def _name(row: Person | Team) -> str:
    return row.full_name if isinstance(row, Person) else row.name


def _draw_zone_as(fence: FenceProfile, actor: Any | None, now: datetime) -> None:
    """Give the zone the outline of its fence, so that maps show what is watched."""
    if fence.shape == FenceProfile.Shape.OUTLINE:
        return
    site = fence.zone.site
    plan = plan_shape(fence, site.projected_srid)
    shape = crs.transform_shape(cast(BaseGeometry, plan), from_srid=site.projected_srid, to_srid=crs.STORAGE_SRID)
    drawn = GEOSGeometry(memoryview(shapely.to_wkb(shape)), srid=crs.STORAGE_SRID)
    outline = MultiPolygon(drawn, srid=crs.STORAGE_SRID) if isinstance(drawn, Polygon) else drawn
    if outline.wkb == fence.zone.outline.wkb:
        return
    try:
        fence.zone = revise_zone(
            zone=fence.zone, changes={"outline": outline}, reason=str(fence.get_shape_display()), actor=actor, now=now
        )
    except ZoneRefused as refusal:
        raise FenceRefused(f"shape: {refusal}", code="zone", field="shape") from refusal


def _words(fence: FenceProfile, names: Any) -> dict[str, Any]:
    """Return settings as words and numbers, for the ledger."""
    found: dict[str, Any] = {}
    for name in sorted(set(names) & SETTINGS):
        value = getattr(fence, name)
        if name in MANY:
            found[name] = [str(row.pk) for row in value.order_by("pk")]
        elif name in ("centre", "path"):
            found[name] = value.wkt if value else None
        elif name == "storey":
            found[name] = value.name if value else None
        else:
            found[name] = value
    return found


def _tell(fence: FenceProfile, verb: str, details: dict[str, Any], actor: Any | None, now: datetime) -> None:
    zone = fence.zone
    record_act(
        organisation=zone.organisation,
        site=zone.site,
        actor=actor,
        verb=verb,
        subject_kind="fence",
        subject_id=fence.pk,
        details=details,
        occurred_at=now,
        received_at=now,
    )
    payload = {"zone": str(zone.pk), "code": zone.code, "fence": fence.rule}
    append_event(site=zone.site, kind="zone_changed", payload=payload, occurred_at=now)
