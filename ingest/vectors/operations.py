"""Import zones from a GeoJSON file: all of them, or none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction

from ingest.placement import far_away_reason
from ingest.vectors.zones_geojson import ZoneDraft, ZonesRefused, read_zones
from spatial import crs
from spatial.fences.operations import FenceRefused, create_fence
from spatial.ledger.operations import record_act
from spatial.places.models import Storey
from spatial.zones.models import Zone
from spatial.zones.operations import ZoneRefused, create_zone

CHINA = shapely.box(73.0, 3.0, 136.0, 54.0)


@transaction.atomic
def import_zones(*, site: Any, content: bytes, file_name: str, actor: Any | None, now: datetime) -> list[Zone]:
    """This function will create the zones (and fences) of a GeoJSON FeatureCollection on a site, in file
    order.

    The form is in `zones_geojson`. Raises ZonesRefused with every problem by feature number and field;
    nothing is imported then.
    """
    drafts = read_zones(content)
    existing = {zone.code: zone for zone in Zone.objects.filter(site=site)}
    storeys = _storeys_by_name(site)
    problems = [problem for draft in drafts for problem in _problems(draft, drafts, site, existing, storeys)]
    if problems:
        raise ZonesRefused(problems)
    made: dict[str, Zone] = {}
    for draft in parents_first(drafts):
        parent = made.get(draft.parent) or existing.get(draft.parent)
        own = [storeys[name][0] for name in draft.storeys]
        made[draft.code] = _create(draft, site, parent, own, actor, now)
    record_act(
        organisation=site.organisation,
        site=site,
        actor=actor,
        verb="import_zones",
        subject_kind="site",
        subject_id=site.pk,
        details={"file_name": file_name, "zones": [draft.code for draft in drafts]},
        occurred_at=now,
        received_at=now,
    )
    return [made[draft.code] for draft in drafts]


def parents_first(drafts: Sequence[ZoneDraft]) -> list[ZoneDraft]:
    """This function will order drafts so that each comes after its parent. Raises ZonesRefused for a circle."""
    waiting = {draft.code: draft for draft in drafts}
    ordered: list[ZoneDraft] = []
    while waiting:
        ready = [draft for draft in waiting.values() if draft.parent not in waiting]
        if not ready:
            stuck = next(iter(waiting.values()))
            raise ZonesRefused([f"{stuck.where}, parent: the zones {', '.join(waiting)} hold each other."])
        for draft in ready:
            ordered.append(waiting.pop(draft.code))
    return ordered


def _storeys_by_name(site: Any) -> dict[str, list[Storey]]:
    """Return storeys by name, and by building/name where a name alone is not enough."""
    names: dict[str, list[Storey]] = defaultdict(list)
    for storey in Storey.objects.filter(site=site).select_related("building"):
        names[storey.name].append(storey)
        names[f"{storey.building.name}/{storey.name}"].append(storey)
    return names


def _problems(
    draft: ZoneDraft,
    drafts: Sequence[ZoneDraft],
    site: Any,
    existing: dict[str, Zone],
    storeys: dict[str, list[Storey]],
) -> list[str]:
    found: list[str] = []
    if draft.code in existing:
        found.append(f"{draft.where}, code: {draft.code} is a zone of this site already.")
    if draft.kind not in Zone.Kind.values:
        found.append(f"{draft.where}, kind: {draft.kind!r} is not one of {', '.join(Zone.Kind.values)}.")
    if draft.parent and draft.parent not in existing and draft.parent not in {d.code for d in drafts}:
        found.append(f"{draft.where}, parent: there is no zone {draft.parent} in the file or on the site.")
    for name in draft.storeys:
        count = len(storeys.get(name, ()))
        if count != 1:
            reason = "is not a storey of this site" if count == 0 else "is in several buildings; write building/storey"
            found.append(f"{draft.where}, storeys: {name} {reason}.")
    return found + _misplaced(draft, site)


def _misplaced(draft: ZoneDraft, site: Any) -> list[str]:
    try:
        degrees = crs.transform_shape(draft.outline, from_srid=draft.srid, to_srid=crs.STORAGE_SRID)
        if not shapely.covers(CHINA, degrees):
            return [f"{draft.where}, geometry: lies outside China; are longitude and latitude swapped?"]
        reason = far_away_reason(site, degrees, crs.STORAGE_SRID)
    except crs.CrsRefused as refusal:
        return [f"{draft.where}, geometry: {refusal}"]
    return [f"{draft.where}, geometry: {reason}."] if reason else []


def _create(
    draft: ZoneDraft, site: Any, parent: Zone | None, storeys: list[Storey], actor: Any | None, now: datetime
) -> Zone:
    try:
        zone = create_zone(
            site=site,
            code=draft.code,
            name=draft.name,
            kind=draft.kind,
            outline=GEOSGeometry(shapely.to_wkb(draft.outline, hex=True), srid=draft.srid),
            bottom_m=draft.bottom_m,
            top_m=draft.top_m,
            parent=parent,
            storeys=storeys,
            actor=actor,
            now=now,
        )
        if draft.fence is not None:
            create_fence(zone=zone, actor=actor, now=now, **draft.fence)
    except ZoneRefused as refusal:
        raise ZonesRefused([f"{draft.where}: {refusal}"]) from refusal
    except FenceRefused as refusal:
        raise ZonesRefused([f"{draft.where}, fence: {refusal}"]) from refusal
    return zone
