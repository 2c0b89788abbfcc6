"""`/sites/<code>/live/devices/refused/`: messages that could not be used, counted by reason and device, and each."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.core.paginator import Paginator
from django.db.models import CharField, Count, F, Func, Max, QuerySet, Value
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from spatial.devices.models import Device, RefusedMessage
from spatial.devices.queries import refusals
from spatial.places.models import Site
from webmap.access import visible_site

from .message_reasons import NUMBERS, refusal_reason
from .words import local

PER_PAGE, MOST_ROWS, MOST_REASONS, MOST_DOWNLOADED = 50, 20_000, 12, 50_000
SPANS = {
    "day": (timedelta(days=1), gettext_lazy("the last 24 hours")),
    "week": (timedelta(days=7), gettext_lazy("the last 7 days")),
    "all": (None, gettext_lazy("ever")),
}


class _Kind(Func):
    """A reason with its numbers taken out: what differs in numbers only is one kind of reason."""

    function = "regexp_replace"
    output_field = CharField()


def _asked(request: HttpRequest, site: Site) -> tuple[QuerySet[RefusedMessage], str]:
    span = request.GET.get("span", "day")
    span = span if span in SPANS else "day"
    length = SPANS[span][0]
    rows = refusals(site, since=timezone.now() - length if length else None)
    if device := request.GET.get("device", "").strip():
        rows = rows.filter(device_code=device)
    rows = rows.annotate(kind=_Kind(F("reason"), Value(NUMBERS), Value(r"\1…"), Value("g")))
    if reason := request.GET.get("reason", ""):
        rows = rows.filter(kind=reason)
    return rows, span


@require_GET
def refused_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show counts by reason and by device, and the messages."""
    site = visible_site(request.user, code)
    rows, span = _asked(request, site)
    newest = RefusedMessage.objects.filter(pk__in=rows.values("pk")[:MOST_ROWS])  # a flood costs a bounded count
    newest = newest.annotate(kind=_Kind(F("reason"), Value(NUMBERS), Value(r"\1…"), Value("g")))
    reasons = newest.order_by().values("kind").annotate(count=Count("id"), last=Max("received_at")).order_by("-count")
    devices = newest.order_by().values("device_code").annotate(count=Count("id")).order_by("-count", "device_code")
    ids = dict(Device.objects.filter(site=site).values_list("code", "pk"))
    page = Paginator(rows.order_by("-id")[:MOST_ROWS], PER_PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context: dict[str, Any] = {
        "site": site,
        "span": span,
        "spans": [(name, words) for name, (_length, words) in SPANS.items()],
        "reasons": [
            {**row, "words": refusal_reason(row["kind"]), "last": local(row["last"], site)}
            for row in reasons[:MOST_REASONS]
        ],
        "devices": [{**row, "id": ids.get(row["device_code"])} for row in devices[:MOST_REASONS]],
        "page": page,
        "total": page.paginator.count,
        "cut": page.paginator.count >= MOST_ROWS,
        "lines": [
            {
                "row": row,
                "reason": refusal_reason(row.reason),
                "when": local(row.received_at, site),
                "id": ids.get(row.device_code),
                "shown": shown(row, 90),
            }
            for row in page
        ],
        "asked": request.GET,
        "asked_reason": refusal_reason(request.GET.get("reason", "")),
        "query": query.urlencode(),
    }
    return render(request, "pages/devices/refused.html", context)


def shown(row: RefusedMessage, most: int | None = None) -> str:
    """Return a payload as text where it is text, else as hexadecimal bytes; control characters are marked."""
    content = bytes(row.payload)
    try:
        text = content.decode("utf-8")
        if any(character < " " and character not in "\r\n\t" for character in text):
            raise ValueError
    except ValueError:
        text = content.hex(" ")
    return text if most is None or len(text) <= most else text[:most] + "…"


@require_GET
def message_page(request: HttpRequest, code: str, message_id: int) -> HttpResponse:
    """Show one refused message with its whole payload, or send the payload as a file."""
    site = visible_site(request.user, code)
    row = get_object_or_404(RefusedMessage, site=site, pk=message_id)
    if "payload" in request.GET:
        response = HttpResponse(bytes(row.payload), content_type="application/octet-stream")
        response["Content-Disposition"] = f'attachment; filename="refused-{row.pk}.bin"'
        return response
    context = {
        "site": site,
        "row": row,
        "reason": refusal_reason(row.reason),
        "when": local(row.received_at, site),
        "text": shown(row),
        "hex": bytes(row.payload).hex(" "),
        "bytes": len(row.payload),
        "device": Device.objects.filter(site=site, code=row.device_code).first(),
    }
    return render(request, "pages/devices/refused_message.html", context)


class _Echo:
    """Hands each written line on."""

    def write(self, line: str) -> str:
        return line


@require_GET
def refused_file(request: HttpRequest, code: str) -> HttpResponseBase:
    """Send the refused messages as CSV, as filtered, payloads as hexadecimal bytes."""
    site = visible_site(request.user, code)
    rows, _span = _asked(request, site)
    writer = csv.writer(_Echo())

    def lines() -> Iterator[str]:
        yield "\ufeff" + writer.writerow([_("received at"), _("device"), _("topic"), _("reason"), _("payload (hex)")])
        for row in rows.order_by("-id")[:MOST_DOWNLOADED].iterator(chunk_size=500):
            cells = [row.device_code, row.topic, row.reason]
            # no cell is to be a formula in a spreadsheet
            safe = [f"'{cell}" if cell.startswith(("=", "+", "-", "@")) else cell for cell in cells]
            yield writer.writerow([row.received_at.isoformat(), *safe, bytes(row.payload).hex()])

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="refused-{site.code}.csv"'
    return response
