"""The colour rule as one SQL statement over sets: for region maps, counts and tiles, and as rules.py's check."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection

from spatial.rulebook.queries import current_edition, editions_for, table

SQL_FOLDER = Path(__file__).resolve().parent / "sql"


@dataclass(frozen=True)
class SetColour:
    """One row of the statement: a risk point, zone or site with its grade (and index, for places)."""

    kind: str
    id: str
    grade: int
    inherent: int | None
    residual: int | None
    index: float | None


@dataclass(frozen=True)
class RegionColour:
    """A region's grade and score (0 to 100), and how many of its sites have each grade."""

    grade: int
    score: float
    counts: Mapping[int, int]


@dataclass(frozen=True)
class SiteSum:
    """A site's grade, and how many triggers of each kind hold there."""

    grade: int
    held: Mapping[str, int]


@cache
def _statement(inputs: str, result: str, same_case: str = "true") -> str:
    parts = [(SQL_FOLDER / name).read_text(encoding="utf-8") for name in (inputs, "colours.sql", result)]
    return "".join(parts).replace("{same_case}", same_case)


def _rows(sql: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def stored_statement() -> str:
    """Return the colour rule over the stored facts: parameters now_at, table and site_ids; rows of a SetColour."""
    return _statement("inputs_stored.sql", "colours_places.sql")


def colours_of_cases(cases: Sequence[Mapping[str, Any]], content: Mapping[str, Any]) -> list[SetColour]:
    """Return the colours of point and zone cases; ids are "case number" and "case number/point number" from 1."""
    parameters = {"cases": json.dumps(list(cases)), "table": json.dumps(content)}
    statement = _statement("inputs_given.sql", "colours_places.sql", "c.case_id = t.case_id")
    return [SetColour(*row) for row in _rows(statement, parameters)]


def colours_of_sites(sites: Iterable[Any], *, now: datetime) -> list[SetColour]:
    """Return grade and index of every site, its zones and its risk points at `now`: one statement per edition.

    `sites` come with organisation and region selected, or cost a query each.
    """
    return [SetColour(*row) for row in _colours(stored_statement(), sites, now)]


def _colours(statement: str, sites: Iterable[Any], now: datetime) -> Iterator[tuple[Any, ...]]:
    for content, site_ids in by_content(sites, now=now):
        yield from _rows(statement, {"now_at": now, "table": content, "site_ids": site_ids})


def by_content(sites: Iterable[Any], *, now: datetime) -> list[tuple[str, list[UUID]]]:
    """Return the sites by the table of colours that they follow on the day of `now`: (table as JSON, site ids)."""
    grouped: dict[str, list[UUID]] = defaultdict(list)
    written: dict[UUID, str] = {}
    for site_id, edition in editions_for(sites, on=now).items():
        if edition.pk not in written:
            written[edition.pk] = json.dumps(table(edition, "zone_triggers"))
        grouped[written[edition.pk]].append(site_id)
    return list(grouped.items())


def site_sums(sites: Iterable[Any], *, now: datetime) -> dict[UUID, SiteSum]:
    """Return every site's grade and what holds there at `now`, without asking which zone holds what: it does not
    matter to a site."""
    rows = _colours(_statement("inputs_sites.sql", "colours_sites.sql"), sites, now)
    return {site_id: SiteSum(grade, json.loads(held)) for site_id, grade, held in rows}


def site_grades(sites: Iterable[Any], *, now: datetime) -> dict[UUID, int]:
    """Return the grade of every site at `now`."""
    return {site_id: found.grade for site_id, found in site_sums(sites, now=now).items()}


def region_shares(sites: Sequence[Mapping[str, Any]], content: Mapping[str, Any]) -> dict[str, RegionColour]:
    """Return the colour of each region from rows of region, grade, weight and the facts that force a colour."""
    sql = (SQL_FOLDER / "region.sql").read_text(encoding="utf-8")
    rows = _rows(sql, {"sites": json.dumps(list(sites)), "table": json.dumps(content)})
    return {
        region: RegionColour(grade, score, {4: red, 3: orange, 2: yellow, 1: blue, 0: grey})
        for region, grade, score, red, orange, yellow, blue, grey in rows
    }


def region_colours(sites: Iterable[Any], *, now: datetime) -> dict[UUID, RegionColour]:
    """Return the colour of every region that has sites, counting each site also for the regions above its own.

    Supervised deadlines and fatal accidents are not kept yet, so nothing forces a region's colour.
    """
    sites = list(sites)
    content = table(current_edition(on=now.date()), "zone_triggers")
    grades = site_grades(sites, now=now)
    above = _regions_above({site.region_id for site in sites if site.region_id})
    rows = [
        {"region": str(region), "grade": grades[site.pk], "weight": site.people_count}
        for site in sorted(sites, key=lambda site: str(site.pk))
        for region in above.get(site.region_id, ())
    ]
    return {UUID(region): colour for region, colour in region_shares(rows, content).items()}


def _regions_above(region_ids: set[UUID]) -> dict[UUID, list[UUID]]:
    """Return each region with the regions above it, itself included."""
    sql = """SELECT low.id, up.id FROM places_region low
             JOIN places_region up ON left(low.path, length(up.path)) = up.path WHERE low.id = ANY(%(ids)s)"""
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for low, up in _rows(sql, {"ids": list(region_ids)}):
        found[low].append(up)
    return found
