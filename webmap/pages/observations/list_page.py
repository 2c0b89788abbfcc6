"""`/sites/<code>/live/measurements/`: every datastream with its newest value against its limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from spatial.alarms.models import Alarm
from spatial.alarms.rule_queries import site_conditions
from spatial.observations.models import Datastream
from spatial.observations.quantities import all_quantities, quantity_of
from spatial.observations.queries import Bucket, hours_between, silent_after, visible
from webmap.access import visible_site

from .charts import LimitLine, sparkline
from .limits import conditions_of, limit_lines, shown_limits
from .words import GRADES, KINDS, LEVELS, ago, local, quantity_name, stream_name, value_words

LINE_TIME = timedelta(hours=24)


@dataclass(frozen=True)
class Line:
    """One datastream as its row of the table shows it."""

    stream: Datastream
    name: str
    quantity: str
    value: str
    when: str
    ago: str
    silent: bool
    level: str
    grade: int
    level_word: str
    limits: Sequence[LimitLine]
    sparkline: SafeString


@require_GET
def measurements(request: HttpRequest, code: str) -> HttpResponse:
    """Show the datastreams of a site, of one kind when asked."""
    site, now = visible_site(request.user, code), timezone.now()
    asked = request.GET.get("kind", "")
    quantities = all_quantities()
    streams = [row for row in visible(request.user).filter(site=site) if row.quantity in quantities]
    found = {quantities[row.quantity].kind for row in streams}
    kinds = [kind for kind in KINDS if kind in found]
    if asked in kinds:
        streams = [row for row in streams if quantities[row.quantity].kind == asked]
    context = {
        "site": site,
        "kind": asked,
        "kinds": [(name, KINDS[name]) for name in kinds],
        "lines": _lines(site, streams, now),
        "count": len(streams),
    }
    return render(request, "pages/measurements.html", context)


def _lines(site: Any, streams: Sequence[Datastream], now: datetime) -> list[Line]:
    held, zone = site_conditions(site, at=now), ZoneInfo(site.time_zone)
    start = (now - LINE_TIME).replace(minute=0, second=0, microsecond=0)
    hours = hours_between([row.pk for row in streams], start, now)
    active = Alarm.objects.filter(site=site, datastream__in=streams, cleared_at__isnull=True)
    levels: dict[Any, str] = {}
    for stream_id, level in active.values_list("datastream_id", "level"):
        levels[stream_id] = max(level, levels.get(stream_id, level), key=lambda word: GRADES[word])
    lines = [_line(site, row, held, zone, hours.get(row.pk, []), levels.get(row.pk, ""), now) for row in streams]
    return sorted(lines, key=lambda line: (-line.grade, not line.limits, line.stream.device.code, line.name))


def _line(
    site: Any,
    stream: Datastream,
    held: Any,
    zone: ZoneInfo,
    hours: Sequence[Bucket],
    level: str,
    now: datetime,
) -> Line:
    quantity = quantity_of(stream.quantity)
    latest = getattr(stream, "latest", None)
    time = latest.time if latest else None
    name = stream_name(stream)
    start = (now - LINE_TIME).replace(minute=0, second=0, microsecond=0)
    label = _("%(name)s, the last 24 hours") % {"name": name}
    gap = timedelta(hours=1.5)
    return Line(
        stream=stream,
        name=name,
        quantity=quantity_name(quantity),
        value=value_words(latest.value if latest else None, quantity),
        when=local(time, site) if time else "",
        ago=ago(time, now),
        silent=time is None or now - time > silent_after(stream),
        level=level,
        grade=GRADES.get(level, 0),
        level_word=str(LEVELS.get(level, "")),
        limits=shown_limits(limit_lines(stream, conditions_of(stream, held, zone), zone)),
        sparkline=mark_safe(sparkline(hours, start, now, gap=gap, label=label)),
    )
