"""Write down what the fence engine remembers and found. Runs in the one transaction of an ingest batch, many times a
second, for facts that devices state: it writes no act; what follows from a finding (an alarm) writes acts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.gis.geos import Point
from django.db import transaction

from spatial import crs
from spatial.devices.models import Device
from spatial.fences.memory import state_json
from spatial.fences.models import FenceCheckpoint, FenceEvent, FenceTrace, Presence
from spatial.fences.replay import REEVALUATED
from spatial.fences.rules import RULES, Finding, ZoneState


@dataclass(frozen=True)
class DeviceFinding:
    """A finding of a device, with what its alarm will say.

    `rule` is the alarm rule that it is an alarm of, "" for none; `breaches` are all rules that it breaks. `late`
    findings were found by running a device again after a late fix; `withdrawn` ones were disproved by it.
    """

    device: Device
    finding: Finding
    received_at: datetime
    rule: str = ""
    breaches: tuple[str, ...] = ()
    late: bool = False
    withdrawn: bool = False


def rule_of(finding: Finding, entry_breaches: tuple[str, ...]) -> str:
    """Return the alarm rule of a finding: of an entry the first rule that it breaks, else that of its kind."""
    if finding.kind == "entered":
        return entry_breaches[0] if entry_breaches else ""
    return RULES.get(finding.kind, "")


@transaction.atomic
def remember_states(*, states: Mapping[UUID, Mapping[UUID, ZoneState]]) -> None:
    """This function will store the engine's memory of devices (by device, by zone), as it is after a batch."""
    rows = [
        Presence(device_id=device_id, zone_id=zone_id, inside=state.inside, since=state.since, state=state_json(state))
        for device_id, zones in sorted(states.items())
        for zone_id, state in sorted(zones.items())
    ]
    Presence.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["device", "zone"],
        update_fields=["inside", "since", "state"],
    )


@transaction.atomic
def record_findings(*, findings: Iterable[DeviceFinding]) -> list[FenceEvent]:
    """This function will write findings with event and receive time; the same one twice stays one row.

    A withdrawn finding marks the row of the event that it disproves.
    """
    rows = []
    for item in findings:
        if item.withdrawn:
            _withdraw(item)
        else:
            rows.append(_fence_event(item))
    return FenceEvent.objects.bulk_create(rows, ignore_conflicts=True)


def forget_traces(*, before: datetime) -> int:
    """This function will delete fixes and checkpoints that are too old to be asked for, and return how many rows."""
    limit = before - REEVALUATED - REEVALUATED
    gone = FenceTrace.objects.filter(fix_time__lt=limit).delete()[0]
    return gone + FenceCheckpoint.objects.filter(at__lt=limit).delete()[0]


def _withdraw(item: DeviceFinding) -> None:
    FenceEvent.objects.filter(
        device=item.device,
        zone_id=item.finding.zone_id,
        kind=item.finding.kind,
        fix_time=item.finding.fix.fix_time,
        withdrawn_at__isnull=True,
    ).update(withdrawn_at=item.received_at)


def _fence_event(item: DeviceFinding) -> FenceEvent:
    finding, site = item.finding, item.device.site
    fix = finding.fix
    lon, lat = crs.transform_point(fix.east_m, fix.north_m, from_srid=site.projected_srid, to_srid=crs.STORAGE_SRID)
    height_m = site.ground_height_m if math.isnan(fix.height_m) else fix.height_m
    return FenceEvent(
        organisation_id=item.device.organisation_id,
        site=site,
        kind=finding.kind,
        device=item.device,
        zone_id=finding.zone_id,
        fix_time=fix.fix_time,
        received_at=item.received_at,
        point=Point(lon, lat, height_m, srid=crs.STORAGE_SRID),
        rule=item.rule,
        breaches=list(item.breaches),
        value=finding.value,
        possible=finding.possible,
        late=item.late,
    )
