"""Write the versions of zones; part of the operation that changes a zone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .fitting import shape_of, to_metric
from .models import Zone, ZoneVersion

FIELDS = ("code", "name", "kind", "bottom_m", "top_m")


def content_of(zone: Zone) -> dict[str, Any]:
    """Return a zone but for its outline: the parent by code, the storeys by building and name."""
    return {
        **{name: getattr(zone, name) for name in FIELDS},
        "parent": zone.parent.code if zone.parent else None,
        "storeys": sorted(f"{row.building.name}/{row.name}" for row in zone.storeys.select_related("building")),
        "active": zone.active,
        "element": zone.element_global_id,
    }


def area_m2(zone: Zone) -> float:
    """Return the area of a zone on its site's grid."""
    return round(to_metric(shape_of(zone.outline), zone.site).area, 3)


def changes_between(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[Any]]:
    """Return {field: [before, after]} of what differs."""
    return {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}


def write_version(
    zone: Zone, *, changes: dict[str, Any], repairs: list[str], reason: str, actor: Any | None, now: datetime
) -> ZoneVersion:
    """This function will write the present state of a zone as its version `zone.version`."""
    return ZoneVersion.objects.create(
        organisation_id=zone.organisation_id,
        site_id=zone.site_id,
        zone=zone,
        number=zone.version,
        recorded_at=now,
        recorded_by=actor,
        reason=reason,
        changes=changes,
        repairs=repairs,
        content=content_of(zone),
        outline=zone.outline,
    )


def keep_first_version(zone: Zone) -> None:
    """This function will write the state of a zone that was made before versions were kept, as it stands."""
    if not zone.versions.exists():
        write_version(zone, changes={}, repairs=[], reason="", actor=None, now=zone.created_at)
