"""The engine's memory in the database: how states and fixes are written in rows and read again. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from spatial.fences.rules import FAR, DeviceState, ZoneState
from spatial.fences.zone_index import PlanFix


def state_json(state: ZoneState) -> dict[str, Any]:
    """Return the part of a zone state that is kept in `Presence.state`."""
    kept: dict[str, Any] = {"run": state.run}
    if state.near or state.closer or state.distance_m != FAR:
        kept |= {"near": state.near, "closer": state.closer}
        kept |= {} if state.distance_m == FAR else {"distance_m": state.distance_m}
    return kept | ({"dwelt": True} if state.dwelt else {})


def state_from_json(inside: bool, since: datetime | None, kept: Mapping[str, Any]) -> ZoneState:
    """Return a zone state as it was kept."""
    return ZoneState(
        inside=inside,
        run=int(kept.get("run", 0)),
        since=since,
        near=bool(kept.get("near", False)),
        closer=int(kept.get("closer", 0)),
        distance_m=float(kept.get("distance_m", FAR)),
        dwelt=bool(kept.get("dwelt", False)),
    )


def fix_json(fix: PlanFix | None) -> dict[str, Any] | None:
    """Return a fix as it is kept; an unknown height is null."""
    if fix is None:
        return None
    return {
        "fix_time": fix.fix_time.isoformat(),
        "east_m": fix.east_m,
        "north_m": fix.north_m,
        "height_m": None if math.isnan(fix.height_m) else fix.height_m,
        "accuracy_m": fix.accuracy_m,
        "height_accuracy_m": fix.height_accuracy_m,
    }


def fix_from_json(kept: Mapping[str, Any] | None) -> PlanFix | None:
    """Return a fix as it was kept."""
    if not kept:
        return None
    height_m = kept["height_m"]
    return PlanFix(
        fix_time=datetime.fromisoformat(kept["fix_time"]).astimezone(UTC),
        east_m=kept["east_m"],
        north_m=kept["north_m"],
        height_m=math.nan if height_m is None else height_m,
        accuracy_m=kept["accuracy_m"],
        height_accuracy_m=kept.get("height_accuracy_m", 0.0),
    )


def device_json(state: DeviceState) -> dict[str, Any]:
    """Return the whole memory of a device as a checkpoint keeps it."""
    zones = {
        str(zone_id): {
            "inside": zone.inside,
            "since": zone.since.isoformat() if zone.since else None,
            "state": state_json(zone),
        }
        for zone_id, zone in sorted(state.zones.items())
    }
    return {"last": fix_json(state.last), "doubted": fix_json(state.doubted), "zones": zones}


def device_from_json(kept: Mapping[str, Any]) -> DeviceState:
    """Return the memory of a device as a checkpoint kept it."""
    zones = {
        UUID(zone_id): state_from_json(
            zone["inside"], datetime.fromisoformat(zone["since"]) if zone["since"] else None, zone["state"]
        )
        for zone_id, zone in kept["zones"].items()
    }
    return DeviceState(fix_from_json(kept["last"]), fix_from_json(kept["doubted"]), zones)
