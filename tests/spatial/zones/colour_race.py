"""People and devices change facts on many sites while others read remembered colours: is one ever old?

Every reading compares, inside one snapshot of the database, what a page would be shown with what the rule says of the
facts of that very snapshot.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import Point
from django.db import connection, transaction
from django.utils import timezone

from spatial.places.operations import move_anchor
from spatial.risks.models import RiskPoint
from spatial.risks.operations import set_risk_point_state
from spatial.rulebook.queries import edition_for
from spatial.zones.cached_colours import fresh_colours, fresh_grades, remembered_grades
from spatial.zones.models import Zone
from spatial.zones.operations import end_triggers, start_trigger
from spatial.zones.set_colours import colours_of_sites


@dataclass
class Race:
    """How many facts were written, sites and objects read, and how many of these showed an old colour."""

    writes: int = 0
    readings: int = 0
    sites_read: int = 0
    objects_read: int = 0
    old: int = 0


def write_facts(sites: Sequence[Any], count: int, seed: int) -> int:
    """Change `count` facts, each of a site by chance: alarms, overdue tickets, states, places, zones."""
    dice = random.Random(seed)
    try:
        for number in range(count):
            _write_one(dice.choice(sites), dice, f"{seed}-{number}")
    finally:
        connection.close()
    return count


def _write_one(site: Any, dice: random.Random, name: str) -> None:
    now = timezone.now()
    points = list(RiskPoint.objects.filter(site=site).select_related("anchor__site")[:20])
    match dice.randrange(6):
        case 0 | 1:
            kind = dice.choice(("ALARM_RED", "ALARM_YELLOW", "HAZ_GENERAL_OVERDUE", "CONTROL_MISSED"))
            point = dice.choice(points) if points and dice.random() < 0.5 else None
            start_trigger(
                site=site, kind=kind, starts_at=now, source_kind="race", source_id=f"{site.pk}-{kind}",
                source_label=name, risk_point=point, edition=edition_for(site, on=now.date()), now=now,
            )  # fmt: skip
        case 2:
            kind = dice.choice(("ALARM_RED", "ALARM_YELLOW", "HAZ_GENERAL_OVERDUE", "CONTROL_MISSED"))
            end_triggers(source_kind="race", source_id=f"{site.pk}-{kind}", at=now)
        case 3 if points:
            state = dice.choice(("active", "suspended", "closed"))
            set_risk_point_state(point=dice.choice(points), state=state, reason="试", actor=None, now=now)
        case 4 if points:
            anchor = dice.choice(points).anchor
            place = anchor.geometry
            moved = Point(place.x + dice.uniform(-1, 1) * 1e-4, place.y, place.z, srid=place.srid)
            move_anchor(anchor=anchor, geometry=moved, actor=None, now=now)
        case _:
            zone = Zone.objects.filter(site=site).order_by("code").first()
            if zone is not None:
                Zone.objects.filter(pk=zone.pk).update(active=dice.random() < 0.7, known_from=now)


def read_colours(sites: Sequence[Any], count: int, seed: int) -> Race:
    """Read `count` times the colours of ten sites by chance, each time against the rule in the same snapshot."""
    dice, found = random.Random(seed), Race()
    try:
        for _ in range(count):
            asked = dice.sample(list(sites), min(10, len(sites)))
            ids = [site.pk for site in asked]
            remembered_grades(ids, now=timezone.now())
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                _compare(asked, ids, found)
    finally:
        connection.close()
    return found


def _compare(asked: Sequence[Any], ids: Sequence[UUID], found: Race) -> None:
    now = timezone.now()
    shown_sites, shown = fresh_grades(ids, now=now), fresh_colours(ids, now=now)
    truth = {UUID(row.id): row.grade for row in colours_of_sites(asked, now=now)}
    found.readings += 1
    found.sites_read += len(shown_sites)
    found.objects_read += len(shown)
    found.old += sum(truth[key] != grade.grade for key, grade in shown_sites.items())
    found.old += sum(key in truth and truth[key] != grade for key, grade in shown.items())


def race(sites: Sequence[Any], *, writers: int, writes: int, readers: int, readings: int, seed: int = 1) -> Race:
    """Let writers and readers run at once, each on a connection of its own; return what was read."""
    total = Race()
    with ThreadPoolExecutor(writers + readers) as pool:
        writing = [pool.submit(write_facts, sites, writes, seed + n) for n in range(writers)]
        reading = [pool.submit(read_colours, sites, readings, seed + 100 + n) for n in range(readers)]
        total.writes = sum(job.result() for job in writing)
        for job in reading:
            one = job.result()
            total.readings += one.readings
            total.sites_read += one.sites_read
            total.objects_read += one.objects_read
            total.old += one.old
    return total
