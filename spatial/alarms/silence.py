"""Alarms of devices that fell silent while they should report (P-10), and of people too long on site (P-14).

Both are found by the clock from what is stored: the device that is silent need not say anything for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import DateTimeField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest

from spatial.alarms.catalogue import policy
from spatial.alarms.device_alarms import raise_for_device
from spatial.alarms.life import clear_alarm, raise_alarm
from spatial.alarms.models import Alarm
from spatial.alarms.rules import alarm_rule, device_title, subject_of
from spatial.attendance.queries import seen_between
from spatial.attendance.rules import time_inside
from spatial.devices.models import Device
from spatial.devices.rules import silence_limit
from spatial.fences.models import Presence
from spatial.observations.models import LatestObservation
from spatial.people.models import Person
from spatial.people.queries import shifts_by_team, shifts_for
from spatial.people.shift_rules import is_on_shift
from spatial.places.models import Site
from spatial.rulebook.queries import edition_for, table
from spatial.zones.models import Zone


def follow_silence(*, now: datetime) -> tuple[int, int]:
    """This function will raise P-10 for devices that fell silent on shift, and clear it for those heard again.

    The alarm's time is when the silence became one: the last packet plus three report intervals (at least 120 s). A
    device silent for longer than `give_up_h` is taken to be off: nothing is raised for it. Returns (raised, cleared).
    """
    spec = policy()["offline"]
    active = {
        alarm.device_id: alarm
        for alarm in Alarm.objects.filter(rule=spec["rule"], cleared_at__isnull=True, datastream__isnull=True)
    }
    raised = cleared = 0
    shifts: dict[UUID, Any] = {}
    for device in _heard_since(now - timedelta(hours=spec["give_up_h"]), active):
        last = device.last_packet
        silent_at = last + silence_limit(device.report_interval_s)
        held = active.get(device.pk)
        if now > silent_at:
            if held is None and _on_shift(device, silent_at, shifts):
                with transaction.atomic():
                    raised += _raise_silent(device, silent_at, now, spec)
        elif held is not None:
            clear_alarm(alarm=held, cleared_at=last, received_at=now)
            cleared += 1
    return raised, cleared


def _heard_since(start: datetime, active: Iterable[UUID | None]) -> QuerySet[Any]:
    """Devices in use with their last packet: heard of since `start`, or with an alarm of silence.

    A sighting tells it, for what a gateway sends on of a device's past is no packet of now; without one, a reading.
    """
    observed = LatestObservation.objects.filter(datastream__device=OuterRef("pk")).order_by("-received_at")
    rows = Device.objects.filter(active=True).annotate(
        last_packet=Greatest(
            "latest_position__received_at",
            Coalesce(
                "sighting__received_at",
                Subquery(observed.filter(received_at__isnull=False).values("received_at")[:1]),
            ),
            output_field=DateTimeField(),
        )
    )
    rows = rows.filter(last_packet__gt=start) | rows.filter(
        pk__in=[pk for pk in active if pk], last_packet__isnull=False
    )
    return rows.select_related("site__organisation", "site__region", "person", "anchor").order_by("pk")


def _on_shift(device: Device, at: datetime, known: dict[UUID, Any]) -> bool:
    """Whether a device should report at a moment: a worn one while its wearer is on shift, the others always."""
    person = device.person
    if person is None:
        return True
    if device.site_id not in known:
        known[device.site_id] = shifts_by_team(device.site)
    return is_on_shift(shifts_for(person.team_id, known[device.site_id]), at, device.site.time_zone)


def _raise_silent(device: Device, silent_at: datetime, now: datetime, spec: dict[str, Any]) -> int:
    inside = Presence.objects.filter(device=device, inside=True, zone__active=True).order_by("-since").first()
    done = Alarm.objects.filter(device=device, rule=spec["rule"], raised_at=silent_at)
    if done.exists():  # cleared by hand: not again for the same silence
        return 0
    raise_for_device(
        device,
        rule=spec["rule"],
        level=spec["level_inside_fence"] if inside else spec["level"],
        condition="",
        raised_at=silent_at,
        received_at=now,
        late=False,  # the silence goes on now
        zone=Zone.objects.get(pk=inside.zone_id) if inside else None,
    )
    return 1


def follow_overtime(*, now: datetime) -> int:
    """This function will raise P-14 for who was inside for more than 12 h of the last 24, and clear it who left."""
    spec = policy()["overtime"]
    active: dict[str, Alarm] = {}
    for alarm in Alarm.objects.filter(rule=spec["rule"], cleared_at__isnull=True):
        active[alarm.subject] = alarm
    start = now - timedelta(hours=spec["within_h"])
    raised = 0
    for site in Site.objects.filter(pk__in=_tracked_sites(start)).select_related("organisation", "region"):
        over = _over_hours(site, start, now, spec["hours"])
        names = {person.pk: person for person in Person.objects.filter(pk__in=over)}
        for person_id, inside_now in over.items():
            held = active.pop(subject_of(spec["rule"], key=str(person_id)), None)
            if held is None and inside_now:
                _raise_overtime(site, names[person_id], now, spec)
                raised += 1
            elif held is not None and not inside_now:
                clear_alarm(alarm=held, cleared_at=now, received_at=now)
    for alarm in active.values():
        clear_alarm(alarm=alarm, cleared_at=now, received_at=now)
    return raised


def _tracked_sites(start: datetime) -> Any:
    return Device.objects.filter(latest_position__received_at__gt=start, active=True).values("site_id")


def _over_hours(site: Any, start: datetime, now: datetime, hours: float) -> dict[UUID, bool]:
    """Who was inside for longer, and whether they are inside by the last that was seen."""
    found: dict[UUID, bool] = defaultdict(bool)
    for person_id, seen in seen_between(site, start, now).items():
        if time_inside(seen, start, now) > timedelta(hours=hours):
            found[person_id] = bool(seen and seen[-1][1])
    return dict(found)


def _raise_overtime(site: Any, person: Person, now: datetime, spec: dict[str, Any]) -> None:
    rule = alarm_rule(table(edition_for(site, on=now), "alarm_rules"), spec["rule"])
    device = Device.objects.filter(person=person, active=True).order_by("pk").first()
    raise_alarm(
        site=site,
        rule=spec["rule"],
        level=spec["level"],
        title=device_title(rule["zh"], person.full_name, person.trade, None),
        zone=None,
        device=device,
        person_name=person.full_name,
        storey=None,
        location=None,
        raised_at=now,
        received_at=now,
        subject=subject_of(spec["rule"], key=str(person.pk)),
    )
