"""Read what datastreams measured: newest values, series for charts, hours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from spatial.observations.models import Datastream, Observation, ObservedHour
from spatial.observations.pit_limits import PitLimits, limits_of


@dataclass(frozen=True, slots=True)
class Bucket:
    """The values of a span of time that begins at `start`: how many, least, mean, greatest."""

    start: datetime
    count: int
    minimum: float
    mean: float
    maximum: float


def visible(user: Any) -> QuerySet[Datastream]:
    """Return the datastreams in use on sites that a user may see, with device, zone and newest value."""
    rows = Datastream.objects.visible_to(user).filter(active=True, device__active=True)
    return rows.select_related("device", "zone", "latest", "risk_point").order_by("device__code", "quantity", "channel")


def of_site(site: Any) -> QuerySet[Datastream]:
    """Return the datastreams in use of a site, with device and newest value."""
    rows = Datastream.objects.filter(site=site, active=True, device__active=True)
    return rows.select_related("device", "zone", "latest").order_by("device__code", "quantity", "channel")


def limits_of_stream(stream: Datastream) -> PitLimits:
    """Return the limits that count for a datastream: its design's own, else those of GB 50497 for its class."""
    return limits_of(
        stream.quantity,
        design_limit=stream.design_limit,
        rate_limit=stream.rate_limit,
        monitoring_class=stream.monitoring_class,
        wall=stream.wall,
        depth_m=stream.depth_m,
    )


def readings_between(
    stream_ids: Iterable[UUID], start: datetime, end: datetime
) -> dict[UUID, list[tuple[datetime, float]]]:
    """Return the readings of datastreams with start <= event time <= end, in event order."""
    rows = Observation.objects.filter(datastream_id__in=list(stream_ids), time__gte=start, time__lte=end)
    found: dict[UUID, list[tuple[datetime, float]]] = defaultdict(list)
    for stream_id, time, value in rows.order_by("time", "value").values_list("datastream_id", "time", "value"):
        found[stream_id].append((time, value))
    return found


def last_readings_before(stream_id: UUID, moment: datetime, count: int) -> list[tuple[datetime, float]]:
    """Return the last `count` readings of a datastream before a moment, in event order."""
    rows = Observation.objects.filter(datastream_id=stream_id, time__lt=moment).order_by("-time", "-value")
    return list(rows.values_list("time", "value")[:count])[::-1]


def series(stream: Datastream, start: datetime, end: datetime, *, most: int = 400) -> list[Bucket]:
    """Return a datastream's values between two moments in at most `most` equal spans; empty spans are left out.

    A chart draws the least and the greatest of each span, so that no peak is lost by drawing fewer points.
    """
    seconds = max(1.0, (end - start).total_seconds() / most)
    with connection.cursor() as cursor:
        cursor.execute(_SERIES, [seconds, start, start, seconds, stream.pk, start, end])
        return [Bucket(*row) for row in cursor.fetchall()]


_SERIES = """
SELECT %s * span * interval '1 second' + %s, count(*), min(value), avg(value), max(value)
FROM (SELECT floor(extract(epoch FROM time - %s) / %s)::int AS span, value
      FROM observations_observation WHERE datastream_id = %s AND time >= %s AND time < %s) AS spans
GROUP BY span ORDER BY span
"""


def hours_between(stream_ids: Iterable[UUID], start: datetime, end: datetime) -> dict[UUID, list[Bucket]]:
    """Return the hours of datastreams with start <= hour < end, in order."""
    rows = ObservedHour.objects.filter(datastream_id__in=list(stream_ids), hour__gte=start, hour__lt=end)
    found: dict[UUID, list[Bucket]] = defaultdict(list)
    fields = ("datastream_id", "hour", "count", "minimum", "total", "maximum")
    for stream_id, hour, count, least, total, greatest in rows.order_by("hour").values_list(*fields):
        found[stream_id].append(Bucket(hour, count, least, total / count, greatest))
    return found


def silent_after(stream: Datastream) -> timedelta:
    """Return after how long without a value a datastream's line is broken: three report intervals, at least 120 s."""
    return timedelta(seconds=max(3 * stream.device.report_interval_s, 120))


_READINGS_IN = """
SELECT spans.id, rows.time, rows.value
FROM unnest(%s::uuid[], %s::timestamptz[], %s::timestamptz[]) AS spans(id, first, last)
JOIN observations_observation AS rows
  ON rows.datastream_id = spans.id AND rows.time >= spans.first AND rows.time < spans.last
ORDER BY rows.time, rows.value
"""


def readings_in(spans: Iterable[tuple[UUID, datetime, datetime]]) -> dict[UUID, list[tuple[datetime, float]]]:
    """Return the readings of datastreams in stretches (datastream, first, last) that do not overlap, in event order."""
    rows = list(spans)
    found: dict[UUID, list[tuple[datetime, float]]] = defaultdict(list)
    if not rows:
        return found
    with connection.cursor() as cursor:
        cursor.execute(_READINGS_IN, [[row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]])
        for stream_id, time, value in cursor.fetchall():
            found[stream_id].append((time, value))
    return found
