"""Raise an alarm, or count that its fact came again.

What raises alarms (readings, signals, fences, machines, the watch) calls `raise_alarm`; what becomes of one is in
`life`, what people do about it in `handling`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib.gis.geos import Point
from django.db import transaction

from spatial.alarms.clocks import set_clocks, stop_clocks
from spatial.alarms.models import Alarm
from spatial.alarms.rules import alarm_rule, is_late, subject_of
from spatial.alarms.steps import AlarmRefused, record, tell_pages
from spatial.alarms.titles import Words
from spatial.alarms.zone_colour import colour_zone
from spatial.ledger.operations import lock_ledgers
from spatial.rulebook.queries import edition_for, table


@transaction.atomic
def raise_alarm(
    *,
    site: Any,
    rule: str,
    level: str,
    title: Words,
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

    `raised_at` is event time, `location` a PointZ in EPSG:4490; `title` is kept in both languages. One alarm per
    subject (by default rule, device, zone and datastream) is active: while it is, raising it again only counts, and
    so does raising it within the rule's debounce time after it cleared. `late` None is decided by the 60 s rule of
    spec 07; a late alarm stands in the record without trigger. `ended_at`, where it is known already, keeps a late
    one apart from a newer one that is active. Raises AlarmRefused for a level that does not exist.
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
        title=title.zh[:200],
        title_en=title.en[:200],
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
        colour_zone(alarm, received_at)
    record(alarm, None, "raise_alarm", raised_at, received_at, details={} if value is None else {"value": value})
    tell_pages(alarm, "alarm_raised", raised_at)
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
    if held is not None:
        held.site = site
        _open_again(held, raised_at)
    return held


def _open_again(alarm: Alarm, raised_at: datetime) -> None:
    """Let an alarm that cleared a moment ago go on."""
    alarm.repeats += 1
    alarm.cleared_at, alarm.draft_considered = None, False
    if not alarm.late and alarm.acknowledged_at is None:
        set_clocks(alarm, raised_at)
    alarm.save()
    if not alarm.late:
        colour_zone(alarm, raised_at)
    tell_pages(alarm, "alarm_raised", raised_at)


def _debounce_s(edition: Any, rule: str) -> float:
    try:
        return float(alarm_rule(table(edition, "alarm_rules"), rule).get("debounce_s") or 0)
    except LookupError:
        return 0.0
