"""The life of an alarm: raised, made live, its level changed, acknowledged, cleared.

Each step is one transaction with one act in the ledger and one event for open pages. What raises alarms (readings,
signals, fences, machines) calls `raise_alarm`; what people do after acknowledging is in `handling`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib.gis.geos import Point
from django.db import transaction

from spatial.alarms.answering import answer_wearer
from spatial.alarms.catalogue import policy
from spatial.alarms.models import Alarm, AlarmNotice
from spatial.alarms.queries import alarm_item
from spatial.alarms.rules import alarm_rule, is_late, subject_of, trigger_kind
from spatial.ledger.operations import claim_client_event, lock_ledgers, record_act
from spatial.notices.operations import append_event
from spatial.people.models import Role
from spatial.people.queries import roles_on
from spatial.rulebook.queries import edition_for, table
from spatial.zones.operations import end_triggers, start_trigger

SOURCE_KIND = "alarm"
FALSE = "false: "
"""Begins the reason of an alarm that is cleared because it was a false one."""
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
    subject: str = "",
    datastream: Any | None = None,
    condition: str = "",
    value: float | None = None,
    risk_point: Any | None = None,
    ended_at: datetime | None = None,
) -> Alarm:
    """This function will raise an alarm, colour its zone by a trigger, and tell every open page.

    `raised_at` is event time, `location` a PointZ in EPSG:4490. One alarm per subject (by default rule, device, zone
    and datastream) is active: while it is, raising it again only counts, and so does raising it within the rule's
    debounce time after it cleared. `late` None is decided by the 60 s rule of spec 07; a late alarm stands in the
    record without trigger. `ended_at`, where it is known already, keeps a late one apart from a newer one that is
    active. Raises AlarmRefused for a level that does not exist.
    """
    if level not in Alarm.Level.values:
        raise AlarmRefused(f"{level!r} is not an alarm level.")
    subject = subject or subject_of(
        rule,
        device_id=getattr(device, "pk", None),
        zone_id=getattr(zone, "pk", None),
        datastream_id=getattr(datastream, "pk", None),
        key=condition,
    )
    edition = edition_for(site, on=raised_at)
    lock_ledgers([site.organisation_id])
    if held := _same_alarm(site, subject, rule, raised_at, edition, ended_at):
        return held
    alarm = Alarm(
        organisation_id=site.organisation_id,
        site=site,
        rule=rule,
        level=level,
        title=title[:200],
        subject=subject,
        zone=zone,
        device=device,
        datastream=datastream,
        risk_point=risk_point,
        condition=condition,
        value=value,
        person_name=person_name,
        storey=storey,
        location=location,
        raised_at=raised_at,
        received_at=received_at,
        late=is_late(raised_at, received_at) if late is None else late,
        rule_edition=edition,
    )
    if not alarm.late:
        set_clocks(alarm, received_at)
    if ended_at is not None and _newer_is_active(alarm, ended_at):
        alarm.late, alarm.cleared_at = True, ended_at
        stop_clocks(alarm)
    alarm.save(force_insert=True)
    if not alarm.late:
        _colour_zone(alarm, received_at)
    record(alarm, None, "raise_alarm", raised_at, received_at, details={} if value is None else {"value": value})
    append_event(site=site, kind="alarm_raised", payload=alarm_item(alarm), occurred_at=raised_at)
    return alarm


def _newer_is_active(alarm: Alarm, ended_at: datetime) -> bool:
    rows = Alarm.objects.filter(site=alarm.site, subject=alarm.subject, cleared_at__isnull=True)
    return rows.filter(raised_at__gte=ended_at).exists()


def _same_alarm(
    site: Any, subject: str, rule: str, raised_at: datetime, edition: Any, ended_at: datetime | None
) -> Alarm | None:
    """Return the alarm that a fact repeats, with its count risen: the active one, or one cleared a moment ago."""
    rows = Alarm.objects.filter(site=site, subject=subject).select_for_update(of=("self",))
    if same := rows.filter(raised_at=raised_at, disproved_at__isnull=True).first():
        return same
    held = rows.filter(cleared_at__isnull=True).first()
    if held is not None and ended_at is not None and held.raised_at >= ended_at:
        return None
    if held is not None:
        if raised_at > held.raised_at:
            held.repeats += 1
            held.draft_considered = False
            held.save(update_fields=["repeats", "draft_considered"])
        return held
    debounce_s = _debounce_s(edition, rule)
    if not debounce_s:
        return None
    since = raised_at - timedelta(seconds=debounce_s)
    recent = rows.filter(cleared_at__gt=since, raised_at__lt=raised_at, cleared_by__isnull=True, closed_at__isnull=True)
    held = recent.filter(disproved_at__isnull=True, datastream__isnull=True).order_by("-cleared_at").first()
    if held is None:
        return None
    held.repeats += 1
    held.cleared_at, held.draft_considered = None, False
    if not held.late and held.acknowledged_at is None:
        set_clocks(held, raised_at)
    held.save()
    if not held.late:
        _colour_zone(held, raised_at)
    append_event(site=site, kind="alarm_raised", payload=alarm_item(held), occurred_at=raised_at)
    return held


def _debounce_s(edition: Any, rule: str) -> float:
    try:
        return float(alarm_rule(table(edition, "alarm_rules"), rule).get("debounce_s") or 0)
    except LookupError:
        return 0.0


def take_level(alarm: Alarm, level: str, now: datetime) -> None:
    """Give an alarm a level; a higher one must be acknowledged anew and is told from the first role on. The caller
    saves it."""
    rises = Alarm.Level.values.index(level) > Alarm.Level.values.index(alarm.level)
    alarm.level = level
    if rises:
        ask_anew(alarm)
    if not alarm.late and (rises or not alarm.acknowledged_at):
        set_clocks(alarm, now)


def ask_anew(alarm: Alarm) -> None:
    """Forget who acknowledged an alarm and whom it was told, because it is news again; the caller saves it."""
    alarm.acknowledged_at = alarm.acknowledged_by = None
    alarm.escalated_to = 0


def set_clocks(alarm: Alarm, now: datetime) -> None:
    """Set when an alarm is repeated and escalated next, unless somebody takes note of it; the caller saves it."""
    if alarm.rule in policy()["quiet"]["rules"]:
        stop_clocks(alarm)
        return
    clocks = policy()["escalation"][alarm.level]
    alarm.remind_at = now + timedelta(seconds=clocks["remind_s"]) if clocks["remind_s"] else None
    alarm.escalate_at = now + timedelta(seconds=clocks["after_s"]) if clocks["after_s"] else None


def stop_clocks(alarm: Alarm) -> None:
    """Stop repeating and escalating an alarm; the caller saves it."""
    alarm.remind_at = alarm.escalate_at = None


@transaction.atomic
def make_alarm_live(*, alarm: Alarm, received_at: datetime) -> Alarm:
    """This function will turn a late alarm into a live one, because a fresh fix shows that it still holds."""
    alarm = locked(alarm)
    if not alarm.late or alarm.cleared_at:
        return alarm
    alarm.late = False
    set_clocks(alarm, received_at)
    alarm.save(update_fields=["late", "remind_at", "escalate_at"])
    _colour_zone(alarm, received_at)
    record(alarm, None, "make_alarm_live", alarm.raised_at, received_at)
    append_event(site=alarm.site, kind="alarm_raised", payload=alarm_item(alarm), occurred_at=alarm.raised_at)
    return alarm


@transaction.atomic
def change_level(
    *,
    alarm: Alarm,
    level: str,
    at: datetime,
    received_at: datetime,
    value: float | None = None,
    actor: Any | None = None,
    reason: str = "",
) -> Alarm:
    """This function will raise or lower the level of an active alarm, and the colour of its zone with it.

    A higher level must be acknowledged anew. `actor` None is the system; a person says why. Raises AlarmForbidden,
    AlarmRefused.
    """
    alarm = locked(alarm)
    if level not in Alarm.Level.values:
        raise AlarmRefused(f"{level!r} is not an alarm level.")
    if actor is not None:
        check_role(alarm, actor)
        if not reason.strip():
            raise AlarmRefused("Say why the alarm gets another level.")
    if alarm.cleared_at or alarm.level == level:
        return alarm
    before = alarm.level
    alarm.value = alarm.value if value is None else value
    take_level(alarm, level, received_at)
    alarm.save()
    colour_anew(alarm, at, received_at)
    details = {"before": before, "reason": reason, **({} if value is None else {"value": value})}
    record(alarm, actor, "change_alarm_level", at, received_at, details=details)
    append_event(site=alarm.site, kind="alarm_raised", payload=alarm_item(alarm), occurred_at=at)
    return alarm


@transaction.atomic
def clear_alarm(
    *, alarm: Alarm, cleared_at: datetime, received_at: datetime, actor: Any | None = None, reason: str = ""
) -> Alarm:
    """This function will clear an alarm: its trigger ends, and the zone's colour decays by the algebra.

    `actor` None is the system (the condition is gone). Clearing twice changes nothing. Raises AlarmForbidden
    for an actor without a safety role on the site, AlarmRefused for an actor without a reason, and after weather
    (W-01, W-02) without the record of the re-inspection, which is what was written down as done.
    """
    alarm = locked(alarm)
    if actor is not None:
        check_role(alarm, actor)
        if not reason.strip():
            raise AlarmRefused("Say why the alarm is cleared although its condition may still hold.")
        is_false = reason.startswith(FALSE)
        if alarm.rule in policy()["reinspected"] and alarm.handled_at is None and not is_false and not alarm.cleared_at:
            raise AlarmRefused("Write down the re-inspection first: what was checked after the weather, with photos.")
    if alarm.cleared_at:
        return alarm
    alarm.cleared_at = max(cleared_at, alarm.raised_at)
    alarm.cleared_by = actor
    stop_clocks(alarm)
    alarm.save(update_fields=["cleared_at", "cleared_by", "remind_at", "escalate_at"])
    end_triggers(source_kind=SOURCE_KIND, source_id=alarm.pk, at=alarm.cleared_at, now=received_at)
    record(alarm, actor, "clear_alarm", cleared_at, received_at, details={"reason": reason})
    append_event(site=alarm.site, kind="alarm_cleared", payload=alarm_item(alarm), occurred_at=alarm.cleared_at)
    return alarm


@transaction.atomic
def disprove_alarm(*, alarm: Alarm, received_at: datetime) -> Alarm:
    """This function will close an alarm that a late fact disproved: it stays in the record, marked, without colour."""
    alarm = locked(alarm)
    if alarm.disproved_at:
        return alarm
    alarm.disproved_at = received_at
    alarm.cleared_at = alarm.cleared_at or max(received_at, alarm.raised_at)
    stop_clocks(alarm)
    alarm.save()
    end_triggers(source_kind=SOURCE_KIND, source_id=alarm.pk, at=received_at, now=received_at)
    record(alarm, None, "disprove_alarm", received_at, received_at)
    append_event(site=alarm.site, kind="alarm_cleared", payload=alarm_item(alarm), occurred_at=received_at)
    return alarm


@transaction.atomic
def correct_times(
    *,
    alarm: Alarm,
    raised_at: datetime,
    cleared_at: datetime | None,
    level: str,
    value: float | None,
    received_at: datetime,
) -> Alarm:
    """This function will put right when an alarm held and how high, by late facts; who took note stays, unless an
    alarm that goes on is higher than they knew.

    One that is found to go on is repeated and escalated like any other. An alarm that somebody cleared keeps its end.
    Nothing is written when all was right already.
    """
    alarm = locked(alarm)
    end = alarm.cleared_at if alarm.cleared_by_id else cleared_at
    if (alarm.raised_at, alarm.cleared_at, alarm.level) == (raised_at, end, level):
        return alarm
    before = {"raised_at": alarm.raised_at.isoformat(), "level": alarm.level}
    before["cleared_at"] = alarm.cleared_at.isoformat() if alarm.cleared_at else ""
    was_active, was_level = alarm.cleared_at is None, alarm.level
    alarm.raised_at, alarm.cleared_at, alarm.value = raised_at, end, value
    if end is not None:
        alarm.level = level
        stop_clocks(alarm)
    elif level != was_level or not was_active:
        take_level(alarm, level, received_at)
    alarm.save()
    if was_active and end is not None:
        end_triggers(source_kind=SOURCE_KIND, source_id=alarm.pk, at=end, now=received_at)
    elif end is None and not was_active and not alarm.late:
        _colour_zone(alarm, received_at)
    elif end is None and level != was_level:
        colour_anew(alarm, received_at, received_at)
    record(alarm, None, "correct_alarm", received_at, received_at, details={"before": before})
    kind = "alarm_raised" if end is None else "alarm_cleared"
    append_event(site=alarm.site, kind=kind, payload=alarm_item(alarm), occurred_at=received_at)
    return alarm


@transaction.atomic
def acknowledge_alarm(*, alarm: Alarm, actor: Any, now: datetime, client_event_id: str = "") -> Alarm:
    """This function will note who has seen an alarm. The first acknowledgement stands; a repeated request
    changes nothing. Raises AlarmForbidden for an actor without a safety role on the site."""
    if claim_client_event(actor=actor, client_event_id=client_event_id) is not None:
        return Alarm.objects.get(pk=alarm.pk)
    alarm = locked(alarm)
    check_role(alarm, actor)
    if alarm.acknowledged_at:
        return alarm
    take_note(alarm, actor, now)
    alarm.save(update_fields=["acknowledged_at", "acknowledged_by", "remind_at", "escalate_at"])
    result = {"id": str(alarm.pk), "acknowledged_at": now.isoformat()}
    record(alarm, actor, "acknowledge_alarm", now, now, client_event_id=client_event_id, result=result)
    append_event(site=alarm.site, kind="alarm_acknowledged", payload=alarm_item(alarm), occurred_at=now)
    return alarm


def take_note(alarm: Alarm, actor: Any, now: datetime) -> None:
    """Note the first who takes note of an alarm, stop its clocks and answer its wearer; the caller saves it."""
    if alarm.acknowledged_at is None:
        alarm.acknowledged_at, alarm.acknowledged_by = now, actor
        answer_wearer(alarm, now)
    stop_clocks(alarm)
    AlarmNotice.objects.filter(alarm=alarm, user=actor, seen_at__isnull=True).update(seen_at=now)


def locked(alarm: Alarm) -> Alarm:
    """Return an alarm as it stands now, locked until the transaction ends, behind its organisation's chain."""
    lock_ledgers([alarm.organisation_id])
    rows = Alarm.objects.select_for_update(of=("self",))
    names = ("site__organisation", "site__region", "organisation", "zone", "device", "storey", "datastream")
    return rows.select_related(*names).get(pk=alarm.pk)


def check_role(alarm: Alarm, actor: Any) -> None:
    """Raise AlarmForbidden for who has no safety role on the alarm's site."""
    if not actor.is_superuser and not roles_on(actor, alarm.site) & MAY_ACKNOWLEDGE:
        raise AlarmForbidden("Only a safety role on this site may do this.")


def colour_anew(alarm: Alarm, at: datetime, now: datetime) -> None:
    """End the trigger of a live alarm and start another, because its level or place is another from `at` on."""
    if not alarm.late:
        end_triggers(source_kind=SOURCE_KIND, source_id=alarm.pk, at=at, now=now)
        _colour_zone(alarm, now, starts_at=at)


def _colour_zone(alarm: Alarm, now: datetime, *, starts_at: datetime | None = None) -> None:
    if alarm.rule in policy()["quiet"]["rules"]:
        return
    start_trigger(
        site=alarm.site,
        kind=trigger_kind(alarm.level),
        starts_at=starts_at or alarm.raised_at,
        source_kind=SOURCE_KIND,
        source_id=alarm.pk,
        source_label=alarm.title,
        zone=alarm.zone,
        risk_point=alarm.risk_point,
        location=None if alarm.zone else alarm.location,
        edition=alarm.rule_edition,
        now=now,
    )


def record(
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
    """Write the act of a step of an alarm."""
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
