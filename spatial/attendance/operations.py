"""Note who was inside when, correct a day beside it, and set up posts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import shapely
from django.db import connection, transaction

from spatial import crs
from spatial.ledger.operations import record_act
from spatial.people.models import Person, Role
from spatial.people.queries import roles_on

from .models import Correction, Post
from .rules import bucket_of

CORRECTORS = {Role.SITE_SAFETY, Role.PROJECT_MANAGER, Role.ENTERPRISE_SAFETY}


class AttendanceRefused(ValueError):
    """A correction or post cannot be stored; `code` names the sentence, the message says what to do."""

    def __init__(self, code: str, message: str, field: str = "") -> None:
        self.code, self.field = code, field
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Seen:
    """A person at a moment on the plan of a site, inside its fence or not."""

    site: Any
    person_id: UUID
    at: datetime
    inside: bool
    east_m: float
    north_m: float


@transaction.atomic
def note_presence(*, seen: Sequence[Seen]) -> None:
    """This function will keep the earliest and latest moments of people inside and outside, and at their posts.

    Runs in the transaction of an ingest batch as the storing of positions does; it writes no act.
    """
    marks: dict[tuple[UUID, UUID, datetime], list[datetime | None]] = {}
    for one in seen:
        held = marks.setdefault((one.site.pk, one.person_id, bucket_of(one.at)), [None, None, None, None])
        first, last = (0, 1) if one.inside else (2, 3)
        held[first] = min(held[first] or one.at, one.at)
        held[last] = max(held[last] or one.at, one.at)
    if not marks:
        return
    rows = [(*key, *held) for key, held in sorted(marks.items(), key=lambda item: str(item[0]))]
    with connection.cursor() as cursor:
        cursor.executemany(_MARK, rows)
    _note_posts(seen)


_MARK = """
INSERT INTO attendance_presencemark AS held
    (site_id, person_id, bucket, first_inside, last_inside, first_outside, last_outside)
VALUES (%s, %s, %s, %s, %s, %s, %s)
ON CONFLICT ON CONSTRAINT presence_mark_once DO UPDATE SET
    first_inside = least(held.first_inside, excluded.first_inside),
    last_inside = greatest(held.last_inside, excluded.last_inside),
    first_outside = least(held.first_outside, excluded.first_outside),
    last_outside = greatest(held.last_outside, excluded.last_outside)
"""


def _note_posts(seen: Sequence[Seen]) -> None:
    """Note who of a post was where the post is: in its zone, or anywhere inside the site."""
    sites = {one.site.pk: one.site for one in seen}
    posts = list(Post.objects.filter(site__in=sites, active=True).select_related("zone").prefetch_related("people"))
    if not posts:
        return
    trades = dict(Person.objects.filter(pk__in={one.person_id for one in seen}).values_list("pk", "trade"))
    marks: dict[tuple[UUID, UUID, datetime], list[datetime]] = defaultdict(list)
    for post in posts:
        named = {person.pk for person in post.people.all()}
        theirs = [
            one
            for one in seen
            if one.site.pk == post.site_id
            and one.inside
            and (one.person_id in named or (post.trade and trades.get(one.person_id) == post.trade))
        ]
        for one in _in_zone(post.zone, sites[post.site_id], theirs):
            marks[post.pk, one.person_id, bucket_of(one.at)].append(one.at)
    rows = [(*key, min(times), max(times)) for key, times in sorted(marks.items(), key=lambda item: str(item[0]))]
    with connection.cursor() as cursor:
        if rows:
            cursor.executemany(_POST_MARK, rows)


def _in_zone(zone: Any | None, site: Any, seen: list[Seen]) -> list[Seen]:
    if zone is None or not seen:
        return seen
    outline = shapely.from_wkb(bytes(zone.outline.wkb))
    shape = crs.transform_shape(shapely.force_2d(outline), from_srid=crs.STORAGE_SRID, to_srid=site.projected_srid)
    held = shapely.contains_xy(shape, [one.east_m for one in seen], [one.north_m for one in seen])
    return [one for one, is_in in zip(seen, held, strict=True) if is_in]


_POST_MARK = """
INSERT INTO attendance_postmark AS held (post_id, person_id, bucket, first_at, last_at) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT ON CONSTRAINT post_mark_once DO UPDATE SET
    first_at = least(held.first_at, excluded.first_at), last_at = greatest(held.last_at, excluded.last_at)
"""


@transaction.atomic
def correct_day(
    *, person: Person, day: date, came_at: datetime, left_at: datetime, reason: str, actor: Any, now: datetime
) -> Correction:
    """This function will write what somebody says of a person's day, beside what the fence saw. Raises
    AttendanceRefused."""
    if not roles_on(actor, person.site) & CORRECTORS:
        raise AttendanceRefused("not_yours", "Days are corrected by the safety officer or the project manager.")
    if not came_at < left_at <= now:
        raise AttendanceRefused("times", "Leaving must be after coming, and both be over.", "left_at")
    if left_at - came_at > timedelta(hours=24):
        raise AttendanceRefused("times", "A day of work has at most 24 hours.", "left_at")
    if not reason.strip():
        raise AttendanceRefused("no_reason", "Say why, and what shows it.", "reason")
    correction = Correction.objects.create(
        organisation=person.organisation, site=person.site, person=person, day=day, came_at=came_at, left_at=left_at,
        reason=reason.strip(), made_by=actor, made_at=now,
    )  # fmt: skip
    details = {"day": day.isoformat(), "came": came_at, "left": left_at, "reason": correction.reason}
    _act(correction, "correct_attendance", actor, now, details)
    return correction


@transaction.atomic
def create_post(
    *,
    site: Any,
    name: str,
    starts: time,
    ends: time,
    actor: Any | None,
    now: datetime,
    trade: str = "",
    people: Iterable[Person] = (),
    zone: Any | None = None,
    weekdays: Iterable[int] = (),
    at_least: int = 1,
) -> Post:
    """This function will say that a post must be manned, when, where and by whom. Raises AttendanceRefused."""
    named = list(people)
    if actor is not None and not roles_on(actor, site) & CORRECTORS:
        raise AttendanceRefused("not_yours", "Posts are set up by the safety officer or the project manager.")
    if not name.strip() or Post.objects.filter(site=site, name=name.strip(), active=True).exists():
        raise AttendanceRefused("name", "Give the post a name that no other post has.", "name")
    if not trade and not named:
        raise AttendanceRefused("nobody", "Say who may man it: a trade or people.", "trade")
    if any(person.site_id != site.pk for person in named) or (zone is not None and zone.site_id != site.pk):
        raise AttendanceRefused("stranger", "People and zone must be of this site.", "people")
    days = sorted(set(weekdays))
    if not set(days) <= set(range(1, 8)) or not 1 <= at_least <= 99:
        raise AttendanceRefused("numbers", "Weekdays are 1 to 7 and at least 1 person is needed.", "at_least")
    post = Post.objects.create(
        organisation=site.organisation, site=site, name=name.strip(), trade=trade, zone=zone, starts=starts, ends=ends,
        weekdays=days, at_least=at_least,
    )  # fmt: skip
    post.people.set(named)
    _act(post, "create_post", actor, now, {"name": post.name, "trade": trade, "at_least": at_least})
    return post


@transaction.atomic
def end_post(*, post: Post, actor: Any | None, now: datetime) -> Post:
    """This function will take a post off the list; its marks stay. Raises AttendanceRefused."""
    if actor is not None and not roles_on(actor, post.site) & CORRECTORS:
        raise AttendanceRefused("not_yours", "Posts are set up by the safety officer or the project manager.")
    post.active = False
    post.save(update_fields=["active"])
    _act(post, "end_post", actor, now, {"name": post.name})
    return post


def _act(row: Any, verb: str, actor: Any | None, now: datetime, details: dict[str, Any]) -> None:
    record_act(
        organisation=row.organisation,
        site=row.site,
        actor=actor,
        verb=verb,
        subject_kind=row._meta.model_name,
        subject_id=row.pk,
        details=details,
        occurred_at=now,
        received_at=now,
    )
