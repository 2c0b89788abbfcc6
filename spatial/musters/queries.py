"""The roll of a muster and how everybody on it stands now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from spatial.attendance.queries import on_site
from spatial.devices.rules import is_stale
from spatial.musters.models import Muster, MusterEntry
from spatial.musters.rules import LastFix, State, is_safe, state_of, where_missing
from spatial.people.models import Person, Role
from spatial.people.queries import roles_on

MAY_START = frozenset(
    {Role.SITE_SAFETY, Role.PROJECT_MANAGER, Role.ENTERPRISE_SAFETY, Role.ENTERPRISE_HEAD, Role.SUPERVISION_ENGINEER}
)
MAY_TICK = MAY_START | {Role.WORKER, Role.BIM_ENGINEER}
ON_SITE_SINCE = timedelta(hours=1)
"""A helmet that was heard within this time before the muster puts its wearer on the roll, silent or not."""


@dataclass(frozen=True)
class Standing:
    """How somebody on the roll stands."""

    entry: MusterEntry
    state: State
    fix: LastFix | None

    @property
    def safe(self) -> bool:
        return is_safe(self.state)


@dataclass(frozen=True)
class MusterNow:
    """A muster with everybody on its roll: the missing first, those unheard of for longest on top."""

    muster: Muster
    standings: list[Standing]

    @property
    def missing(self) -> list[Standing]:
        return [one for one in self.standings if not one.safe]

    @property
    def safe(self) -> list[Standing]:
        return [one for one in self.standings if one.safe]

    @property
    def missing_by_storey(self) -> list[tuple[str, int]]:
        """Return storeys with how many are missing there by their last fix; "" where nothing is known."""
        return where_missing(
            (one.fix.storey, one.fix.storey_height_m) if one.fix else ("", None) for one in self.missing
        )

    @property
    def at_assembly(self) -> list[tuple[str, int]]:
        """Return assembly areas with how many stand there by their fix."""
        return sorted(Counter(one.fix.assembly for one in self.safe if one.fix and one.fix.assembly).items())


def visible(user: Any) -> QuerySet[Muster]:
    """Return the musters on sites that a user may see, newest first."""
    return Muster.objects.visible_to(user).select_related("site", "started_by", "ended_by")


def running_muster(site: Any) -> Muster | None:
    """Return the muster of a site that has not ended."""
    return Muster.objects.filter(site=site, ended_at__isnull=True).select_related("started_by", "site").first()


def rolls_of_running(site_ids: Iterable[UUID]) -> dict[UUID, tuple[datetime, frozenset[UUID]]]:
    """Return when the musters that run on sites began, and who is on their rolls, by site."""
    running = Muster.objects.filter(site_id__in=list(site_ids), ended_at__isnull=True)
    found = {}
    for muster in running:
        people = muster.entries.filter(person__isnull=False).values_list("person_id", flat=True)
        found[muster.site_id] = (muster.started_at, frozenset(people))
    return found


def may_start(user: Any, site: Any) -> bool:
    """Tell whether a user may begin and end musters on a site."""
    return bool(user.is_superuser or roles_on(user, site) & MAY_START)


def may_tick(user: Any, site: Any) -> bool:
    """Tell whether a user may tick somebody of a site as safe."""
    return bool(user.is_superuser or roles_on(user, site) & MAY_TICK)


def roll_at(site: Any, *, now: datetime) -> dict[UUID, str]:
    """Return who is on site: everybody with a fix within the last hour, and whom attendance has inside."""
    found = {row.person.pk: "attendance" for row in on_site(site, now)}
    for person_id, fix in last_fixes(site, now=now).items():
        if now - fix.at <= ON_SITE_SINCE:
            found[person_id] = "fix"
    return found


_LAST = """
SELECT DISTINCT ON (device.person_id)
    device.person_id, held.fix_time, device.report_interval_s, storey.name, storey.elevation_m, area.name,
    ST_X(held.point), ST_Y(held.point), coalesce(ST_Z(held.point), 0)
FROM tracks_latestposition AS held
JOIN devices_device AS device ON device.id = held.device_id AND device.active
LEFT JOIN places_storey AS storey ON storey.id = held.storey_id
LEFT JOIN LATERAL (
    SELECT zone.name FROM zones_zone AS zone
    WHERE zone.site_id = held.site_id AND zone.kind = 'assembly' AND zone.active
      AND ST_Covers(zone.outline, ST_Force2D(held.point))
    ORDER BY zone.code LIMIT 1
) AS area ON true
WHERE held.site_id = %s AND device.person_id IS NOT NULL
ORDER BY device.person_id, held.fix_time DESC
"""


def last_fixes(site: Any, *, now: datetime) -> dict[UUID, LastFix]:
    """Return the newest fix of each wearer of a site, with storey and assembly area: one set-based question."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST, [site.pk])
        rows = cursor.fetchall()
    return {
        person_id: LastFix(at, is_stale(at, interval_s, now), storey or "", height, area or "", lon, lat, z)
        for person_id, at, interval_s, storey, height, area, lon, lat, z in rows
    }


def standings_of(muster: Muster, *, now: datetime) -> MusterNow:
    """Return how everybody on the roll of a running muster stands at `now`."""
    fixes = last_fixes(muster.site, now=now)
    entries = MusterEntry.objects.filter(muster=muster).select_related("ticked_by")
    return MusterNow(muster, sorted(_standings(entries, fixes, muster.started_at), key=_urgency))


def _standings(entries: Iterable[MusterEntry], fixes: dict[UUID, LastFix], started_at: datetime) -> Iterable[Standing]:
    for entry in entries:
        fix = fixes.get(entry.person_id) if entry.person_id else None
        yield Standing(entry, state_of(ticked=entry.ticked_at is not None, fix=fix, started_at=started_at), fix)


def _urgency(one: Standing) -> tuple[bool, bool, float, str]:
    seen = one.fix.at.timestamp() if one.fix else 0.0
    return one.safe, one.state == "moving", seen, one.entry.name


def not_on_roll(muster: Muster, text: str) -> QuerySet[Person]:
    """Return people of the site with this text in their name who are not on the roll, to be added by hand."""
    listed = MusterEntry.objects.filter(muster=muster, person__isnull=False).values("person")
    rows = Person.objects.filter(site_id=muster.site_id, full_name__icontains=text.strip()).exclude(pk__in=listed)
    return rows.select_related("team").order_by("full_name")[:20]
