"""Head-counts of zones from what was found of each device: too many (P-04), one alone (P-05). In an ingest batch.

A zone is counted when somebody entered, left, fell silent or was heard again, and when a condition that holds or a
silence is due; `ZoneCount` remembers when that will be. Everybody counts, also who is off shift. What differs from the
record is added or withdrawn, as for single devices.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

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
from spatial.fences.models import FenceEvent, ZoneCount
from spatial.fences.queries import FenceFacts, SiteFences, last_fixes
from spatial.fences.recording import DeviceFinding, record_findings
from spatial.fences.rules import RULES, Finding
from spatial.fences.zone_index import PlanFix

# Stays that began longer ago than this count no more: who is a whole day in a danger zone was forgotten there.
LONGEST_STAY = timedelta(hours=24)
AHEAD = timedelta(hours=1)
"""So far ahead is looked for when a condition that holds will be due."""


@dataclass(frozen=True)
class _Counted:
    """The head-count of a zone from `since` to `until`."""

    facts: FenceFacts
    since: datetime
    until: datetime
    stays: list[Stay]
    places: dict[UUID, PlanFix]
    silent_at: datetime | None


def follow_counts(
    *,
    site: Any,
    fences: SiteFences,
    findings: Iterable[DeviceFinding],
    received_at: datetime,
    newest: datetime | None = None,
) -> list[DeviceFinding]:
    """This function will record and return what the head-counts of a site's zones bring about after some findings.

    `newest` is the newest fix of the batch. A zone is counted when a finding, a change of its fence or a time that is
    due asks for it; otherwise this is one look at when that will be.
    """
    counted = {zone_id: facts for zone_id, facts in fences.facts.items() if _rules_of(facts)}
    if not counted:
        return []
    earliest: dict[UUID, datetime] = {}
    for item in findings:
        zone_id, at = item.finding.zone_id, item.finding.fix.fix_time
        if zone_id in counted and item.finding.kind in BEGINS | ENDS:
            earliest[zone_id] = min(at, earliest.get(zone_id, at))
    looks = ZoneCount.objects.in_bulk(list(counted))
    asked = [zone_id for zone_id in counted if zone_id in earliest or _is_due(looks.get(zone_id), fences, newest)]
    if not asked:
        return []
    known = _newest(site, asked)
    found: list[DeviceFinding] = []
    for zone_id in asked:
        look = looks.get(zone_id)
        looked_at = look.looked_at if look else None
        until = max(at for at in (newest, known, looked_at, earliest.get(zone_id)) if at is not None)
        since = min(earliest.get(zone_id, until), looked_at or until) - LOOK_BACK
        told, due_at = _of_zone(fences, counted[zone_id], since, until, received_at)
        found += told
        looks[zone_id] = ZoneCount(zone_id=zone_id, version=fences.version, looked_at=until, due_at=due_at)
    ZoneCount.objects.bulk_create(
        [looks[zone_id] for zone_id in asked],
        update_conflicts=True,
        unique_fields=["zone"],
        update_fields=["version", "looked_at", "due_at"],
    )
    record_findings(findings=found)
    return found


def _is_due(look: ZoneCount | None, fences: SiteFences, newest: datetime | None) -> bool:
    if newest is None:
        return False
    return look is None or look.version != fences.version or (look.due_at is not None and look.due_at < newest)


def _newest(site: Any, zone_ids: Sequence[UUID]) -> datetime | None:
    """Return the newest fix that is known of a site: of the open record, and of whom the engine remembers inside."""
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, [site.pk, list(zone_ids)])
        found: datetime | None = cursor.fetchone()[0]
        return found


_NEWEST = """
SELECT greatest(
    (SELECT max(fix_time) FROM tracks_latestposition WHERE site_id = %s),
    (SELECT max((memory.last->>'fix_time')::timestamptz) FROM fences_presence presence
     JOIN fences_fencememory memory ON memory.device_id = presence.device_id
     WHERE presence.zone_id = ANY(%s) AND presence.inside))
"""


def _rules_of(facts: FenceFacts) -> list[Condition]:
    rules = [] if facts.person_limit is None else [crowding(facts.person_limit, facts.times)]
    return [*rules, solitude(facts.times)] if facts.lone_forbidden else rules


def _of_zone(
    fences: SiteFences, facts: FenceFacts, since: datetime, until: datetime, received_at: datetime
) -> tuple[list[DeviceFinding], datetime | None]:
    """Return what differs from the record, and when the zone has to be counted again if nobody comes or goes."""
    count = _count(fences, facts, since, until)
    changes: list[tuple[CountEvent | None, FenceEvent | None]] = []
    due = [count.silent_at]
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
        raised = events[-1].kind == rule.raised if events else raised
        coming = count_events(count.stays, rule, raised=raised, since=until, until=until + AHEAD)
        due.append(coming[0].at if coming else None)
    return _findings(changes, count, fences, received_at), min((at for at in due if at is not None), default=None)


def _findings(
    changes: Sequence[tuple[CountEvent | None, FenceEvent | None]],
    count: _Counted,
    fences: SiteFences,
    received_at: datetime,
) -> list[DeviceFinding]:
    devices = Device.objects.select_related("site", "organisation", "person").in_bulk(
        {event.device for event, _ in changes if event}
    )
    found = []
    for event, row in changes:
        if event is not None:
            place = count.places[event.device]
            found.append(_finding(event, count.facts, devices[event.device], place, received_at))
        elif row is not None:
            place = _place(row, fences.projected_srid)
            finding = Finding(row.kind, count.facts.zone_id, place, row.value)  # type: ignore[arg-type]
            found.append(DeviceFinding(row.device, finding, received_at, row.rule, withdrawn=True))
    return found


def _finding(
    event: CountEvent, facts: FenceFacts, device: Device, place: PlanFix, received_at: datetime
) -> DeviceFinding:
    fix = PlanFix(event.at, place.east_m, place.north_m, place.height_m, place.accuracy_m)
    finding = Finding(event.kind, facts.zone_id, fix, float(event.count))
    return DeviceFinding(device, finding, received_at, RULES.get(event.kind, ""))


def _count(fences: SiteFences, facts: FenceFacts, since: datetime, until: datetime) -> _Counted:
    """Return the stays in a zone that reach beyond `since`, and where each device came in."""
    later = FenceEvent.objects.filter(
        zone_id=facts.zone_id,
        kind__in=BEGINS | ENDS,
        withdrawn_at__isnull=True,
        fix_time__gt=since,
        fix_time__lte=until,
    ).select_related("device")
    rows = list(later.order_by("fix_time"))
    rows = [*_open_at(facts.zone_id, since, {row.device_id for row in rows}), *rows]
    marks, places = [], {}
    for row in rows:
        marks.append((row.device.person_id or row.device_id, row.device_id, row.fix_time, row.kind))
        if row.kind in BEGINS or row.device_id not in places:
            places[row.device_id] = _place(row, fences.projected_srid)
    spent = stays(marks)
    limits = _silent_from([stay.device for stay in spent if stay.end is None])
    return _Counted(
        facts,
        since,
        until,
        _fresh(spent, limits, until),
        places,
        min((at for at in limits.values() if at >= until), default=None),
    )


def _open_at(zone_id: UUID, since: datetime, moved: Iterable[UUID]) -> list[FenceEvent]:
    """Return the entries of stays that were open at `since`: of who is inside now, or came or went later."""
    with connection.cursor() as cursor:
        cursor.execute(
            _LAST_BEFORE,
            {
                "zone": zone_id,
                "moved": list(moved),
                "since": since,
                "oldest": since - LONGEST_STAY,
                "begins": list(BEGINS),
                "kinds": list(BEGINS | ENDS),
            },
        )
        ids = [row[0] for row in cursor.fetchall()]
    return list(FenceEvent.objects.filter(pk__in=ids).select_related("device").order_by("fix_time"))


# Of an entry and an exit of one moment the exit counts first, so the entry is the later mark.
_LAST_BEFORE = """
SELECT last.id FROM (
    SELECT device_id FROM fences_presence WHERE zone_id = %(zone)s AND inside
    UNION SELECT unnest(%(moved)s::uuid[])
) AS one, LATERAL (
    SELECT event.id, event.kind FROM fences_fenceevent AS event
    WHERE event.device_id = one.device_id AND event.zone_id = %(zone)s AND event.kind = ANY(%(kinds)s)
      AND event.withdrawn_at IS NULL AND event.fix_time <= %(since)s AND event.fix_time > %(oldest)s
    ORDER BY event.fix_time DESC, event.kind = ANY(%(begins)s) DESC LIMIT 1
) AS last WHERE last.kind = ANY(%(begins)s)
"""


def _silent_from(device_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """Return from when on each device counts as silent, by the newest fix that the open record or the engine knows."""
    last = last_fixes(device_ids)
    intervals = Device.objects.filter(pk__in=list(last)).values_list("pk", "report_interval_s")
    return {device_id: last[device_id] + silence_limit(interval_s) for device_id, interval_s in intervals}


def _fresh(spent: Sequence[Stay], limits: Mapping[UUID, datetime], until: datetime) -> list[Stay]:
    """End the open stays of devices that have been silent for too long (spec 07, 7.2)."""
    return [
        stay
        if stay.end is not None or limits.get(stay.device, until) >= until
        else Stay(stay.person, stay.device, stay.start, max(stay.start, limits[stay.device]))
        for stay in spent
    ]


def _place(row: FenceEvent, projected_srid: int) -> PlanFix:
    east, north = crs.transform_point(row.point.x, row.point.y, from_srid=crs.STORAGE_SRID, to_srid=projected_srid)
    return PlanFix(row.fix_time, east, north, float(row.point.z or 0.0), 0.0)
