"""Alarms from what the fence engine found: who entered, stayed, gathered or was alone where a rule forbids it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import Point
from django.db import transaction

from spatial import crs
from spatial.alarms.life import clear_alarm, correct_times, disprove_alarm, make_alarm_live
from spatial.alarms.models import Alarm
from spatial.alarms.queries import rule_of_site
from spatial.alarms.raising import raise_alarm
from spatial.alarms.rules import crowd_level, level_of, one_lower, subject_of
from spatial.alarms.titles import Words, crowd_title, entry_title
from spatial.fences.queries import FenceFacts, SiteFences
from spatial.fences.recording import DeviceFinding
from spatial.fences.rules import ENDS
from spatial.places.queries import storey_of_height
from spatial.zones.models import Zone

OF_A_ZONE = frozenset({"crowded", "alone"})  # alarms about a zone, not about one device
STARTS = frozenset({"entered", "approaching", "dwelling", "crowded", "alone"})
ALSO_ENDED = {"left": ("dwelling",), "entered": ("approaching",)}


@transaction.atomic
def follow_fence_events(*, findings: Iterable[DeviceFinding], fences: SiteFences, inside_now: set[UUID]) -> None:
    """This function will raise an alarm for each rule that a finding breaks, and clear it when the finding ends.

    `findings` are those of one site, `inside_now` the devices whose newest fix is fresh and inside a fence: their
    entry is a live alarm even when the fix that decided it came late. What a late fix disproved is closed as such.
    """
    rows = sorted(findings, key=lambda item: (not item.withdrawn, item.finding.fix.fix_time))
    for at, item in enumerate(rows):
        if item.withdrawn:
            _withdraw(item)
            continue
        facts = fences.facts.get(item.finding.zone_id)
        if item.finding.kind in ENDS:
            _clear(item, ENDS[item.finding.kind])
        for kind in ALSO_ENDED.get(item.finding.kind, ()):
            _clear(item, kind)
        if item.finding.kind in STARTS and item.rule and facts is not None:
            live = item.device.pk in inside_now
            ended_at = _end_in(rows[at + 1 :], item)
            for rule in item.breaches or (item.rule,):
                _raise(item, rule, facts, fences, live=live, ended_at=ended_at)
    late = Alarm.objects.filter(device_id__in=inside_now, late=True, cleared_at__isnull=True)
    for alarm in late.filter(condition__startswith="fence/").order_by("id") if inside_now else ():
        make_alarm_live(alarm=alarm, received_at=alarm.received_at)


def _end_in(later: Sequence[DeviceFinding], item: DeviceFinding) -> Any:
    """When a finding ended by the later ones, or None."""
    kind = item.finding.kind
    for other in later:
        same_device = other.device.pk == item.device.pk or kind in OF_A_ZONE
        if same_device and other.finding.zone_id == item.finding.zone_id and ENDS.get(other.finding.kind) == kind:
            return other.finding.fix.fix_time
    return None


def _raise(
    item: DeviceFinding, rule_id: str, facts: FenceFacts, fences: SiteFences, *, live: bool, ended_at: Any
) -> None:
    finding, device = item.finding, item.device
    fix, site = finding.fix, device.site
    rule = rule_of_site(site, rule_id, on=fix.fix_time)
    lon, lat = crs.transform_point(fix.east_m, fix.north_m, from_srid=fences.projected_srid, to_srid=crs.STORAGE_SRID)
    height_m = site.ground_height_m if math.isnan(fix.height_m) else fix.height_m
    storey = None if math.isnan(fix.height_m) else storey_of_height(fences.storeys, fix.height_m)
    person = device.person.full_name if device.person else device.name
    where = storey.name if storey else ""
    title = entry_title(Words.of(rule), person, facts.zone_name, where)
    level: str = level_of(rule)
    if finding.kind == "crowded":
        title = crowd_title(Words.of(rule), facts.zone_name, where, finding.value, facts.person_limit)
        level = crowd_level(level, finding.value, facts.person_limit)
    of_zone = finding.kind in OF_A_ZONE
    raise_alarm(
        site=site,
        rule=rule_id,
        level=one_lower(level) if finding.possible else level,
        title=title,
        zone=Zone.objects.get(pk=facts.zone_id),
        device=device,
        person_name="" if finding.kind == "crowded" else person,
        storey=storey,
        location=Point(lon, lat, height_m, srid=crs.STORAGE_SRID),
        raised_at=fix.fix_time,
        received_at=item.received_at,
        late=False if live else None,
        subject=subject_of(rule_id, device_id=None if of_zone else device.pk, zone_id=facts.zone_id),
        condition=f"fence/{finding.kind}",
        value=finding.value,
        ended_at=ended_at,
    )


def _alarms(item: DeviceFinding, kind: str) -> Any:
    rows = Alarm.objects.filter(zone_id=item.finding.zone_id, condition=f"fence/{kind}", disproved_at__isnull=True)
    return rows if kind in OF_A_ZONE else rows.filter(device=item.device)


def _clear(item: DeviceFinding, kind: str) -> None:
    at = item.finding.fix.fix_time
    for alarm in _alarms(item, kind).filter(cleared_at__isnull=True, raised_at__lte=at).order_by("id"):
        clear_alarm(alarm=alarm, cleared_at=at, received_at=item.received_at)


def _withdraw(item: DeviceFinding) -> None:
    """Disprove the alarm that a withdrawn finding raised, or take back the end that it gave to one."""
    at, kind = item.finding.fix.fix_time, item.finding.kind
    if kind in STARTS:
        for alarm in _alarms(item, kind).filter(raised_at=at):
            disprove_alarm(alarm=alarm, received_at=item.received_at)
    elif kind in ENDS:
        for alarm in _alarms(item, ENDS[kind]).filter(cleared_at=at, cleared_by__isnull=True):
            if _alarms(item, ENDS[kind]).filter(subject=alarm.subject, cleared_at__isnull=True).exists():
                continue  # a later one is active already: this one's end comes with the findings that follow
            correct_times(
                alarm=alarm,
                raised_at=alarm.raised_at,
                cleared_at=None,
                level=alarm.level,
                value=alarm.value,
                received_at=item.received_at,
            )
