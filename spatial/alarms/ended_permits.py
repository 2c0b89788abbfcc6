"""Who is still in the zone of a work permit when it ends breaks the rules of the zone's fence from then on. By the
clock, without any message."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from spatial.alarms.catalogue import policy
from spatial.alarms.models import Alarm
from spatial.alarms.queries import rule_of_site
from spatial.alarms.raising import raise_alarm
from spatial.alarms.rules import entry_title, level_of, subject_of
from spatial.fences.models import Presence
from spatial.fences.permissions import breaches
from spatial.fences.queries import site_fences
from spatial.people.models import Person
from spatial.permits.models import WorkPermit
from spatial.permits.queries import HELD, LOOK_BACK, facts_of_people, window_of
from spatial.tracks.queries import last_place
from spatial.zones.models import Zone


def follow_ended_permits(*, now: datetime) -> int:
    """This function will raise the rules of a fence for who is still inside it when the permit that let them in ends;
    leaving clears them as it does any entry. Returns how many were raised."""
    ended = WorkPermit.objects.filter(state__in=HELD, zone__fence__active=True, zone__active=True)
    ended = ended.filter(
        Q(ends_at__lte=now, ends_at__gt=now - LOOK_BACK) | Q(closed_at__lte=now, closed_at__gt=now - LOOK_BACK)
    )
    latest: dict[tuple[UUID, UUID], datetime] = defaultdict(lambda: datetime.min.replace(tzinfo=now.tzinfo))
    for permit in ended.prefetch_related("entrants").order_by("pk"):
        people = {entrant.person_id for entrant in permit.entrants.all()} | {permit.attendant_id}
        for person_id in people - {None}:
            key = (permit.zone_id, person_id)
            latest[key] = max(latest[key], window_of(permit).ends_at)  # type: ignore[index]
    if not latest:
        return 0
    rows = Presence.objects.filter(inside=True, since__isnull=False, device__active=True)
    rows = rows.filter(zone_id__in={zone for zone, _ in latest}, device__person_id__in={person for _, person in latest})
    related = ("device__person", "device__site__organisation", "device__site__region")
    count = 0
    for row in rows.select_related(*related).order_by("pk"):
        person = row.device.person
        end = latest.get((row.zone_id, person.pk)) if person is not None else None
        if person is not None and end is not None and row.since is not None and row.since < end <= now:
            with transaction.atomic():
                count += _raise_ended(row, person, end, now)
    return count


def _raise_ended(presence: Presence, person: Person, end: datetime, now: datetime) -> int:
    device, site = presence.device, presence.device.site
    fences = site_fences(site)
    facts = fences.facts.get(presence.zone_id)
    if facts is None:
        return 0
    known_of = facts_of_people(site, now, [person.pk])[person.pk]
    place, storey = last_place(device)
    raised = 0
    for rule in breaches(facts.permissions, presence.zone_id, known_of, now):
        known = Alarm.objects.filter(site=site, rule=rule, zone_id=presence.zone_id, device=device)
        if rule == policy()["confined"]["rule"] or known.filter(Q(cleared_at=None) | Q(raised_at__gte=end)).exists():
            continue
        row = rule_of_site(site, rule, on=now)
        raise_alarm(
            site=site,
            rule=rule,
            level=level_of(row),
            title=entry_title(row["zh"], person.full_name, facts.zone_name, storey.name if storey else ""),
            zone=Zone.objects.get(pk=presence.zone_id),
            device=device,
            person_name=person.full_name,
            storey=storey,
            location=place,
            raised_at=end,
            received_at=now,
            late=False,
            subject=subject_of(rule, device_id=device.pk, zone_id=presence.zone_id),
            condition="fence/entered",
        )
        raised += 1
    return raised
