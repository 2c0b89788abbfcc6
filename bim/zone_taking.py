"""Take zones from the models of a site: all that were picked, or none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction

from spatial import crs
from spatial.zones.models import Zone
from spatial.zones.operations import create_zone, revise_zone
from spatial.zones.refusals import refused_for

from .zone_candidates import Candidate


@dataclass(frozen=True)
class Pick:
    """A candidate that a person has ticked, with the code, name and kind that the zone is to have.

    `repairs_seen` says that the person has seen what its repairs do and consents to them.
    """

    candidate: Candidate
    code: str
    name: str
    kind: str
    repairs_seen: bool


@transaction.atomic
def take_zones(*, site: Any, picks: Iterable[Pick], reason: str, actor: Any | None, now: datetime) -> list[Zone]:
    """This function will create the picked zones, and give those taken before the outline and heights of today.

    Each keeps model and GlobalId, so that a later revision can offer an update. Raises ZoneRefused for the first that
    does not fit or whose repairs were not consented to; nothing is written then.
    """
    return [_take(site, pick, reason, actor, now) for pick in picks]


def _take(site: Any, pick: Pick, reason: str, actor: Any | None, now: datetime) -> Zone:
    result = pick.candidate.mended
    if result.repairs and not pick.repairs_seen:
        raise refused_for(result.before.findings)
    if result.after.findings:
        raise refused_for(result.after.findings)
    fields: dict[str, Any] = {
        "code": pick.code,
        "name": pick.name,
        "kind": pick.kind,
        "outline": GEOSGeometry(shapely.to_wkb(result.outline, hex=True), srid=crs.STORAGE_SRID),
        "bottom_m": result.bottom_m,
        "top_m": result.top_m,
        "storeys": pick.candidate.storeys,
    }
    common: dict[str, Any] = {
        "source": pick.candidate.source,
        "accepted": (),
        "repairs": result.repairs,
        "reason": reason,
        "actor": actor,
        "now": now,
    }
    if pick.candidate.zone is None:
        return create_zone(site=site, **fields, **common)
    return revise_zone(zone=pick.candidate.zone, changes=fields, **common)
