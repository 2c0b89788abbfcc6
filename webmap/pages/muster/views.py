"""`/sites/<code>/live/muster/`: begin, follow, tick, end; and the report of an ended one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from spatial.musters.models import Muster, MusterEntry
from spatial.musters.operations import MusterRefused, add_to_roll, end_muster, start_muster, tick_safe
from spatial.musters.queries import may_start, may_tick, not_on_roll, running_muster, standings_of, visible
from spatial.privacy.queries import may_see_names
from webmap.access import visible_site
from webmap.documents.printing import pdf_of

from .shown import ago_words, line_of, missing_lines, report_context


@never_cache
@require_GET
def muster_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show the muster that runs, or the button that begins one; with the header `X-Part: muster` its changing part."""
    site, now = visible_site(request.user, code), timezone.now()
    muster = running_muster(site)
    zone = ZoneInfo(site.time_zone)
    context: dict[str, Any] = {
        "site": site,
        "muster": muster,
        "may_start": may_start(request.user, site),
        "may_tick": may_tick(request.user, site),
        "named": may_see_names(request.user, site),
        "as_of": f"{now.astimezone(zone):%H:%M:%S}",
    }
    if muster:
        found = standings_of(muster, now=now)
        text = request.GET.get("find", "").strip()
        context |= {
            "found": found,
            "missing": missing_lines(found, site, now),
            "safe_lines": [line_of(one, site, now) for one in found.safe],
            "running": ago_words(now - muster.started_at),
            "started": f"{muster.started_at.astimezone(zone):%H:%M:%S}",
            "others": list(not_on_roll(muster, text)) if text else [],
            "find": text,
        }
    part = request.headers.get("X-Part") == "muster"
    if not part:
        past = visible(request.user).filter(site=site, ended_at__isnull=False)[:20]
        context["past"] = [(row, f"{row.started_at.astimezone(zone):%Y-%m-%d %H:%M}") for row in past]
    return render(request, "pages/muster_now.html" if part and muster else "pages/muster.html", context)


def _act(request: HttpRequest, code: str, act: Callable[[], Any]) -> HttpResponse:
    """Do one act and go back to the page; a refusal is said there."""
    try:
        act()
    except MusterRefused as error:
        words = {
            "role": _("A muster is begun and ended by who answers for safety on this site."),
            "tick_role": _("People are ticked by those who work on this site."),
            "ended": _("This muster has ended; nothing of it can be changed."),
            "missing": _("Not everybody is safe yet: say why the muster may end."),
            "nobody": _("Choose a person or write a name."),
        }
        messages.error(request, words.get(error.code, str(error)))
    return redirect("muster", code)


def _muster(request: HttpRequest, code: str, muster_id: UUID) -> Muster:
    return get_object_or_404(visible(request.user), site=visible_site(request.user, code), pk=muster_id)


@require_POST
def start(request: HttpRequest, code: str) -> HttpResponse:
    """Begin a muster."""
    site = visible_site(request.user, code)
    drill, reason = request.POST.get("kind") != "real", request.POST.get("reason", "")
    call = ""
    if request.POST.get("call"):
        call = _("This is a drill. Leave your work and go to the assembly area.") if drill else _(
            "Evacuation. Leave your work and go to the assembly area now."
        )  # fmt: skip
    return _act(
        request,
        code,
        lambda: start_muster(site=site, drill=drill, reason=reason, call=call, actor=request.user, now=timezone.now()),
    )


@require_POST
def tick(request: HttpRequest, code: str, muster_id: UUID, entry_id: UUID) -> HttpResponse:
    """Tick somebody as safe, or take it back."""
    entry = get_object_or_404(MusterEntry, muster=_muster(request, code, muster_id), pk=entry_id)
    safe, note = request.POST.get("safe") == "1", request.POST.get("note", "")
    return _act(
        request, code, lambda: tick_safe(entry=entry, safe=safe, note=note, actor=request.user, now=timezone.now())
    )


@require_POST
def add(request: HttpRequest, code: str, muster_id: UUID) -> HttpResponse:
    """Put somebody on the roll."""
    muster = _muster(request, code, muster_id)
    chosen, name = request.POST.get("person", ""), request.POST.get("name", "")
    try:
        person_id = UUID(chosen) if chosen else None
    except ValueError:
        person_id = None
    return _act(
        request,
        code,
        lambda: add_to_roll(muster=muster, person_id=person_id, name=name, actor=request.user, now=timezone.now()),
    )


@require_POST
def end(request: HttpRequest, code: str, muster_id: UUID) -> HttpResponse:
    """End a muster."""
    muster, note = _muster(request, code, muster_id), request.POST.get("note", "")
    return _act(request, code, lambda: end_muster(muster=muster, note=note, actor=request.user, now=timezone.now()))


@require_GET
def report(request: HttpRequest, code: str, muster_id: UUID) -> HttpResponse:
    """Send the report of an ended muster as PDF."""
    muster = get_object_or_404(
        visible(request.user), site=visible_site(request.user, code), pk=muster_id, ended_at__isnull=False
    )
    context = {**report_context(muster), "named": may_see_names(request.user, muster.site)}
    pdf = pdf_of(render_to_string("documents/muster_report.html", context), f"muster {muster.pk} {muster.ended_at}")
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = (
        f'inline; filename="muster-{muster.site.code}-{muster.started_at:%Y%m%d-%H%M}.pdf"'
    )
    return response
