"""Create, revise and withdraw zones. A change makes a new version; nothing is deleted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import GEOSGeometry
from django.db import connection, transaction

from spatial.ledger.operations import record_act
from spatial.notices.operations import append_event

from .live_causes import live_triggers_of
from .models import Zone
from .refusals import ZoneRefused, refused
from .versions import area_m2, changes_between, content_of, keep_first_version, write_version
from .zone_checks import LONGEST, check_fit, check_heights, check_parent, check_words, stored_outline

REVISABLE = {"code", "name", "kind", "outline", "bottom_m", "top_m", "parent", "storeys"}


@dataclass(frozen=True)
class ElementSource:
    """The IFC element that a zone was taken from, named by model and GlobalId, and the revision it was read in."""

    model_id: UUID
    global_id: str
    revision_id: UUID


def _lock_zones(site: Any) -> None:
    """Let one transaction at a time change the zones of a site: nesting and codes are checked against the others."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 4))", [f"zones:{site.pk}"])


def _tell(zone: Zone, verb: str, details: dict[str, Any], *, actor: Any | None, now: datetime) -> None:
    """Write the act, and the event that makes open pages load the zones anew."""
    record_act(
        organisation=zone.organisation,
        site=zone.site,
        actor=actor,
        verb=verb,
        subject_kind="zone",
        subject_id=zone.pk,
        details=details,
        occurred_at=now,
        received_at=now,
    )
    payload = {"zone": str(zone.pk), "code": zone.code}
    append_event(site=zone.site, kind="zone_changed", payload=payload, occurred_at=now)


@transaction.atomic
def create_zone(
    *,
    site: Any,
    code: str,
    name: str,
    kind: str,
    outline: GEOSGeometry,
    bottom_m: float | None,
    top_m: float | None,
    parent: Zone | None = None,
    storeys: Iterable[Any] = (),
    source: ElementSource | None = None,
    accepted: Collection[str] | None = None,
    repairs: Collection[str] = (),
    reason: str = "",
    actor: Any | None,
    now: datetime,
) -> Zone:
    """This function will create a zone: an outline (any SRID, stored in EPSG:4490) between two heights.

    Heights are Yellow Sea metres; None is open. `accepted` are the doubts that a person has seen and accepted, and
    None where the zone was not drawn by one; `repairs` are those consented to. Raises ZoneRefused for an unknown kind,
    an outline that is not a valid polygon or does not fit, a bottom at or above the top, or a parent that cannot be.
    """
    _lock_zones(site)
    check_heights(bottom_m, top_m)
    zone = Zone(
        organisation_id=site.organisation_id,
        site=site,
        code=code,
        name=name,
        kind=kind,
        parent=parent,
        bottom_m=bottom_m,
        top_m=top_m,
        known_from=now,
        model_id=source.model_id if source else None,
        element_global_id=source.global_id if source else "",
        revision_id=source.revision_id if source else None,
    )
    check_words(site, zone)
    check_parent(zone, parent)
    zone.outline = stored_outline(outline)
    rows = list(storeys)
    check_fit(zone, rows, accepted, is_new=True)
    zone.save(force_insert=True)
    zone.storeys.set(rows)
    write_version(zone, changes={}, repairs=sorted(repairs), reason=reason[:300], actor=actor, now=now)
    details = {"code": code, "name": name, "kind": str(kind), "bottom_m": bottom_m, "top_m": top_m}
    _tell(zone, "create_zone", details | _consent(repairs, accepted), actor=actor, now=now)
    return zone


def _consent(repairs: Collection[str], accepted: Collection[str] | None) -> dict[str, Any]:
    given = {"repairs": sorted(repairs), "accepted": sorted(accepted or ())}
    return {name: codes for name, codes in given.items() if codes}


def _locked(zone: Zone, expected_version: int | None) -> Zone:
    """Return a zone as it is now, locked. Raises ZoneRefused when it is withdrawn or was changed meanwhile."""
    _lock_zones(zone.site)
    held = Zone.objects.select_for_update(of=("self",)).select_related("site", "organisation", "parent").get(pk=zone.pk)
    if not held.active:
        raise refused("withdrawn", code=held.code)
    if expected_version is not None and held.version != expected_version:
        raise refused("changed_meanwhile", version=held.version)
    return held


def _save_next(zone: Zone, now: datetime) -> None:
    zone.version += 1
    zone.known_from = now
    zone.save()


def _apply(held: Zone, changes: Mapping[str, Any], accepted: Collection[str] | None) -> None:
    """Put changes into a locked zone and check the whole. Raises ZoneRefused."""
    for field in REVISABLE - {"outline", "storeys"}:
        if field in changes:
            setattr(held, field, changes[field])
    check_heights(held.bottom_m, held.top_m)
    check_words(held.site, held)
    check_parent(held, held.parent)
    if "outline" in changes:
        held.outline = stored_outline(changes["outline"])
    rows = list(changes["storeys"]) if "storeys" in changes else list(held.storeys.all())
    check_fit(held, rows, accepted, is_new=False)
    held.storeys.set(rows)


@transaction.atomic
def revise_zone(
    *,
    zone: Zone,
    changes: Mapping[str, Any],
    reason: str,
    source: ElementSource | None = None,
    accepted: Collection[str] | None = None,
    repairs: Collection[str] = (),
    expected_version: int | None = None,
    actor: Any | None,
    now: datetime,
) -> Zone:
    """This function will change a zone and keep what it was as an earlier version.

    `changes` may hold code, name, kind, outline (any SRID), bottom_m, top_m, parent (a Zone or None) and storeys.
    Raises ZoneRefused as `create_zone` does, without a reason, for a change of nothing, for a withdrawn zone, for one
    that is no longer at `expected_version`, and when a child would no longer lie in it.
    """
    if unknown := set(changes) - REVISABLE:
        raise ZoneRefused(f"A zone has no {', '.join(sorted(unknown))} to change.")
    if not reason.strip():
        raise refused("no_reason")
    if len(reason) > LONGEST["reason"]:
        raise refused("too_long", field="reason", most=LONGEST["reason"])
    held = _locked(zone, expected_version)
    keep_first_version(held)
    before, area_before, outline_before = content_of(held), area_m2(held), held.outline.wkb
    _apply(held, changes, accepted)
    if source is not None:
        held.model_id, held.element_global_id = source.model_id, source.global_id
        held.revision_id = source.revision_id
    differences: dict[str, Any] = changes_between(before, content_of(held))
    if held.outline.wkb != outline_before:
        differences["outline"] = [area_before, area_m2(held)]
    if not differences and source is None:
        raise refused("nothing_changed")
    _save_next(held, now)
    write_version(held, changes=differences, repairs=sorted(repairs), reason=reason, actor=actor, now=now)
    details = {"code": held.code, "version": held.version, "reason": reason, "changes": differences}
    _tell(held, "revise_zone", details | _consent(repairs, accepted), actor=actor, now=now)
    return held


@transaction.atomic
def withdraw_zone(
    *,
    zone: Zone,
    reason: str,
    confirmed: bool = False,
    expected_version: int | None = None,
    actor: Any | None,
    now: datetime,
) -> Zone:
    """This function will take a zone out of use; it stays with all its versions.

    Raises ZoneRefused without a reason, while other zones lie in it, and, unless `confirmed`, while its colour has
    causes (then they count for the zones around it, or for the site).
    """
    if not reason.strip():
        raise refused("no_reason")
    held = _locked(zone, expected_version)
    children = held.children.filter(active=True).order_by("code").values_list("code", flat=True)
    if children:
        raise refused("has_children", codes=", ".join(children))
    causes = live_triggers_of(held, now=now)
    if causes and not confirmed:
        raise refused("live_triggers", count=len(causes), labels=", ".join(row.source_label for row in causes[:5]))
    keep_first_version(held)
    held.active = False
    _save_next(held, now)
    write_version(held, changes={"active": [True, False]}, repairs=[], reason=reason[:300], actor=actor, now=now)
    details = {"code": held.code, "version": held.version, "reason": reason, "live_triggers": len(causes)}
    _tell(held, "withdraw_zone", details, actor=actor, now=now)
    return held
