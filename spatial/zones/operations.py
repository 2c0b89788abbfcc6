"""Create zones; start and end the triggers that colour them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Point
from django.db import transaction

from spatial import crs
from spatial.geometry import GeometryRefused, check_height_range, valid_area
from spatial.ledger.operations import record_act
from spatial.notices.operations import append_event
from spatial.rulebook.models import Edition
from spatial.rulebook.queries import table

from .models import Trigger, Zone


class ZoneRefused(ValueError):
    """A zone cannot be stored as given; the message says which value and why."""


class TriggerRefused(ValueError):
    """A trigger cannot be written; the message says why."""


def _stored_outline(outline: GEOSGeometry) -> MultiPolygon:
    """Return an outline as a valid flat MultiPolygon in EPSG:4490. Raises ZoneRefused."""
    if outline.srid is None:
        raise ZoneRefused("The outline has no SRID.")
    shape = shapely.from_wkb(bytes(outline.wkb))
    try:
        area = valid_area(crs.transform_shape(shape, from_srid=outline.srid, to_srid=crs.STORAGE_SRID))
    except (GeometryRefused, crs.CrsRefused) as error:
        raise ZoneRefused(str(error)) from error
    return GEOSGeometry(area.wkb_hex, srid=crs.STORAGE_SRID)  # type: ignore[return-value]


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
    actor: Any | None,
    now: datetime,
) -> Zone:
    """This function will create a zone: an outline (any SRID, stored in EPSG:4490) between two heights.

    Heights are Yellow Sea metres; None is open. Raises ZoneRefused for an unknown kind, an outline that is not a
    valid polygon, a bottom at or above the top, or a parent of another site.
    """
    if kind not in Zone.Kind.values:
        raise ZoneRefused(f"{kind!r} is not a kind of zone; the kinds are {', '.join(Zone.Kind.values)}.")
    if parent is not None and parent.site_id != site.pk:
        raise ZoneRefused(f"The parent {parent.code} is on another site.")
    try:
        check_height_range(bottom_m, top_m)
    except GeometryRefused as error:
        raise ZoneRefused(str(error)) from error
    zone = Zone.objects.create(
        organisation_id=site.organisation_id,
        site=site,
        code=code,
        name=name,
        kind=kind,
        parent=parent,
        outline=_stored_outline(outline),
        bottom_m=bottom_m,
        top_m=top_m,
        known_from=now,
    )
    zone.storeys.set(storeys)
    record_act(
        organisation=site.organisation,
        site=site,
        actor=actor,
        verb="create_zone",
        subject_kind="zone",
        subject_id=zone.pk,
        details={"code": code, "name": name, "kind": str(kind), "bottom_m": bottom_m, "top_m": top_m},
        occurred_at=now,
        received_at=now,
    )
    append_event(site=site, kind="zone_changed", payload={"zone": str(zone.pk), "code": code}, occurred_at=now)
    return zone


@transaction.atomic
def start_trigger(
    *,
    site: Any,
    kind: str,
    starts_at: datetime,
    source_kind: str,
    source_id: Any,
    source_label: str,
    risk_point: Any | None = None,
    zone: Zone | None = None,
    location: Point | None = None,
    floor: int | None = None,
    edition: Edition,
    now: datetime,
) -> Trigger:
    """This function will write a trigger that counts from `starts_at` on, which may lie in the future.

    `now` is when it became known: a past colour counts only what was known then. Written again for the same
    source, kind and start it stays one row, and goes on where it had been ended or withdrawn. Part of the operation
    that caused it, which writes act and event. Raises TriggerRefused for an unknown kind.
    """
    kinds = table(edition, "zone_triggers")["kinds"]
    if kind not in kinds:
        raise TriggerRefused(f"{kind} is not a kind of trigger in {edition}.")
    if floor is not None and not 0 <= floor <= 4:
        raise TriggerRefused(f"A floor is a grade from 0 to 4, not {floor}.")
    trigger, _ = Trigger.objects.update_or_create(
        source_kind=source_kind,
        source_id=str(source_id),
        kind=kind,
        starts_at=starts_at,
        defaults={
            "organisation_id": site.organisation_id,
            "site": site,
            "risk_point": risk_point,
            "zone": zone,
            "location": location,
            "floor": floor,
            "ends_at": None,
            "withdrawn": False,
            "known_from": now,
            "source_label": source_label[:200],
            "rule_edition": edition,
        },
    )
    return trigger


@transaction.atomic
def end_triggers(
    *, source_kind: str, source_id: Any, kinds: Iterable[str] | None = None, at: datetime, now: datetime | None = None
) -> int:
    """This function will end the open triggers of a source (of these kinds) at `at`, and return how many.

    A trigger that would have started later never comes to be: it is withdrawn. `now` is when the end became known
    (the same moment, when left out).
    """
    rows = Trigger.objects.filter(
        source_kind=source_kind, source_id=str(source_id), ends_at__isnull=True, withdrawn=False
    )
    if kinds is not None:
        rows = rows.filter(kind__in=list(kinds))
    known = now or at
    withdrawn = rows.filter(starts_at__gt=at).update(withdrawn=True, known_from=known)
    return withdrawn + rows.filter(starts_at__lte=at).update(ends_at=at, known_from=known)
