"""Who is on a site and carries what: the facts about people that do not change with every fix."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from ninja import Schema

from spatial.attendance.queries import on_site
from spatial.devices.models import Device
from spatial.fences.models import FenceProfile
from spatial.places.models import Site

from .naming import stand_in_of

MOVEMENT_WINDOW_S = 60


class RollEntry(Schema):
    """A device in use with its wearer; times in epoch milliseconds.

    `since` is the first fix of the site's day, `minute_ago` where the device was a minute before its newest fix.
    """

    id: UUID
    code: str
    kind: str
    person_id: UUID | None
    name: str
    trade: str
    team: str
    since: int | None
    minute_ago: tuple[float, float] | None


class WithoutFix(Schema):
    """Somebody whom attendance has on the site, but no device of whom is known to this roll."""

    name: str
    trade: str
    team: str
    last_seen: int


class Roll(Schema):
    """The roll of a site at `now`: devices in use, the most people that each zone may hold, and who has no device."""

    now: int
    items: list[RollEntry]
    limits: dict[UUID, int]
    without_fix: list[WithoutFix]


def roll_of(site: Site, *, now: datetime, named: bool) -> Roll:
    """Return who carries which device on a site, since when they are there, and where they were a minute ago.

    Not `named`, everybody is their trade.
    """
    day_start = datetime.combine(now.astimezone(ZoneInfo(site.time_zone)).date(), time(), ZoneInfo(site.time_zone))
    seen = _seen(site, day_start)
    devices = Device.objects.filter(site=site, active=True).select_related("person__team").order_by("code")
    entries = [_entry(device, seen.get(device.pk), named=named) for device in devices]
    carried = {entry.person_id for entry in entries if entry.since}
    fences = FenceProfile.objects.filter(site=site, active=True, person_limit__isnull=False)
    return Roll(
        now=_ms(now),
        items=entries,
        limits={fence.zone_id: fence.person_limit for fence in fences if fence.person_limit},
        without_fix=[
            WithoutFix(
                name=row.person.full_name if named else "",
                trade=row.person.trade,
                team=row.person.team.name if row.person.team else "",
                last_seen=_ms(row.last_seen_at),
            )
            for row in on_site(site, now)
            if row.person.pk not in carried
        ],
    )


def _entry(
    device: Device, seen: tuple[datetime | None, float | None, float | None] | None, *, named: bool
) -> RollEntry:
    person: Any = device.person
    since, lon, lat = seen or (None, None, None)
    return RollEntry(
        id=device.pk,
        code=device.code,
        kind=device.kind,
        person_id=person.pk if person else None,
        name=(person.full_name if person else device.name) if named else stand_in_of(device),
        trade=person.trade if person else "",
        team=person.team.name if person and person.team else "",
        since=_ms(since) if since else None,
        minute_ago=(lon, lat) if lon is not None and lat is not None else None,
    )


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


_SEEN = """
SELECT held.device_id, first.fix_time, ST_X(before.point), ST_Y(before.point)
FROM tracks_latestposition AS held
LEFT JOIN LATERAL (
    SELECT least(
        (SELECT min(fix_time) FROM tracks_position
         WHERE device_id = held.device_id AND fix_time >= %(day)s AND plausible),
        (SELECT min(starts_at) FROM tracks_tracksegment
         WHERE device_id = held.device_id AND starts_at >= %(day)s AND plausible)
    ) AS fix_time
) AS first ON true
LEFT JOIN LATERAL (
    SELECT point FROM tracks_position
    WHERE device_id = held.device_id AND plausible
      AND fix_time BETWEEN held.fix_time - make_interval(secs => %(window)s)
                      AND held.fix_time - make_interval(secs => %(window)s / 2.0)
    ORDER BY fix_time LIMIT 1
) AS before ON true
WHERE held.site_id = %(site)s
"""


def _seen(site: Site, day_start: datetime) -> dict[UUID, tuple[datetime | None, float | None, float | None]]:
    """Return per device its first fix of the day, and where it was a minute before its newest one."""
    with connection.cursor() as cursor:
        cursor.execute(_SEEN, {"site": site.pk, "day": day_start, "window": MOVEMENT_WINDOW_S})
        return {device: (since, lon, lat) for device, since, lon, lat in cursor.fetchall()}
