"""`./twin bench recolour`: one changed fact against recomputing all, and every page on a whole district's data.

A city of 2,400 enterprises with 100,000 risk points and 500,000 hazards (a fifth of them open) stands beside a tenth
of a percent of it. Pages are asked through Django in this process, settled as a server's, as the regulator or the
site's people ask them; the past at another moment each time.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.test import Client
from django.utils import timezone

from spatial.places.models import Site
from spatial.risks.models import RiskPoint
from spatial.rulebook.queries import edition_for
from spatial.zones.cached_colours import remember_colours, remembered_grades
from spatial.zones.operations import start_trigger
from webmap.project.settling import settle

from .city import City, analyse, make_city
from .harness import Row, Unmeasured, compare, row_of, seconds_of

SITES, POINTS, TICKETS = 2_400, 100_000, 500_000
SMALL = {"sites": 24, "points": 1_000, "tickets": 5_000}
ASKED = 20
LIMIT_S = 1.0
PAGES = {
    "region page": "/region/",
    "region state": "/api/v1/region/state",
    "region as it was": "/api/v1/region/past?at={past}",
    "site state": "/api/v1/sites/{code}/state",
    "site as it was": "/api/v1/sites/{code}/past?at={past}",
    "zones of a site": "/api/v1/sites/{code}/zones.geojson",
    "site map": "/sites/{code}/map/",
    "3D page": "/sites/{code}/",
    "hazards of a site": "/sites/{code}/hazards/",
    "heat of a site": "/sites/{code}/heat/?quantity=risk",
    "register of risk points": "/sites/{code}/risks/",
    "statistics of a site": "/sites/{code}/risks/statistics/",
    "statistics of the region": "/region/statistics/",
    "cards of a site": "/sites/{code}/risks/cards/",
    "notice card of a point": "/sites/{code}/risks/cards/{point}/",
    "page of the printed map": "/sites/{code}/risks/map-print/",
}
FILES = {
    "notice card as PDF": "/sites/{code}/risks/cards/{point}/card.pdf",
    "printed map as PDF": "/sites/{code}/risks/map-print/sheet.pdf",
}
"""What a page offers to load: set beside the small city, without a limit of its own."""


def change_one_fact(site: Site, number: int) -> None:
    """Raise one alarm on a site: one row."""
    now = timezone.now()
    start_trigger(
        site=site,
        kind="ALARM_ORANGE",
        starts_at=now,
        source_kind="bench",
        source_id=f"{number}-{now.timestamp()}",
        source_label="闯入",
        edition=edition_for(site, on=now.date()),
        now=now,
    )


def _recolour_rows(city: City, pairs: int) -> Iterator[Row]:
    ids = [site.pk for site in city.sites]
    remembered_grades(ids, now=timezone.now())
    changed = iter(city.sites * 2)

    def one_site() -> float:
        site = next(changed)
        change_one_fact(site, 1)
        return seconds_of(lambda: remembered_grades([site.pk], now=timezone.now()))

    def whole_region() -> float:
        change_one_fact(next(changed), 2)
        return seconds_of(lambda: remembered_grades(ids, now=timezone.now()))

    def everything() -> float:
        return seconds_of(lambda: remember_colours(ids, now=timezone.now()))

    shared: dict[str, Any] = {
        "unit": "s",
        "peer": everything,
        "peer_name": "recomputing all",
        "pairs": pairs,
        "goal": 0.01,
    }
    yield compare(name="recolour after one fact: its site", ours=one_site, **shared)
    yield compare(name="recolour after one fact: all sites read", ours=whole_region, **shared)


def p95(values: list[float]) -> float:
    """Return the 95th percentile of measured seconds."""
    return statistics.quantiles(values, n=20, method="inclusive")[-1]


def _moment(now: datetime, number: int) -> str:
    """Return another moment for each question, spread over the 40 days of the city: no answer is asked for twice."""
    return (now - timedelta(hours=5 + 45 * number)).isoformat().replace("+", "%2B")


def _point_of(site: Site) -> UUID:
    return RiskPoint.objects.filter(site=site).order_by("code").values_list("pk", flat=True)[0]


def _asked(city: City, path: str) -> list[float]:
    client = Client()
    client.force_login(city.regulator, backend="django.contrib.auth.backends.ModelBackend")
    now, found = timezone.now(), []
    for number in range(ASKED + 1):
        site = city.sites[(7 * number) % len(city.sites)]
        asked = path.format(code=site.code, past=_moment(now, number), point=_point_of(site))
        answers: list[Any] = []
        found.append(seconds_of(lambda asked=asked, answers=answers: answers.append(client.get(asked))))
        if answers[0].status_code != 200:
            raise LookupError(f"{path} of {site.code} answered {answers[0].status_code}.")
    return found[1:]  # the first request loads templates and plans


def _page_rows(city: City, small: City) -> Iterator[Row | Unmeasured]:
    for name, path in (PAGES | FILES).items():
        try:
            ours, base = p95(_asked(city, path)), p95(_asked(small, path))
        except LookupError as error:
            yield Unmeasured(f"{name}, p95", str(error))
            continue
        if name in PAGES:
            yield row_of(name=f"{name}, p95", unit="s", measured=[(ours, LIMIT_S)], peer_name="the limit", goal=1.0)
        yield row_of(name=f"{name}, p95", unit="s", measured=[(ours, base)], peer_name="a city of 24 enterprises")


def rows(pairs: int) -> Iterator[Row | Unmeasured]:
    """Make both cities, then yield every row."""
    since = timezone.now() - timedelta(days=40)
    small = make_city(since=since, name="小城", **SMALL)
    city = make_city(sites=SITES, points=POINTS, tickets=TICKETS, since=since, name="大城")
    analyse()
    settle()
    yield from _recolour_rows(city, pairs)
    yield from _page_rows(city, small)
