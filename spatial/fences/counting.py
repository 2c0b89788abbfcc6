"""Head-counts of zones from what was found of each device: too many (P-04), one alone (P-05). In an ingest batch.

Counts are looked at when somebody entered, left, fell silent or was heard again, and when a condition that holds is
due. What differs from the record is added or withdrawn, as for single devices.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Max

from spatial import crs
from spatial.devices.models import Device
from spatial.devices.rules import silence_limit
from spatial.fences.headcount import (
    BEGINS,
    ENDS,
    LOOK_BACK,
    Condition,
    CountEvent,
    Stay,
    count_events,
    crowding,
    solitude,
    stays,
)
from spatial.fences.models import FenceEvent
from spatial.fences.queries import FenceFacts, SiteFences
from spatial.fences.recording import DeviceFinding, record_findings
from spatial.fences.rules import RULES, Finding
from spatial.fences.zone_index import PlanFix
from spatial.tracks.models import LatestPosition

# Stays that began longer ago than this count no more: who is a whole day in a danger zone was forgotten there.
LONGEST_STAY = timedelta(hours=24)
STEP = timedelta(seconds=1)
_LOOKED_AT: dict[UUID, tuple[int, datetime]] = {}


@dataclass(frozen=True)
class _ZoneCount:
    facts: FenceFacts
    stays: list[Stay]
    places: dict[UUID, PlanFix]


def follow_counts(
    *, site: Any, fences: SiteFences, findings: Iterable[DeviceFinding], received_at: datetime
) -> list[DeviceFinding]:
    """This function will record and return what the head-counts of a site's zones bring about after some findings."""
    counted = {zone_id: facts for zone_id, facts in fences.facts.items() if _rules_of(facts)}
    if not counted:
        return []
    earliest: dict[UUID, datetime] = {}
    for item in findings:
        zone_id, at = item.finding.zone_id, item.finding.fix.fix_time
        if zone_id in counted and item.finding.kind in BEGINS | ENDS:
            earliest[zone_id] = min(at, earliest.get(zone_id, at))
    until = _newest(site)
    if until is None:
        return []
    found: list[DeviceFinding] = []
    for zone_id, facts in counted.items():
        version, looked_at = _LOOKED_AT.get(zone_id, (-1, until))
        if zone_id not in earliest and version == fences.version and looked_at + STEP > until:
            continue
        since = min(earliest.get(zone_id, until), looked_at) - LOOK_BACK
        found += _of_zone(site, fences, facts, since, until, received_at)
        _LOOKED_AT[zone_id] = (fences.version, until)
    record_findings(findings=found)
    return found


def _newest(site: Any) -> datetime | None:
    return LatestPosition.objects.filter(site=site).aggregate(newest=Max("fix_time"))["newest"]


def _rules_of(facts: FenceFacts) -> list[Condition]:
    rules = [] if facts.person_limit is None else [crowding(facts.person_limit)]
    return [*rules, solitude()] if facts.lone_forbidden else rules


def _of_zone(
    site: Any, fences: SiteFences, facts: FenceFacts, since: datetime, until: datetime, received_at: datetime
) -> list[DeviceFinding]:
    count = _count(site, fences, facts, since, until)
    changes: list[tuple[CountEvent | None, FenceEvent | None]] = []
    for rule in _rules_of(facts):
        rows = FenceEvent.objects.filter(
            zone_id=facts.zone_id, kind__in=(rule.raised, rule.cleared), withdrawn_at__isnull=True
        ).select_related("device", "device__site", "device__person")
        before = rows.filter(fix_time__lte=since).order_by("-fix_time").first()
        raised = before is not None and before.kind == rule.raised
        events = count_events(count.stays, rule, raised=raised, since=since, until=until)
        recorded = {(row.kind, row.fix_time): row for row in rows.filter(fix_time__gt=since)}
        wanted = {(event.kind, event.at): event for event in events}
        changes += [(event, None) for key, event in wanted.items() if key not in recorded]
        changes += [(None, row) for key, row in recorded.items() if key not in wanted]
    devices = Device.objects.select_related("site", "organisation", "person").in_bulk(
        {event.device for event, _ in changes if event}
    )
    found = []
    for event, row in changes:
        if event is not None:
            found.append(_finding(event, facts, devices[event.device], count.places[event.device], received_at))
        elif row is not None:
            place = _place(row, fences.projected_srid)
            finding = Finding(row.kind, facts.zone_id, place, row.value)  # type: ignore[arg-type]
            found.append(DeviceFinding(row.device, finding, received_at, row.rule, withdrawn=True))
    return found


def _finding(
    event: CountEvent, facts: FenceFacts, device: Device, place: PlanFix, received_at: datetime
) -> DeviceFinding:
    fix = PlanFix(event.at, place.east_m, place.north_m, place.height_m, place.accuracy_m)
    finding = Finding(event.kind, facts.zone_id, fix, float(event.count))
    return DeviceFinding(device, finding, received_at, RULES.get(event.kind, ""))


def _count(site: Any, fences: SiteFences, facts: FenceFacts, since: datetime, until: datetime) -> _ZoneCount:
    """Return the stays in a zone that reach beyond `since`, and where each device came in."""
    rows = FenceEvent.objects.filter(
        zone_id=facts.zone_id,
        kind__in=BEGINS | ENDS,
        withdrawn_at__isnull=True,
        fix_time__gt=since - LONGEST_STAY,
        fix_time__lte=until,
    ).select_related("device")
    marks, places = [], {}
    for row in rows.order_by("fix_time"):
        person = row.device.person_id or row.device_id
        marks.append((person, row.device_id, row.fix_time, row.kind))
        if row.kind in BEGINS or row.device_id not in places:
            places[row.device_id] = _place(row, fences.projected_srid)
    return _ZoneCount(facts, _fresh(site, stays(marks), until), places)


def _fresh(site: Any, spent: Sequence[Stay], until: datetime) -> list[Stay]:
    """End the open stays of devices that have been silent for too long (spec 07, 7.2)."""
    waiting = [stay.device for stay in spent if stay.end is None]
    limits: Mapping[UUID, datetime] = {
        row.device_id: row.fix_time + silence_limit(row.device.report_interval_s)
        for row in LatestPosition.objects.filter(device_id__in=waiting).select_related("device")
    }
    return [
        stay
        if stay.end is not None or limits.get(stay.device, until) >= until
        else Stay(stay.person, stay.device, stay.start, max(stay.start, limits[stay.device]))
        for stay in spent
    ]


def _place(row: FenceEvent, projected_srid: int) -> PlanFix:
    east, north = crs.transform_point(row.point.x, row.point.y, from_srid=crs.STORAGE_SRID, to_srid=projected_srid)
    return PlanFix(row.fix_time, east, north, float(row.point.z or 0.0), 0.0)
