"""`/sites/<code>/live/replay/`: the page, windows of positions, alarms of a period, and names with a purpose."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_POST

from spatial.alarms.queries import visible as visible_alarms
from spatial.places.models import Site
from spatial.privacy.models import TrackLook
from spatial.privacy.operations import LookRefused, open_track
from spatial.privacy.queries import may_see_names
from webmap.access import visible_site
from webmap.live.state import alarms_shown
from webmap.pages.control_room.views import live_settings
from webmap.pages.site_2d import MAP_SETTINGS
from webmap.project.security import with_policy
from webmap.wording.alarm_titles import alarm_title

from .tracks import anonymous_key, window_of

LONGEST_WINDOW = timedelta(hours=2)
LONGEST_PERIOD = timedelta(hours=36)
STEPS_S = (1, 5, 15, 30)
LOOK_LASTS = timedelta(hours=8)
MOST_ALARMS = 2000


class PeriodInvalid(ValueError):
    """A period cannot be replayed; the message is for the reader."""


@never_cache
@require_GET
@with_policy(script_src=("'wasm-unsafe-eval'",), worker_src=("blob:",), style_src=("'unsafe-inline'",))
def replay_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show the page; what it plays it asks for itself."""
    site = visible_site(request.user, code)
    context = {"site": site, "page_settings": live_settings(site, request.user), "map_settings": MAP_SETTINGS}
    return render(request, "pages/replay.html", context)


def _period(values: Any, longest: timedelta) -> tuple[datetime, datetime]:
    try:
        start, end = (parse_datetime(values.get(name, "")) for name in ("from", "until"))
    except ValueError:
        start = end = None
    if start is None or end is None or start.tzinfo is None or end.tzinfo is None:
        raise PeriodInvalid(_("Name the moment with its time zone, for example 2026-11-23T09:30:00+08:00."))
    if not start < end:
        raise PeriodInvalid(_("The period must end after it begins."))
    if end - start > longest:
        raise PeriodInvalid(_("This period is too long to be replayed at once."))
    return start, end


def _refused(error: Exception, status: int = 422) -> JsonResponse:
    return JsonResponse({"detail": str(error)}, status=status)


@never_cache
@require_GET
@gzip_page
def window(request: HttpRequest, code: str) -> JsonResponse:
    """Answer the positions of a window, thinned to a step of seconds."""
    site = visible_site(request.user, code)
    try:
        start, end = _period(request.GET, LONGEST_WINDOW)
    except PeriodInvalid as error:
        return _refused(error)
    wanted = request.GET.get("step", "1")
    step_s = int(wanted) if wanted in {str(step) for step in STEPS_S} else STEPS_S[0]
    look = _look(request.user, site, request.GET.get("look", ""))
    return JsonResponse(window_of(site, start, end, step_s=step_s, look=look))


def _look(user: Any, site: Site, text: str) -> TrackLook | None:
    """Return the viewer's own look at everybody of this site, while it lasts."""
    try:
        key = UUID(text)
    except ValueError:
        return None
    since = timezone.now() - LOOK_LASTS
    return TrackLook.objects.filter(pk=key, viewer=user, site=site, person=None, looked_at__gte=since).first()


@never_cache
@require_GET
def alarms(request: HttpRequest, code: str) -> JsonResponse:
    """Answer the alarms raised in a period, the first first; late ones too, marked."""
    site = visible_site(request.user, code)
    try:
        start, end = _period(request.GET, LONGEST_PERIOD)
    except PeriodInvalid as error:
        return _refused(error)
    rows = visible_alarms(request.user).filter(site=site, raised_at__gte=start, raised_at__lt=end)
    items = [
        {
            "id": str(row.pk),
            "title": alarm_title(row),
            "level": row.level,
            "late": row.late,
            "zone": row.zone.name if row.zone else "",
            "storey": row.storey.name if row.storey else "",
            "mark": anonymous_key(row.device_id) if row.device_id else "",
            "lon": row.location.x if row.location else None,
            "lat": row.location.y if row.location else None,
            "h": row.location.z if row.location else None,
            "raised_at": row.raised_at.isoformat(),
            "known_at": row.received_at.isoformat(),
            "acknowledged_at": row.acknowledged_at.isoformat() if row.acknowledged_at else None,
            "cleared_at": row.cleared_at.isoformat() if row.cleared_at else None,
        }
        for row in alarms_shown(rows.order_by("raised_at")[:MOST_ALARMS], named=may_see_names(request.user, site))
    ]
    return JsonResponse({"items": items})


@require_POST
def open_names(request: HttpRequest, code: str) -> JsonResponse:
    """Note a look with its purpose; with its id, windows of the period carry names."""
    site = visible_site(request.user, code)
    try:
        period = _period(request.POST, LONGEST_PERIOD)
        look = open_track(
            viewer=request.user, purpose=request.POST.get("purpose", ""), period=period, now=timezone.now(), site=site
        )
    except PeriodInvalid as error:
        return _refused(error)
    except LookRefused as error:
        words = {
            "not_yours": _("Where somebody was is shown to who answers for safety on this site."),
            "no_purpose": _("Say what you need it for."),
        }
        return JsonResponse(
            {"detail": words.get(error.code, str(error))}, status=403 if error.code == "not_yours" else 422
        )
    return JsonResponse({"look": str(look.pk) if look else ""})
