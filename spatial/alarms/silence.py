"""Alarms of devices that fell silent while they should report (P-10), and of people too long on site (P-14).

Both are found by the clock from what is stored: the device that is silent need not say anything for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from spatial.alarms.catalogue import policy
from spatial.alarms.device_alarms import raise_for_device
from spatial.alarms.life import clear_alarm
from spatial.alarms.models import Alarm, Silence
from spatial.alarms.policies import policy_of
from spatial.alarms.queries import rule_of_site
from spatial.alarms.raising import raise_alarm
from spatial.alarms.rules import subject_of
from spatial.alarms.titles import Words, device_title
from spatial.attendance.queries import seen_between
from spatial.attendance.rules import time_inside
from spatial.devices.models import Device
from spatial.devices.rules import MIN_SILENCE_S, silence_limit
from spatial.fences.models import Presence
from spatial.people.models import Person
from spatial.people.queries import shifts_by_team, shifts_for
from spatial.people.rules import trade_name
from spatial.people.shift_rules import is_on_shift
from spatial.places.models import Site
from spatial.zones.models import Zone

AT_ONCE = 200
Heard = tuple[UUID, UUID, datetime]  # device, organisation, last packet
LONGEST = timedelta(hours=48)
"""The most that an edition may say of `give_up_h` and of `within_h`."""
TOGETHER = 20
"""So many alarms are one transaction: it holds the chain of the ledger and the stream, which live alarms need too."""


def follow_silence(*, now: datetime) -> tuple[int, int]:
    """This function will raise P-10 for devices that fell silent on shift, and clear it for those heard again.

    The alarm's time is when the silence became one: the last packet plus three report intervals (at least 120 s). A
    device silent for longer than `give_up_h` is taken to be off: nothing is raised for it. The database tells only of
    devices that fell silent or came back since they were looked at, `AT_ONCE` of each; the rest waits for the next
    round, so that a dead gateway keeps nothing else of the watch waiting. Returns (raised, cleared).
    """
    spec = policy()["offline"]
    back, silent = _asked(_BACK, spec, now), _asked(_NEWLY_SILENT, spec, now)
    for some in _together(back):
        with transaction.atomic():
            alarms = Alarm.objects.filter(rule=spec["rule"], cleared_at__isnull=True, datastream__isnull=True)
            last_of = {device_id: last for device_id, _, last in some}
            for alarm in alarms.filter(device__in=last_of).order_by("organisation_id", "pk"):
                if alarm.device_id is not None:
                    clear_alarm(alarm=alarm, cleared_at=last_of[alarm.device_id], received_at=now)
    shifts: dict[UUID, Any] = {}
    raised = 0
    for some in _together(silent):
        with transaction.atomic():
            raised += _raise_all({device_id: last for device_id, _, last in some}, shifts, now, spec)
    return raised, len(back)


def _raise_all(last_of: Mapping[UUID, datetime], shifts: dict[UUID, Any], now: datetime, spec: dict[str, Any]) -> int:
    """Raise the alarms of some devices that fell silent, and note that their silence was looked at."""
    related = ("site__organisation", "site__region", "person", "anchor")
    held = set(
        Alarm.objects.filter(
            rule=spec["rule"], cleared_at__isnull=True, datastream__isnull=True, device__in=list(last_of)
        ).values_list("device_id", flat=True)
    )
    raised = 0
    Silence.objects.bulk_create(
        [Silence(device_id=device_id, last_packet_at=last) for device_id, last in sorted(last_of.items())],
        update_conflicts=True,
        unique_fields=["device"],
        update_fields=["last_packet_at"],
    )
    for device in Device.objects.select_related(*related).filter(pk__in=list(last_of)).order_by("site_id", "pk"):
        silent_at = last_of[device.pk] + silence_limit(device.report_interval_s)
        given_up = last_of[device.pk] <= now - timedelta(hours=policy_of(device.site, now)["offline"]["give_up_h"])
        if device.pk not in held and not given_up and _on_shift(device, silent_at, shifts):
            raised += _raise_silent(device, silent_at, now, spec)
    return raised


def _together(rows: list[Heard]) -> Iterator[list[Heard]]:
    """Cut rows into transactions, each of one organisation as far as that goes."""
    ordered = sorted(rows, key=lambda row: (str(row[1]), str(row[0])))
    return (ordered[first : first + TOGETHER] for first in range(0, len(ordered), TOGETHER))


def _asked(question: str, spec: dict[str, Any], now: datetime) -> list[Heard]:
    """Return (device, organisation, last packet) of an answer of the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            _HEARD + question,
            {
                "now": now,
                "start": now - LONGEST,
                "rule": spec["rule"],
                "least_s": MIN_SILENCE_S,
                "most": AT_ONCE,
            },
        )
        return cursor.fetchall()


# Every device in use with its last packet, and from when on it is silent. A sighting tells the packet, for what a
# gateway sends on of a device's past is no packet of now; without one, a reading.
_HEARD = """
WITH heard AS (
    SELECT one.id, one.organisation_id, one.last, one.last + one.patience AS silent_at FROM (
        SELECT device.id, device.organisation_id,
               greatest(3 * device.report_interval_s, %(least_s)s) * interval '1 second' AS patience,
               greatest(latest.received_at, coalesce(sighting.received_at, (
                   SELECT max(observed.received_at) FROM observations_datastream stream
                   JOIN observations_latestobservation observed ON observed.datastream_id = stream.id
                   WHERE stream.device_id = device.id))) AS last
        FROM devices_device device
        LEFT JOIN tracks_latestposition latest ON latest.device_id = device.id
        LEFT JOIN devices_sighting sighting ON sighting.device_id = device.id
        WHERE device.active
    ) AS one
)
"""
_NEWLY_SILENT = """
SELECT heard.id, heard.organisation_id, heard.last FROM heard
LEFT JOIN alarms_silence looked ON looked.device_id = heard.id
WHERE heard.silent_at < %(now)s AND heard.last > %(start)s AND looked.last_packet_at IS DISTINCT FROM heard.last
ORDER BY heard.last LIMIT %(most)s
"""
_BACK = """
SELECT heard.id, heard.organisation_id, heard.last FROM heard
JOIN alarms_alarm alarm ON alarm.device_id = heard.id
WHERE alarm.rule = %(rule)s AND alarm.cleared_at IS NULL AND alarm.datastream_id IS NULL AND heard.silent_at >= %(now)s
ORDER BY heard.last LIMIT %(most)s
"""


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
    """This function will raise P-14 for who was inside for longer than their edition allows (12 h of the last 24), and
    clear it for who left."""
    rule = policy()["overtime"]["rule"]
    active: dict[str, Alarm] = {}
    for alarm in Alarm.objects.filter(rule=rule, cleared_at__isnull=True):
        active[alarm.subject] = alarm
    raised = 0
    for site in Site.objects.filter(pk__in=_tracked_sites(now - LONGEST)).select_related("organisation", "region"):
        spec = policy_of(site, now)["overtime"]
        start = now - timedelta(hours=spec["within_h"])
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
    rule = rule_of_site(site, spec["rule"], on=now)
    device = Device.objects.filter(person=person, active=True).order_by("pk").first()
    raise_alarm(
        site=site,
        rule=spec["rule"],
        level=spec["level"],
        title=device_title(Words.of(rule), person.full_name, _trade(person), None),
        zone=None,
        device=device,
        person_name=person.full_name,
        storey=None,
        location=None,
        raised_at=now,
        received_at=now,
        subject=subject_of(spec["rule"], key=str(person.pk)),
    )


def _trade(person: Person) -> Words:
    """Return the trade of somebody."""
    return Words(trade_name(person.trade, "zh"), trade_name(person.trade, "en"))
