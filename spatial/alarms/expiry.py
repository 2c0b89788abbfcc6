"""Alarms of papers that end: of devices, of people, and of whatever else brings them (machines). By the clock.

The conditions are rows of the edition that a site may set otherwise: V-01 by the days left, H-05 by the days over.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.gis.geos import Point
from django.db import transaction

from spatial.alarms.catalogue import policy
from spatial.alarms.conditions import Condition
from spatial.alarms.expiry_rules import DueLevel, due_level
from spatial.alarms.life import change_level, clear_alarm
from spatial.alarms.models import Alarm
from spatial.alarms.raising import raise_alarm
from spatial.alarms.reading_alarms import point_of
from spatial.alarms.rule_queries import SiteConditions, site_conditions
from spatial.alarms.rules import LEVELS, subject_of
from spatial.alarms.titles import Words, paper_title
from spatial.devices.models import Device
from spatial.devices.queries import Expiring, expiring
from spatial.observations.quantities import quantity_of
from spatial.people.models import Certificate
from spatial.people.queries import newest_certificates
from spatial.people.rules import certificate_name, start_of_day
from spatial.places.models import Site

STANDS_FOR = timedelta(days=1)
"""An alarm that could have been raised longer ago than this begins when it is found."""


@dataclass(frozen=True, slots=True)
class Due:
    """Something that holds up to and including `last_day`; `key` says what of whom, `paper` which row of it."""

    key: str
    paper: UUID
    condition: str
    last_day: date
    words: Words
    device: Any | None = None
    person_name: str = ""
    location: Point | None = None


@transaction.atomic
def follow_due(*, site: Any, scope: str, dues: Iterable[Due], now: datetime) -> int:
    """This function will raise, change and clear the alarms of papers that end; returns how many are active.

    `scope` names who brings the papers: alarms of papers that it no longer brings (renewed, withdrawn, gone) end. What
    somebody cleared by hand is not raised again for the same paper at the same level.
    """
    conditions = site_conditions(site, at=now)
    today = now.astimezone(ZoneInfo(site.time_zone)).date()
    rows = Alarm.objects.filter(site=site, condition__startswith=f"due/{scope}/", cleared_at__isnull=True)
    active = {alarm.subject: alarm for alarm in rows}
    count = 0
    for due in dues:
        condition = _in_force(conditions, due.condition)
        found = due_level(condition, due.last_day, today) if condition is not None else None
        if condition is None or found is None:
            continue
        subject = subject_of(condition.rule, key=f"{scope}:{due.key}")
        held = active.pop(subject, None)
        count += _bring_about(site, scope, due, condition, found, held, conditions, now)
    for alarm in active.values():
        clear_alarm(alarm=alarm, cleared_at=now, received_at=now)
    return count


def _in_force(conditions: SiteConditions, key: str) -> Condition | None:
    condition = conditions.own.get((key, None, None)) or conditions.edition.get(key)
    return condition if condition is not None and condition.enabled else None


def _bring_about(
    site: Any, scope: str, due: Due, condition: Condition, found: DueLevel, held: Alarm | None,
    conditions: SiteConditions, now: datetime,
) -> int:  # fmt: skip
    name = f"due/{scope}/{due.paper}/{due.last_day.isoformat()}"
    at = start_of_day(found.since, site.time_zone)
    at = at if now - STANDS_FOR < at <= now else now
    if held is not None and held.condition == name:
        if held.level != found.level:
            change_level(alarm=held, level=found.level, at=at, received_at=now)
        return 1
    if held is not None:
        clear_alarm(alarm=held, cleared_at=now, received_at=now)
    subject = subject_of(condition.rule, key=f"{scope}:{due.key}")
    known = Alarm.objects.filter(site=site, subject=subject)
    by_hand = known.filter(condition=name, cleared_by__isnull=False).values_list("level", flat=True)
    if any(LEVELS.index(level) >= LEVELS.index(found.level) for level in by_hand):
        return 0
    rule = Words.of(conditions.names[condition.rule])
    raise_alarm(
        site=site,
        rule=condition.rule,
        level=found.level,
        title=paper_title(rule, due.words, due.last_day),
        zone=None,
        device=due.device,
        person_name=due.person_name,
        storey=None,
        location=due.location,
        raised_at=now if known.filter(raised_at=at).exists() else at,
        received_at=now,
        late=False,  # it goes on now
        subject=subject,
        condition=name,
    )
    return 1


def follow_papers(*, now: datetime) -> int:
    """This function will follow the papers of all devices and people, site by site."""
    sites = Site.objects.select_related("organisation", "region")
    wanted = set(Device.objects.filter(active=True).values_list("site", flat=True))
    wanted |= set(Certificate.objects.values_list("site", flat=True).distinct())
    wanted |= set(Alarm.objects.filter(condition__startswith="due/", cleared_at=None).values_list("site", flat=True))
    count = 0
    for site in sites.filter(pk__in=wanted).order_by("pk"):
        today = now.astimezone(ZoneInfo(site.time_zone)).date()
        count += follow_due(site=site, scope="device", dues=_of_devices(site, today), now=now)
        count += follow_due(site=site, scope="person", dues=_of_people(site), now=now)
    return count


def _of_devices(site: Any, today: date) -> list[Due]:
    words = policy()["papers"]
    found = []
    for item in expiring(Device.objects.filter(site=site), today, all_rows=True):
        what, kind = _of_what(item, words["names"])
        found.append(
            Due(
                key=f"{item.device.pk}:{kind}",
                paper=item.row.pk,
                condition=words["device"],
                last_day=item.last_day,
                words=Words.same(item.device.name).then(what),
                device=item.device,
                location=point_of(item.device.anchor),
            )
        )
    return found


def _of_what(item: Expiring, names: dict[str, Any]) -> tuple[Words, str]:
    """Return what ends, in words and as a key."""
    if not item.is_calibration:
        kind = str(getattr(item.row, "kind", ""))
        return Words.of(names[kind]), kind
    quantity, channel = str(getattr(item.row, "quantity", "")), str(getattr(item.row, "channel", ""))
    measured, ends = quantity_of(quantity), Words.of(names["calibration"])
    in_english = " ".join(filter(None, [measured.en, channel, ends.en]))
    return Words(f"{measured.zh}{channel}{ends.zh}", in_english), f"calibration:{quantity}:{channel}"


def _of_people(site: Any) -> list[Due]:
    words = policy()["papers"]
    return [
        Due(
            key=f"{row.person_id}:{row.kind}",
            paper=row.pk,
            condition=words["person"],
            last_day=row.valid_until,
            words=Words.same(row.person.full_name).then(_certificate_words(row.kind)),
            person_name=row.person.full_name,
        )
        for row in newest_certificates(site)
    ]


def _certificate_words(kind: str) -> Words:
    return Words(certificate_name(kind, "zh"), certificate_name(kind, "en"))
