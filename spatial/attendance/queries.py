"""Sheets of attendance, who is on the site, and which posts are manned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Q

from spatial.devices.models import Device
from spatial.devices.rules import is_stale
from spatial.people.models import Person
from spatial.people.queries import on_the_books, shifts_by_team, shifts_for
from spatial.people.rules import end_of_day, start_of_day
from spatial.people.shift_rules import ShiftSpan, ShiftTimes, spans
from spatial.tracks.models import LatestPosition

from .models import Correction, Post, PostMark, PresenceMark
from .rules import BUCKET, SEEN_NOW, UNSEEN, Day, Mark, attend, gaps, moments, split

Seen = list[tuple[datetime, bool]]


@dataclass(frozen=True)
class SheetRow:
    """A person's attendance of one shift of one day, and what was said beside it."""

    person: Person
    day: Day
    corrections: tuple[Correction, ...]


@dataclass(frozen=True)
class OnSite:
    """Somebody who is inside by the last that was heard; `seen_now` when that is fresh."""

    person: Person
    last_seen_at: datetime
    seen_now: bool


@dataclass(frozen=True)
class PostNow:
    """A post, whether it must be manned now, who is there, and its gaps of the day."""

    post: Post
    on_duty: bool
    there: list[Person]
    gaps: list[tuple[datetime, datetime]]

    @property
    def short(self) -> bool:
        """Return whether too few are there now."""
        return self.on_duty and len(self.there) < self.post.at_least


def seen_between(
    site: Any, start: datetime, end: datetime, person_ids: Iterable[UUID] | None = None
) -> dict[UUID, Seen]:
    """Return the moments inside and outside of the people of a site, by person."""
    rows = PresenceMark.objects.filter(site=site, bucket__gte=start - BUCKET, bucket__lt=end)
    if person_ids is not None:
        rows = rows.filter(person_id__in=list(person_ids))
    marks: dict[UUID, list[Mark]] = defaultdict(list)
    fields = ("person_id", "first_inside", "last_inside", "first_outside", "last_outside")
    for person_id, *held in rows.values_list(*fields):
        marks[person_id].append(Mark(*held))
    return {
        person_id: [(at, inside) for at, inside in moments(held) if start <= at < end]
        for person_id, held in marks.items()
    }


def sheet(site: Any, first: date, last: date, now: datetime, people: Iterable[Person] | None = None) -> list[SheetRow]:
    """Return the attendance of the days first to last: a row per person and shift they had, and a row for a day on
    which somebody was inside although no shift was theirs."""
    everybody = list(on_the_books(site) if people is None else people)
    by_team = shifts_by_team(site)
    start = start_of_day(first - timedelta(days=2), site.time_zone)
    end = end_of_day(last + timedelta(days=2), site.time_zone)
    seen = seen_between(site, start, end, [person.pk for person in everybody])
    said: dict[tuple[UUID, date], list[Correction]] = defaultdict(list)
    rows = Correction.objects.filter(site=site, day__gte=first, day__lte=last).select_related("made_by")
    for correction in rows.order_by("made_at"):
        said[correction.person_id, correction.day].append(correction)
    found = []
    for person in everybody:
        days = _days(person, seen.get(person.pk, []), by_team, (first, last), site.time_zone, now)
        found += [SheetRow(person, day, tuple(said.get((person.pk, day.day), ()))) for day in days]
    return found


def _days(
    person: Person,
    seen: Seen,
    by_team: dict[UUID | None, list[ShiftTimes]],
    period: tuple[date, date],
    time_zone: str,
    now: datetime,
) -> list[Day]:
    first, last = period
    around: list[ShiftSpan] = spans(
        shifts_for(person.team_id, by_team), first - timedelta(days=1), last + timedelta(days=1), time_zone
    )
    by_span, rest = split(seen, around)
    days = []
    for span, theirs in by_span.items():
        if first <= span.day <= last:
            days.append(attend(theirs, span.day, span, now))
    loose: dict[date, Seen] = defaultdict(list)
    zone = start_of_day(first, time_zone).tzinfo
    for at, inside in rest:
        loose[at.astimezone(zone).date()].append((at, inside))
    for day, theirs in loose.items():
        if first <= day <= last and any(inside for _, inside in theirs):
            days.append(attend(theirs, day, None, now))
    return sorted(_one_of_rotating(days), key=lambda one: (one.day, one.span.starts_at if one.span else now))


def _one_of_rotating(days: list[Day]) -> list[Day]:
    """Return the days without the absences of somebody who has several shifts a day and worked one of them: on
    rotating shifts nobody works all."""
    came = {day.day for day in days if day.came_at is not None}
    kept: list[Day] = []
    empty: set[date] = set()
    for day in days:
        if day.came_at is None:
            if day.day in came or day.day in empty:
                continue
            empty.add(day.day)
        kept.append(day)
    return kept


def on_site(site: Any, now: datetime) -> list[OnSite]:
    """Return who is inside the site by the last that was heard of them within a day (the real-name roll)."""
    rows = (
        PresenceMark.objects.filter(site=site, bucket__gte=now - timedelta(hours=24), bucket__lte=now)
        .values("person_id")
        .annotate(inside=Max("last_inside", filter=Q(last_inside__lte=now)), outside=Max("last_outside"))
    )
    last = {row["person_id"]: row["inside"] for row in rows if _is_inside(row["inside"], row["outside"])}
    people = Person.objects.filter(pk__in=last).select_related("team", "employer").order_by("full_name", "pk")
    return [OnSite(person, last[person.pk], now - last[person.pk] <= UNSEEN) for person in people]


def _is_inside(inside: datetime | None, outside: datetime | None) -> bool:
    return inside is not None and (outside is None or inside > outside)


def post_times(post: Post) -> ShiftTimes:
    """Return when a post must be manned, as the rules of shifts take it."""
    weekdays = frozenset(post.weekdays or range(1, 8))
    return ShiftTimes(post.name, post.starts, post.ends, weekdays, early_min=0, late_min=0)


def posts_now(site: Any, now: datetime) -> list[PostNow]:
    """Return the posts of a site: who is there now, and the gaps of today's duty (a night's duty is that of
    yesterday until it ends)."""
    posts = list(Post.objects.filter(site=site, active=True).select_related("zone").order_by("name"))
    zone = start_of_day(now.date(), site.time_zone).tzinfo
    today = now.astimezone(zone).date()
    there: dict[UUID, list[Person]] = defaultdict(list)
    fresh = PostMark.objects.filter(post__in=posts, last_at__gt=now - SEEN_NOW, last_at__lte=now)
    for mark in fresh.select_related("person").order_by("person__full_name"):
        if mark.person not in there[mark.post_id]:
            there[mark.post_id].append(mark.person)
    found = []
    for post in posts:
        duties = spans([post_times(post)], today - timedelta(days=1), today, site.time_zone)
        duty = next((one for one in duties if one.starts_at <= now < one.ends_at), None)
        latest = duty or next((one for one in reversed(duties) if one.ends_at <= now), None)
        open_gaps = post_gaps(post, latest, now) if latest else []
        found.append(PostNow(post, duty is not None, there[post.pk], open_gaps))
    return found


def post_gaps(post: Post, duty: ShiftSpan, now: datetime) -> list[tuple[datetime, datetime]]:
    """Return when a post had too few people within a duty."""
    rows = PostMark.objects.filter(post=post, bucket__gte=duty.starts_at - BUCKET, bucket__lt=duty.ends_at)
    manned = dict(rows.values("bucket").annotate(people=Count("person", distinct=True)).values_list("bucket", "people"))
    return gaps(manned, duty.starts_at, duty.ends_at, post.at_least, now)


def devices_in_zone(zone: Any, now: datetime) -> list[Device]:
    """Return the devices whose newest fresh fix lies in a zone's outline and height."""
    rows = LatestPosition.objects.filter(site_id=zone.site_id, device__active=True, point__within=zone.outline)
    found = []
    for row in rows.select_related("device").order_by("device__code"):
        height_m = float(row.point.z or 0.0)
        above = zone.bottom_m is None or height_m >= zone.bottom_m
        below = zone.top_m is None or height_m <= zone.top_m
        if above and below and not is_stale(row.fix_time, row.device.report_interval_s, now):
            found.append(row.device)
    return found
