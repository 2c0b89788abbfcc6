"""Who is still in a fenced zone when the paper that let them in ends breaks the rules of its fence from then on: a work
permit, a certificate (P-12), a safety briefing (P-13). By the clock, without any message."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from spatial.alarms.catalogue import policy
from spatial.alarms.models import Alarm
from spatial.alarms.queries import rule_of_site
from spatial.alarms.raising import raise_alarm
from spatial.alarms.rules import level_of, subject_of
from spatial.alarms.titles import Words, entry_title
from spatial.fences.models import Presence
from spatial.fences.permissions import Permissions, breaches
from spatial.fences.queries import FenceFacts, site_fences
from spatial.people.models import Person
from spatial.people.queries import PaperEnds, paper_ends
from spatial.permits.models import WorkPermit
from spatial.permits.queries import HELD, LOOK_BACK, facts_of_people, window_of
from spatial.tracks.queries import last_place
from spatial.zones.models import Zone


@dataclass(frozen=True)
class _Inside:
    """Somebody inside a fence, and when what a rule asks of them ended while they were there, by rule."""

    presence: Presence
    person: Person
    fence: FenceFacts
    ends: dict[str, datetime]


def follow_ended_papers(*, now: datetime) -> int:
    """This function will raise the rules of a fence for who is still inside it when a permit, certificate or briefing
    that let them in ends; leaving clears them as it does any entry. Returns how many were raised.

    Each end is raised once: what was cleared since stays so. One that follows without a gap leaves nothing to raise.
    """
    by_site: dict[UUID, list[_Inside]] = defaultdict(list)
    for one in _with_an_end(now):
        by_site[one.presence.device.site_id].append(one)
    count = 0
    for rows in by_site.values():
        site = rows[0].presence.device.site
        known_of = facts_of_people(site, now, {one.person.pk for one in rows})
        for one in rows:
            broken = breaches(one.fence.permissions, one.fence.zone_id, known_of[one.person.pk], now)
            with transaction.atomic():
                for rule in broken:
                    if rule in one.ends and not _is_known(one, rule):
                        _raise_ended(one, rule, now)
                        count += 1
    return count


def _with_an_end(now: datetime) -> list[_Inside]:
    """Return who is inside, with what ended of them there, but for rules that look at it themselves (C-01)."""
    rows = Presence.objects.filter(inside=True, since__lt=now, device__active=True, device__person__isnull=False)
    rows = rows.filter(zone__active=True, zone__fence__active=True)
    permits = _permit_ends(now)
    asks = Q(zone__fence__needs_briefing=True) | ~Q(zone__fence__certificates=[])
    rows = rows.filter(asks | Q(zone_id__in={zone for zone, _ in permits}))
    related = ("device__person__site", "device__site__organisation", "device__site__region")
    inside = list(rows.select_related(*related).order_by("pk"))
    people = [row.device.person for row in inside if row.device.person is not None]
    papers = paper_ends(people, now - LOOK_BACK, now)
    fences = {site.pk: site_fences(site) for site in {row.device.site for row in inside}}
    found = []
    for row in inside:
        person = row.device.person
        fence = fences[row.device.site_id].facts.get(row.zone_id)
        if person is None or row.since is None or fence is None:
            continue
        ends = _ends_of(fence.permissions, permits.get((row.zone_id, person.pk)), papers[person.pk])
        ends = {rule: end for rule, end in ends.items() if row.since < end <= now}
        ends.pop(policy()["confined"]["rule"], None)
        if ends:
            found.append(_Inside(row, person, fence, ends))
    return found


def _ends_of(asked: Permissions, permit_end: datetime | None, papers: PaperEnds) -> dict[str, datetime]:
    """Return when what each rule of a fence asks for ended last, as far as it ended at all."""
    kinds = [papers.certificates[kind] for kind in asked.certificates if kind in papers.certificates]
    briefing = papers.briefing if asked.needs_briefing else None
    ends: dict[str, datetime] = {}
    given = ((asked.rule, permit_end), ("P-03", permit_end), ("P-12", max(kinds, default=None)), ("P-13", briefing))
    for rule, end in given:
        if end is not None:
            ends[rule] = max(ends.get(rule, end), end)
    return ends


def _permit_ends(now: datetime) -> dict[tuple[UUID, UUID], datetime]:
    """Return when permits ended last, by zone and person."""
    ended = WorkPermit.objects.filter(state__in=HELD, zone__fence__active=True, zone__active=True)
    ended = ended.filter(
        Q(ends_at__lte=now, ends_at__gt=now - LOOK_BACK) | Q(closed_at__lte=now, closed_at__gt=now - LOOK_BACK)
    )
    latest: dict[tuple[UUID, UUID], datetime] = {}
    for permit in ended.prefetch_related("entrants").order_by("pk"):
        people: Iterable[UUID | None] = {*(entrant.person_id for entrant in permit.entrants.all()), permit.attendant_id}
        for person_id in people:
            if permit.zone_id is not None and person_id is not None:
                key, end = (permit.zone_id, person_id), window_of(permit).ends_at
                latest[key] = max(latest.get(key, end), end)
    return latest


def _is_known(one: _Inside, rule: str) -> bool:
    """Whether the rule is broken in an alarm already: one that is active, or was raised since the end."""
    known = Alarm.objects.filter(rule=rule, zone_id=one.fence.zone_id, device=one.presence.device)
    return known.filter(Q(cleared_at=None) | Q(raised_at__gte=one.ends[rule])).exists()


def _raise_ended(one: _Inside, rule: str, now: datetime) -> None:
    device = one.presence.device
    row = rule_of_site(device.site, rule, on=now)
    place, storey = last_place(device)
    raise_alarm(
        site=device.site,
        rule=rule,
        level=level_of(row),
        title=entry_title(Words.of(row), one.person.full_name, one.fence.zone_name, storey.name if storey else ""),
        zone=Zone.objects.get(pk=one.fence.zone_id),
        device=device,
        person_name=one.person.full_name,
        storey=storey,
        location=place,
        raised_at=one.ends[rule],
        received_at=now,
        late=False,
        subject=subject_of(rule, device_id=device.pk, zone_id=one.fence.zone_id),
        condition="fence/entered",
    )
