"""Remind of certificates of people that end: one notice per level (V-01). A page needs no reminder to be right."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from spatial.notices.operations import append_event

from .models import Certificate, CertificateReminder
from .queries import newest_certificates
from .rules import expiry_level

EVENT = "certificate.expiry"


def remind_of_all(*, now: datetime) -> int:
    """This function will remind on every site of certificates that reached a level since the last run; returns how
    many notices."""
    rows = Certificate.objects.select_related("site__organisation").order_by("site_id").distinct("site_id")
    return sum(remind_of_site(site=row.site, now=now) for row in rows)


@transaction.atomic
def remind_of_site(*, site: Any, now: datetime) -> int:
    """This function will write one notice per certificate that is at a level it was not reminded of yet.

    The notice names the certificate and not the person: not everybody who hears of it may see names.
    """
    today = now.astimezone(ZoneInfo(site.time_zone)).date()
    due = [(row, level) for row in newest_certificates(site) if (level := expiry_level(row.valid_until, today))]
    rows = CertificateReminder.objects.filter(certificate__in=[row for row, _ in due])
    known = set(rows.values_list("certificate_id", "level"))
    fresh = [(row, level) for row, level in due if (row.pk, level) not in known]
    CertificateReminder.objects.bulk_create(
        CertificateReminder(
            organisation_id=row.organisation_id, site_id=row.site_id, certificate=row, level=level, reminded_on=today
        )
        for row, level in fresh
    )
    for row, level in fresh:
        left = (row.valid_until - today).days
        payload = {"certificate": str(row.pk), "kind": row.kind, "last_day": row.valid_until.isoformat(),
                   "days_left": left, "level": level}  # fmt: skip
        append_event(site=site, kind=EVENT, payload=payload, occurred_at=now)
    return len(fresh)
