"""`/sites/<code>/live/measurements/<stream>/`: the chart of one datastream, its table, its limits; and its CSV."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods

from spatial.alarms.models import Alarm
from spatial.alarms.rule_queries import site_conditions
from spatial.observations.models import Datastream
from spatial.observations.operations import MAY_SET, DatastreamRefused, set_limits
from spatial.observations.pit_limits import ITEM_OF_QUANTITY, WALLS
from spatial.observations.quantities import quantity_of, unit_sign
from spatial.observations.queries import limits_of_stream, readings_between, series, silent_after, visible
from spatial.people.queries import roles_on
from webmap.access import visible_site

from .charts import Frame, chart
from .limits import conditions_of, limit_lines
from .words import GRADES, REFUSALS, ago, local, quantity_name, stream_name, value_words

SPANS = {"6": lazy("6 hours"), "24": lazy("1 day"), "168": lazy("1 week"), "720": lazy("30 days")}
TABLE_ROWS = 60


class LimitsForm(forms.Form):
    """What a datastream's design says."""

    design_limit = forms.FloatField(label=lazy("Design limit"), required=False, min_value=1e-9)
    rate_limit = forms.FloatField(label=lazy("Limit of the change per day"), required=False, min_value=1e-9)
    monitoring_class = forms.TypedChoiceField(
        label=lazy("Class of the pit"),
        choices=[("", "–"), ("1", "1"), ("2", "2"), ("3", "3")],
        coerce=int,
        empty_value=None,
        required=False,
    )
    wall = forms.ChoiceField(
        label=lazy("Retaining wall"), choices=[("", "–"), *((wall, wall) for wall in WALLS)], required=False
    )
    depth_m = forms.FloatField(label=lazy("Depth of the pit (m)"), required=False, min_value=0.1, max_value=200)


@require_http_methods(["GET", "POST"])
def measurement(request: HttpRequest, code: str, stream_id: UUID) -> HttpResponse:
    """Show one datastream over a time; take the limits of its design."""
    site, now = visible_site(request.user, code), timezone.now()
    stream = get_object_or_404(visible(request.user), site=site, pk=stream_id)
    names = ("design_limit", "rate_limit", "monitoring_class", "wall", "depth_m")
    initial = {name: getattr(stream, name) for name in names}
    form = LimitsForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            set_limits(stream=stream, limits=form.cleaned_data, actor=request.user, now=now)
        except DatastreamRefused as refused:
            form.add_error(None, REFUSALS.tell(str(refused)))
        else:
            messages.success(request, _("The limits are set. They count from the next reading on."))
            return redirect("measurement", code=code, stream_id=stream_id)
    hours = request.GET.get("hours", "24")
    hours = hours if hours in SPANS else "24"
    context = {
        **_facts(site, stream, now),
        **_chart(site, stream, now - timedelta(hours=int(hours)), now),
        "hours": hours,
        "spans": SPANS.items(),
        "form": form,
        "may_set": request.user.is_superuser or bool(roles_on(request.user, site) & MAY_SET),
        "is_pit": stream.quantity in ITEM_OF_QUANTITY,
    }
    return render(request, "pages/measurement.html", context, status=400 if form.errors else 200)


def _facts(site: Any, stream: Datastream, now: datetime) -> dict[str, Any]:
    quantity, latest = quantity_of(stream.quantity), getattr(stream, "latest", None)
    time = latest.time if latest else None
    alarms = Alarm.objects.filter(datastream=stream).order_by("-raised_at")[:20]
    return {
        "site": site,
        "stream": stream,
        "name": stream_name(stream),
        "quantity": quantity_name(quantity),
        "value": value_words(latest.value if latest else None, quantity),
        "when": local(time, site) if time else "",
        "ago": ago(time, now),
        "silent": time is None or now - time > silent_after(stream),
        "alarms": [(row, local(row.raised_at, site), GRADES[row.level]) for row in alarms],
        "limits_that_count": limits_of_stream(stream),
        "unit": unit_sign(quantity.unit),
    }


def _chart(site: Any, stream: Datastream, start: datetime, end: datetime) -> dict[str, Any]:
    zone, quantity = ZoneInfo(site.time_zone), quantity_of(stream.quantity)
    rows = series(stream, start, end)
    lines = limit_lines(stream, conditions_of(stream, site_conditions(site, at=end), zone), zone)
    label = _("Chart of %(name)s from %(start)s to %(end)s") % {
        "name": stream_name(stream),
        "start": local(start, site),
        "end": local(end, site),
    }
    gap = max(silent_after(stream), (end - start) / 400 * 1.5)
    unit = unit_sign(quantity.unit)
    svg = chart(rows, Frame(start, end, zone), limits=lines, gap=gap, label=label, unit=unit)
    coarse = series(stream, start, end, most=TABLE_ROWS)
    table = [
        (
            local(row.start, site),
            row.count,
            *(value_words(value, quantity, unit=False) for value in (row.minimum, row.mean, row.maximum)),
        )
        for row in reversed(coarse)
    ]
    return {"chart": mark_safe(svg), "table": table, "lines": lines, "has_readings": bool(rows)}


@require_GET
def measurement_csv(request: HttpRequest, code: str, stream_id: UUID) -> HttpResponse:
    """Send the readings of a time, as they were received, in UTC."""
    site, now = visible_site(request.user, code), timezone.now()
    stream = get_object_or_404(visible(request.user), site=site, pk=stream_id)
    hours = request.GET.get("hours", "24")
    start = now - timedelta(hours=int(hours if hours in SPANS else "24"))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["time_utc", "value", "unit", "quantity", "device", "channel"])
    unit = quantity_of(stream.quantity).unit
    for time, value in readings_between([stream.pk], start, now).get(stream.pk, []):
        writer.writerow(
            [f"{time:%Y-%m-%dT%H:%M:%S.%fZ}", repr(value), unit, stream.quantity, stream.device.code, stream.channel]
        )
    answer = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    name = f"{stream.device.code}-{stream.quantity}-{now:%Y%m%d%H%M}.csv"
    answer["Content-Disposition"] = content_disposition_header(True, name) or ""
    return answer
