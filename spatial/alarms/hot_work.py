"""X-02: fire was found where no hot-work permit holds. By the clock, from the alarm of the fire itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from spatial.alarms.catalogue import policy
from spatial.alarms.life import clear_alarm
from spatial.alarms.models import Alarm
from spatial.alarms.policies import policy_of_alarm
from spatial.alarms.queries import rule_of_site
from spatial.alarms.raising import raise_alarm
from spatial.alarms.rules import subject_of
from spatial.alarms.titles import Words, titled
from spatial.permits.models import WorkPermit
from spatial.zones.models import Zone

CONDITION = "hot_work"


def follow_hot_work(*, now: datetime) -> int:
    """This function will raise X-02 for a fire that lasts where nobody may work with fire, and clear it once a permit
    holds there or the fire is over; returns how many are active."""
    spec = policy()["hot_work"]
    active = {row.subject: row for row in Alarm.objects.filter(condition=CONDITION, cleared_at=None)}
    fires = Alarm.objects.filter(rule=spec["fire"], cleared_at=None, late=False, false_reason="")
    count = 0
    related = ("site__organisation", "site__region", "zone", "device", "storey")
    for fire in fires.filter(raised_at__lte=now).select_related(*related).order_by("pk"):
        subject = subject_of(spec["rule"], key=str(fire.pk))
        if fire.raised_at > now - _after(fire) or _permitted(fire, spec["permit"], now):
            continue
        count += 1
        if active.pop(subject, None) is None and not Alarm.objects.filter(subject=subject).exists():
            with transaction.atomic():
                _raise(fire, subject, now)
    for alarm in active.values():
        clear_alarm(alarm=alarm, cleared_at=now, received_at=now)
    return count


def _after(fire: Alarm) -> timedelta:
    return timedelta(seconds=policy_of_alarm(fire)["hot_work"]["after_s"])


def _permitted(fire: Alarm, kind: str, now: datetime) -> bool:
    """Whether hot work is allowed now in the zone of the fire, or in one that holds its place."""
    zones = Q(pk=fire.zone_id)
    if fire.location is not None:
        zones |= Q(outline__covers=fire.location)
    there = Zone.objects.filter(zones, site_id=fire.site_id, active=True)
    rows = WorkPermit.objects.filter(kind=kind, state__in=("approved", "running"), zone__in=there)
    return rows.filter(starts_at__lte=now, ends_at__gt=now).exists()


def _raise(fire: Alarm, subject: str, now: datetime) -> None:
    spec = policy()["hot_work"]
    row = rule_of_site(fire.site, spec["rule"], on=now)
    where = fire.zone.name if fire.zone else (fire.device.name if fire.device else "")
    raise_alarm(
        site=fire.site,
        rule=spec["rule"],
        level=spec["level"],
        title=titled(Words.of(row), Words.same(where)),
        zone=fire.zone,
        device=fire.device,
        person_name="",
        storey=fire.storey,
        location=fire.location,
        raised_at=fire.raised_at + _after(fire),
        received_at=now,
        late=False,
        subject=subject,
        condition=CONDITION,
    )
