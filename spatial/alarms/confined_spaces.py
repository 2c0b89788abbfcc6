"""C-01: somebody in a confined space without permit, fresh gas test or attendant. By the clock, without any message.

Inside is who was counted in on a permit and not out, and who the fence engine has inside a zone whose fence has the
rule C-01.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import shapely
from django.db import transaction

from spatial import crs
from spatial.alarms.catalogue import policy
from spatial.alarms.life import clear_alarm
from spatial.alarms.models import Alarm
from spatial.alarms.queries import rule_of_site
from spatial.alarms.raising import raise_alarm
from spatial.alarms.rules import subject_of
from spatial.alarms.titles import Words, entry_title
from spatial.devices.models import Device
from spatial.devices.rules import is_stale
from spatial.fences.models import Presence
from spatial.people.models import Person
from spatial.permits.entry_rules import EntryFault, covering, entry_faults
from spatial.permits.models import WorkPermit
from spatial.permits.queries import HELD, LOOK_BACK, entered_since, limits_of, tests_of, window_of
from spatial.permits.rules import PermitLimits, permit_kinds, shipped_limits
from spatial.tracks.models import LatestPosition
from spatial.tracks.queries import last_place
from spatial.zones.models import Zone

CONDITION = "confined"


@dataclass(frozen=True, slots=True)
class Inside:
    """Somebody (or a device that nobody wears) in a confined space since a moment; `permit` counted them in."""

    zone: Zone
    person: Person | None
    device: Device | None
    since: datetime
    permit: WorkPermit | None = None


def follow_confined_spaces(*, now: datetime) -> int:
    """This function will raise C-01 for who is in a confined space as nobody may, and clear it when all is well or
    they are out; returns how many are active."""
    active = {
        alarm.subject: alarm for alarm in Alarm.objects.filter(condition__startswith=f"{CONDITION}/", cleared_at=None)
    }
    count = 0
    for one in _inside(now):
        key = str(one.person.pk) if one.person else str(one.device.pk if one.device else "")
        subject = subject_of(policy()["confined"]["rule"], zone_id=one.zone.pk, key=key)
        faults, limits = _faults(one, now)
        held = active.get(subject)
        if faults:
            active.pop(subject, None)
            count += 1
            if held is None:
                with transaction.atomic():
                    _raise(one, subject, faults, limits, now)
    for alarm in active.values():
        clear_alarm(alarm=alarm, cleared_at=now, received_at=now)
    return count


def _inside(now: datetime) -> list[Inside]:
    kinds = [code for code, kind in permit_kinds().items() if kind.needs_gas_test]
    found: dict[tuple[UUID, UUID], Inside] = {}
    permits = WorkPermit.objects.filter(kind__in=kinds, state="running", zone__isnull=False)
    for permit in permits.select_related("zone__site__organisation", "zone__site__region").order_by("pk"):
        assert permit.zone is not None
        for person, since in entered_since(permit):
            found[(permit.zone.pk, person.pk)] = Inside(permit.zone, person, None, since, permit)
    rows = Presence.objects.filter(inside=True, since__isnull=False, zone__active=True, device__active=True)
    rows = rows.filter(zone__fence__rule=policy()["confined"]["rule"], zone__fence__active=True)
    for row in rows.select_related("device__person", "zone__site__organisation", "zone__site__region").order_by("pk"):
        who = row.device.person_id or row.device_id
        if (row.zone_id, who) not in found and not _watches(row.zone, row.device.person_id, now):
            assert row.since is not None
            found[(row.zone_id, who)] = Inside(row.zone, row.device.person, row.device, row.since)
    return list(found.values())


def _watches(zone: Zone, person_id: UUID | None, now: datetime) -> bool:
    """Whether somebody is the attendant of a permit of the zone now: they stand at the entrance, not in the space."""
    rows = WorkPermit.objects.filter(zone=zone, state__in=("approved", "running"), starts_at__lte=now, ends_at__gt=now)
    return person_id is not None and rows.filter(attendant_id=person_id).exists()


def _faults(one: Inside, now: datetime) -> tuple[list[EntryFault], PermitLimits]:
    """What is wrong, and the limits by which it is."""
    permits = [one.permit] if one.permit is not None else _permits_of(one, now)
    window = covering([window_of(permit) for permit in permits], now)
    permit = next((permit for permit in permits if window_of(permit) == window), None)
    if permit is None or window is None:
        return entry_faults(one.since, now, None, (), None), shipped_limits()
    limits = limits_of(permit)
    tests, away_m = tests_of(permit), _attendant_m(permit, now)
    return entry_faults(one.since, now, window, tests, away_m, limits=limits), limits


def _permits_of(one: Inside, now: datetime) -> list[WorkPermit]:
    if one.person is None:
        return []
    rows = WorkPermit.objects.filter(zone=one.zone, state__in=HELD, ends_at__gt=now - LOOK_BACK)
    return list(rows.filter(entrants__person=one.person).order_by("ends_at", "pk").distinct())


def _attendant_m(permit: WorkPermit, now: datetime) -> float | None:
    """Return how far the attendant's tag is from the entrance (the permit's point, else the zone), less its own error;
    None when no tag of theirs told a place lately."""
    if permit.attendant_id is None:
        return None
    rows = LatestPosition.objects.filter(device__person=permit.attendant_id, device__active=True)
    fresh = [
        row for row in rows.select_related("device") if not is_stale(row.fix_time, row.device.report_interval_s, now)
    ]
    assert permit.zone is not None
    srid = permit.site.projected_srid
    entrance = _on_plan(permit.anchor.geometry if permit.anchor else permit.zone.outline, srid)
    return min(
        (max(0.0, float(shapely.distance(entrance, _on_plan(row.point, srid))) - row.accuracy_m) for row in fresh),
        default=None,
    )


def _on_plan(geometry: Any, srid: int) -> shapely.Geometry:
    shape = shapely.force_2d(shapely.from_wkb(bytes(geometry.wkb)))
    return crs.transform_shape(shape, from_srid=crs.STORAGE_SRID, to_srid=srid)


def _raise(one: Inside, subject: str, faults: Sequence[EntryFault], limits: PermitLimits, now: datetime) -> None:
    spec, site = policy()["confined"], one.zone.site
    codes = sorted(fault.code for fault in faults)
    at_entry = Alarm.objects.filter(site=site, rule=spec["rule"], zone=one.zone, condition="fence/entered")
    if one.device is not None and at_entry.filter(device=one.device, cleared_at=None).exists():
        return  # the fence raised it already
    by_hand = Alarm.objects.filter(site=site, subject=subject, raised_at__gte=one.since, cleared_by__isnull=False)
    if any(set(codes) <= set(alarm.condition.partition("/")[2].split("+")) for alarm in by_hand):
        return
    row = rule_of_site(site, spec["rule"], on=now)
    device = one.device or Device.objects.filter(person=one.person, active=True).order_by("pk").first()
    place, storey = last_place(device)
    name = one.person.full_name if one.person else (device.name if device else "")
    began = min(fault.since for fault in faults)
    known = Alarm.objects.filter(site=site, subject=subject, raised_at=began).exists()
    raise_alarm(
        site=site,
        rule=spec["rule"],
        level=spec["level"],
        title=entry_title(Words.of(row), name, one.zone.name, _words(spec["faults"], codes, limits)),
        zone=one.zone,
        device=device,
        person_name=name if one.person else "",
        storey=storey,
        location=place,
        raised_at=now if known else began,
        received_at=now,
        late=False,  # it goes on now
        subject=subject,
        condition=f"{CONDITION}/{'+'.join(codes)}",
    )


def _words(texts: Mapping[str, Any], codes: Sequence[str], limits: PermitLimits) -> Words:
    """What is wrong, with the numbers by which it is."""
    minutes, hours = limits.entry_age.total_seconds() / 60, limits.repeat_after.total_seconds() / 3600
    numbers = {"entry_min": minutes, "repeat_h": hours, "attendant_m": limits.attendant_m}
    told = [Words(*(texts[code][language].format(**numbers) for language in ("zh", "en"))) for code in codes]
    return Words("、".join(words.zh for words in told), ", ".join(words.en for words in told))
