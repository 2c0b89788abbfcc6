"""Remind of papers and calibrations that end: one notice per level. A page needs no reminder to be right."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from spatial.devices.models import Device, Reminder
from spatial.devices.queries import Expiring, expiring
from spatial.notices.operations import append_event
from spatial.places.models import Site

EVENT = "device.expiry"


def remind_of_all(*, now: datetime) -> int:
    """This function will remind on every site of what reached a level since the last run; returns how many notices."""
    sites = Site.objects.filter(pk__in=Device.objects.filter(active=True).values("site"))
    return sum(remind_of_site(site=site, now=now) for site in sites.select_related("organisation"))


@transaction.atomic
def remind_of_site(*, site: Any, now: datetime) -> int:
    """This function will write one notice per paper or calibration that is at a level it was not reminded of yet."""
    today = now.astimezone(ZoneInfo(site.time_zone)).date()
    due = expiring(Device.objects.filter(site=site), today)
    known = set(
        Reminder.objects.filter(subject_id__in=[item.row.pk for item in due]).values_list("subject_id", "level")
    )
    fresh = [item for item in due if item.standing.level and (item.row.pk, item.standing.level.level) not in known]
    Reminder.objects.bulk_create(_reminder(item, today) for item in fresh)
    for item in fresh:
        append_event(site=site, kind=EVENT, payload=_payload(item), occurred_at=now)
    return len(fresh)


def _reminder(item: Expiring, today: date) -> Reminder:
    device, level = item.device, item.standing.level
    assert level is not None
    return Reminder(
        organisation_id=item.row.organisation_id,
        site_id=item.row.site_id,
        device=device,
        subject_id=item.row.pk,
        level=level.level,
        reminded_on=today,
    )


def _payload(item: Expiring) -> dict[str, Any]:
    level = item.standing.level
    assert level is not None
    return {
        "device": item.device.code,
        "name": item.device.name,
        "what": "calibration" if item.is_calibration else getattr(item.row, "kind", ""),
        "last_day": item.last_day.isoformat(),
        "days_left": item.standing.days_left,
        "level": level.level,
        "grade": level.grade,
    }
