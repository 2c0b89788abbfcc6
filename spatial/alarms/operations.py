"""Raise, clear and acknowledge alarms; follow what the fence engine found."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import Point
from django.db import transaction

from spatial import crs
from spatial.alarms.models import Alarm
from spatial.alarms.queries import alarm_item
from spatial.alarms.rules import alarm_rule, entry_title, is_late, level_of, trigger_kind
from spatial.fences.queries import FenceFacts, SiteFences
from spatial.fences.recording import DeviceFinding
from spatial.ledger.operations import claim_client_event, record_act
from spatial.notices.operations import append_event
from spatial.people.models import Role
from spatial.people.queries import roles_on
from spatial.places.queries import storey_of_height
from spatial.rulebook.queries import edition_for, table
from spatial.zones.models import Zone
from spatial.zones.operations import end_triggers, start_trigger

SOURCE_KIND = "alarm"
MAY_ACKNOWLEDGE = frozenset(
    {
        Role.SITE_SAFETY,
        Role.PROJECT_MANAGER,
        Role.ENTERPRISE_SAFETY,
        Role.ENTERPRISE_HEAD,
        Role.SUPERVISION_ENGINEER,
    }
)


class AlarmRefused(ValueError):
    """An act on an alarm that cannot be done; nothing was changed. The message says why."""


class AlarmForbidden(AlarmRefused):
    """The actor has no role on the site that may do this."""


@transaction.atomic
def raise_alarm(
    *,
    site: Any,
    rule: str,
    level: str,
    title: str,
    zone: Any | None,
    device: Any | None,
    person_name: str,
    storey: Any | None,
    location: Point | None,
    raised_at: datetime,
    received_at: datetime,
    late: bool | None = None,
) -> Alarm:
    """This function will raise an alarm, colour its zone by a trigger, and tell every open page.

    `raised_at` is event time, `location` a PointZ in EPSG:4490. One alarm per rule, device and zone is
    active: while it is, raising it again returns it unchanged. `late` None is decided by the 60 s rule of
    spec 07; a late alarm stands in the record without trigger. Raises AlarmRefused for a level that does not
    exist.
    """
    if level not in Alarm.Level.values:
        raise AlarmRefused(f"{level!r} is not an alarm level.")
    active = Alarm.objects.filter(rule=rule, device=device, zone=zone, site=site, cleared_at__isnull=True)
    if held := active.select_for_update(of=("self",)).first():
        return held
    edition = edition_for(site, on=raised_at)
    alarm = Alarm.objects.create(
        organisation_id=site.organisation_id,
        site=site,
        rule=rule,
        level=level,
        title=title[:200],
        zone=zone,
        device=device,
        person_name=person_name,
        storey=storey,
        location=location,
        raised_at=raised_at,
        received_at=received_at,
        late=is_late(raised_at, received_at) if late is None else late,
        rule_edition=edition,
    )
    if not alarm.late:
        _colour_zone(alarm, received_at)
    _record(alarm, None, "raise_alarm", raised_at, received_at)
    append_event(site=site, kind="alarm_raised", payload=alarm_item(alarm), occurred_at=raised_at)
    return alarm


@transaction.atomic
def make_alarm_live(*, alarm: Alarm, received_at: datetime) -> Alarm:
    """This function will turn a late alarm into a live one, because a fresh fix shows that it still holds."""
    alarm = _locked(alarm)
    if not alarm.late or alarm.cleared_at:
        return alarm
    alarm.late = False
    alarm.save(update_fields=["late"])
    _colour_zone(alarm, received_at)
    _record(alarm, None, "make_alarm_live", alarm.raised_at, received_at)
    append_event(site=alarm.site, kind="alarm_raised", payload=alarm_item(alarm), occurred_at=alarm.raised_at)
    return alarm


@transaction.atomic
def clear_alarm(
    *, alarm: Alarm, cleared_at: datetime, received_at: datetime, actor: Any | None = None, reason: str = ""
) -> Alarm:
    """This function will clear an alarm: its trigger ends, and the zone's colour decays by the algebra.

    `actor` None is the system (the condition is gone). Clearing twice changes nothing. Raises AlarmForbidden
    for an actor without a safety role on the site, AlarmRefused for an actor without a reason.
    """
    alarm = _locked(alarm)
    if actor is not None:
        _check_role(alarm, actor)
        if not reason.strip():
            raise AlarmRefused("Say why the alarm is cleared although its condition may still hold.")
    if alarm.cleared_at:
        return alarm
    alarm.cleared_at = max(cleared_at, alarm.raised_at)
    alarm.cleared_by = actor
    alarm.save(update_fields=["cleared_at", "cleared_by"])
    end_triggers(source_kind=SOURCE_KIND, source_id=alarm.pk, at=alarm.cleared_at, now=received_at)
    _record(alarm, actor, "clear_alarm", cleared_at, received_at, details={"reason": reason})
    append_event(site=alarm.site, kind="alarm_cleared", payload=alarm_item(alarm), occurred_at=alarm.cleared_at)
    return alarm


@transaction.atomic
def acknowledge_alarm(*, alarm: Alarm, actor: Any, now: datetime, client_event_id: str = "") -> Alarm:
    """This function will note who has seen an alarm. The first acknowledgement stands; a repeated request
    changes nothing. Raises AlarmForbidden for an actor without a safety role on the site."""
    if claim_client_event(actor=actor, client_event_id=client_event_id) is not None:
        return Alarm.objects.get(pk=alarm.pk)
    alarm = _locked(alarm)
    _check_role(alarm, actor)
    if alarm.acknowledged_at:
        return alarm
    alarm.acknowledged_at, alarm.acknowledged_by = now, actor
    alarm.save(update_fields=["acknowledged_at", "acknowledged_by"])
    result = {"id": str(alarm.pk), "acknowledged_at": now.isoformat()}
    _record(alarm, actor, "acknowledge_alarm", now, now, client_event_id=client_event_id, result=result)
    append_event(site=alarm.site, kind="alarm_acknowledged", payload=alarm_item(alarm), occurred_at=now)
    return alarm


@transaction.atomic
def follow_fence_events(*, findings: Iterable[DeviceFinding], fences: SiteFences, inside_now: set[UUID]) -> None:
    """This function will raise an alarm for each entry of somebody who is not allowed, and clear it at the
    exit.

    `findings` are those of one site, `inside_now` the devices whose newest fix is fresh and inside a fence:
    their entry is a live alarm even when the fix that decided it came late.
    """
    for item in sorted(findings, key=lambda item: item.finding.fix.fix_time):
        facts = fences.facts.get(item.finding.zone_id)
        if item.finding.kind == "left":
            _clear_after_exit(item)
        elif item.finding.kind == "entered" and item.rule and facts is not None:
            _raise_for_entry(item, facts, fences, live=item.device.pk in inside_now)
    late = Alarm.objects.filter(device_id__in=inside_now, late=True, cleared_at__isnull=True)
    for alarm in late.order_by("id") if inside_now else ():
        make_alarm_live(alarm=alarm, received_at=alarm.received_at)


def _raise_for_entry(item: DeviceFinding, facts: FenceFacts, fences: SiteFences, *, live: bool) -> None:
    fix, device = item.finding.fix, item.device
    site = device.site
    rule = alarm_rule(table(edition_for(site, on=fix.fix_time), "alarm_rules"), item.rule)
    lon, lat = crs.transform_point(fix.east_m, fix.north_m, from_srid=fences.projected_srid, to_srid=crs.STORAGE_SRID)
    storey = storey_of_height(fences.storeys, fix.height_m)
    person = device.person.full_name if device.person else device.name
    raise_alarm(
        site=site,
        rule=item.rule,
        level=level_of(rule),
        title=entry_title(rule["zh"], person, facts.zone_name, storey.name if storey else ""),
        zone=Zone.objects.get(pk=facts.zone_id),
        device=device,
        person_name=person,
        storey=storey,
        location=Point(lon, lat, fix.height_m, srid=crs.STORAGE_SRID),
        raised_at=fix.fix_time,
        received_at=item.received_at,
        late=False if live else None,
    )


def _clear_after_exit(item: DeviceFinding) -> None:
    active = Alarm.objects.filter(device=item.device, zone_id=item.finding.zone_id, cleared_at__isnull=True)
    for alarm in active.order_by("id"):
        clear_alarm(alarm=alarm, cleared_at=item.finding.fix.fix_time, received_at=item.received_at)


def _locked(alarm: Alarm) -> Alarm:
    rows = Alarm.objects.select_for_update(of=("self",))
    return rows.select_related("site", "zone", "device", "storey").get(pk=alarm.pk)


def _check_role(alarm: Alarm, actor: Any) -> None:
    if not actor.is_superuser and not roles_on(actor, alarm.site) & MAY_ACKNOWLEDGE:
        raise AlarmForbidden("Only a safety role on this site may do this.")


def _colour_zone(alarm: Alarm, now: datetime) -> None:
    start_trigger(
        site=alarm.site,
        kind=trigger_kind(alarm.level),
        starts_at=alarm.raised_at,
        source_kind=SOURCE_KIND,
        source_id=alarm.pk,
        source_label=alarm.title,
        zone=alarm.zone,
        location=None if alarm.zone else alarm.location,
        edition=alarm.rule_edition,
        now=now,
    )


def _record(
    alarm: Alarm,
    actor: Any | None,
    verb: str,
    occurred_at: datetime,
    received_at: datetime,
    *,
    details: dict[str, Any] | None = None,
    client_event_id: str = "",
    result: dict[str, Any] | None = None,
) -> None:
    facts = {"rule": alarm.rule, "level": alarm.level, "title": alarm.title, "late": alarm.late}
    record_act(
        organisation=alarm.organisation,
        site=alarm.site,
        actor=actor,
        verb=verb,
        subject_kind="alarm",
        subject_id=alarm.pk,
        details={**facts, **(details or {})},
        occurred_at=occurred_at,
        received_at=received_at,
        location=alarm.location,
        rule_edition=alarm.rule_edition,
        client_event_id=client_event_id,
        result=result,
    )
