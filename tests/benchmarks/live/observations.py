"""A week of 200 datastreams: the page of measurements, and the week's hours of all, against reading the raw values.

The promise is that they are read in less than a second at the 95th percentile. The baseline is what a plain page would
do: read the readings of every datastream through the ORM and sum them up in Python.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import numpy as np
from django.db import connection, transaction
from django.test import Client

from spatial.devices.operations import register_device
from spatial.observations.models import Datastream, LatestObservation, Observation
from spatial.observations.observation_rows import ObservationRow
from spatial.observations.operations import copy_observations, create_datastream, make_partitions
from spatial.observations.queries import hours_between
from spatial.people.operations import create_user, grant_role
from spatial.places.operations import create_organisation, create_site
from spatial.rulebook.operations import load_editions

from ..harness import Row, Unmeasured, row_of, seconds_of
from .ground import SMALL, SRID

STREAMS = 200
WEEK = timedelta(days=7)
EVERY = timedelta(minutes=30 if SMALL else 1)
PROMISE_S = 1.0
READ_AGAIN = 20
QUANTITIES = ("air_temperature", "pm10", "pm25", "noise", "noise_peak", "wind_speed", "humidity", "co", "h2s", "oxygen")


def make_week() -> tuple[Any, Any, list[UUID], datetime]:
    """Make a site with 200 datastreams and a week of readings; return it with a user, the datastreams and now."""
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    load_editions()
    make_partitions(first_day=(now - WEEK).date(), days=9)
    tag = uuid4().hex[:6]
    site = create_site(code=f"o-{tag}", name="测量工地", organisation=create_organisation(name=f"测量{tag}"),
                       projected_srid=SRID, geoid_offset_m=0.0, actor=None, now=now)  # fmt: skip
    user = create_user(username=f"o-{tag}", password=uuid4().hex, full_name="测量")
    grant_role(user=user, role="site_safety", site=site)
    streams = []
    for number in range(STREAMS // len(QUANTITIES)):
        device, _ = register_device(site=site, code=f"S{number:02}-{tag}", name=f"监测站{number}", kind="sensor",
                                    report_interval_s=60, actor=None, now=now)  # fmt: skip
        streams += [create_datastream(device=device, quantity=one, actor=None, now=now).pk for one in QUANTITIES]
    _fill(streams, now)
    return site, user, streams, now


def _fill(streams: list[UUID], now: datetime) -> None:
    """Store the week as the pipeline does: rows, hours, the newest value."""
    rng = np.random.default_rng(7)
    times = [now - EVERY * n for n in range(int(WEEK / EVERY))]
    for pk in streams:
        values = 20.0 + np.cumsum(rng.normal(0, 0.05, len(times)))
        rows = [ObservationRow(pk, time, time, float(value)) for time, value in zip(times, values, strict=True)]
        with transaction.atomic():
            copy_observations(rows=rows)
        LatestObservation.objects.filter(datastream_id=pk).update(time=now, received_at=now, value=float(values[0]))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE observations_observation, observations_observedhour")


def of_raw_values(streams: list[UUID], start: datetime, end: datetime) -> dict[UUID, dict[datetime, list[float]]]:
    """Return count, least, greatest and sum of each hour of each datastream, from its readings."""
    found: dict[UUID, dict[datetime, list[float]]] = defaultdict(dict)
    for pk in streams:
        hours: dict[datetime, list[float]] = defaultdict(list)
        for row in Observation.objects.filter(datastream_id=pk, time__gte=start, time__lt=end):
            hours[row.time.replace(minute=0, second=0, microsecond=0)].append(row.value)
        for hour, values in hours.items():
            found[pk][hour] = [len(values), min(values), max(values), math.fsum(values)]
    return found


def _p95(work: Callable[[], object], times: int) -> float:
    return float(np.percentile([seconds_of(work) for _ in range(times)], 95))


def rows(pairs: int) -> Iterator[Row | Unmeasured]:
    """Yield the rows of the page and of the week's hours."""
    site, user, streams, now = make_week()
    end = now.replace(minute=0)
    start = end - WEEK + timedelta(hours=1)
    raw = of_raw_values(streams, start, end)
    ours = hours_between(streams, start, end)
    if {pk: {row.start: row.count for row in hours} for pk, hours in ours.items()} != {
        pk: {hour: int(values[0]) for hour, values in hours.items()} for pk, hours in raw.items()
    }:
        yield Unmeasured("measurements", "the hours differ from the readings")
        return
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    address = f"/sites/{site.code}/live/measurements/"
    answer = client.get(address)
    if (
        answer.status_code != 200
        or answer.content.count(b'class="sparkline"') != Datastream.objects.filter(site=site).count()
    ):
        yield Unmeasured("measurements", f"the page says {answer.status_code}")
        return
    page = [_p95(lambda: client.get(address), READ_AGAIN) for _ in range(pairs)]
    week = [_p95(lambda: hours_between(streams, start, end), READ_AGAIN) for _ in range(pairs)]
    plain = [seconds_of(lambda: of_raw_values(streams, start, end)) for _ in range(pairs)]
    words = f"{STREAMS} datastreams, a week by {EVERY.total_seconds() / 60:g} min"
    yield row_of(name=f"page of measurements, p95, {words}", measured=[(one, PROMISE_S) for one in page],
                 peer_name="the promise", goal=1.0, unit="s")  # fmt: skip
    yield row_of(name=f"hours of all, p95, {words}", measured=[(one, PROMISE_S) for one in week],
                 peer_name="the promise", goal=1.0, unit="s")  # fmt: skip
    yield row_of(name=f"hours of all, p95, {words}", measured=list(zip(week, plain, strict=True)),
                 peer_name="reading the raw values through the ORM", unit="s")  # fmt: skip
