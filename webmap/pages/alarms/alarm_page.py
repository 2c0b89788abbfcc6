"""`/sites/<code>/live/alarms/<alarm>/`: one alarm: its life, its reading, its place, and what can be done about it."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from spatial.alarms.drafts import dismiss_draft, submit_draft
from spatial.alarms.handling import close_alarm, handle_alarm, mark_false
from spatial.alarms.models import Alarm, AlarmPhoto, HazardDraft
from spatial.alarms.operations import MAY_ACKNOWLEDGE, AlarmRefused, acknowledge_alarm, change_level, clear_alarm
from spatial.alarms.queries import life_line, rule_names, visible
from spatial.alarms.rule_queries import site_conditions
from spatial.alarms.rules import one_lower, status_of
from spatial.hazards.refusals import HazardRefused
from spatial.media import BlobMissing, open_blob
from spatial.observations.quantities import quantity_of, unit_sign
from spatial.observations.queries import series, silent_after
from spatial.patrols.pictures import PictureRefused
from spatial.people.queries import roles_on
from spatial.privacy.queries import may_see_names
from webmap.access import visible_site
from webmap.live.naming import as_shown
from webmap.pages.commands.parts import calls_of
from webmap.pages.observations.charts import Frame, chart
from webmap.pages.observations.limits import conditions_of, limit_lines
from webmap.pages.observations.words import local, stream_name

from .list_page import duration_words
from .words import ACTS, FALSE_REASONS, LEVELS, STATUSES, act_details, refusal_words

AROUND = timedelta(hours=1)


@never_cache
@require_http_methods(["GET", "POST"])
def alarm_page(request: HttpRequest, code: str, alarm_id: UUID) -> HttpResponse:
    """Show one alarm, and do what its forms ask."""
    site, now = visible_site(request.user, code), timezone.now()
    alarm = get_object_or_404(visible(request.user), site=site, pk=alarm_id)
    if request.method == "POST":
        act = _ACTS.get(request.POST.get("act", ""))
        if act is None:
            raise Http404(_("There is no such act."))
        try:
            act(request, alarm, now)
        except (AlarmRefused, PictureRefused, HazardRefused) as refused:
            messages.error(request, refusal_words(refused))
        return redirect("alarm", code=code, alarm_id=alarm_id)
    draft = HazardDraft.objects.filter(alarm=alarm).select_related("hazard").first()
    as_shown([draft, alarm] if draft else [alarm], named=may_see_names(request.user, site))
    context = {
        **_facts(site, alarm, now),
        "draft": draft,
        "draft_open": bool(draft and not draft.hazard_id and not draft.dismissed_at),
        "reading": _reading(site, alarm, now) if alarm.datastream_id else "",
        "may_act": request.user.is_superuser or bool(roles_on(request.user, site) & MAY_ACKNOWLEDGE),
        "false_reasons": FALSE_REASONS.items(),
        **calls_of(request, site, alarm),
        "lower": (one_lower(alarm.level), LEVELS[one_lower(alarm.level)]) if alarm.level != "blue" else None,
    }
    return render(request, "pages/alarm.html", context)


def _facts(site: Any, alarm: Alarm, now: datetime) -> dict[str, Any]:
    acts = life_line(alarm)
    status = status_of(alarm)
    return {
        "site": site,
        "alarm": alarm,
        "status": status,
        "status_word": STATUSES[status],
        "when": local(alarm.raised_at, site),
        "lasted": duration_words(alarm.raised_at, alarm.cleared_at or now),
        "rule_name": rule_names(site, now, get_language() or "zh-hans").get(alarm.rule, alarm.rule),
        "photos": alarm.photos.order_by("created_at"),
        "false_reason": FALSE_REASONS.get(alarm.false_reason, ""),
        "life": [
            (
                ACTS.get(act.verb, act.verb),
                local(act.occurred_at, site),
                str(act.actor) if act.actor else _("the platform"),
                act_details(act),
            )
            for act in acts
        ],
    }


def _reading(site: Any, alarm: Alarm, now: datetime) -> str:
    stream = alarm.datastream
    assert stream is not None
    zone = ZoneInfo(site.time_zone)
    start, end = alarm.raised_at - AROUND, min(now, (alarm.cleared_at or now) + AROUND)
    lines = limit_lines(stream, conditions_of(stream, site_conditions(site, at=now), zone), zone)
    gap = max(silent_after(stream), (end - start) / 400 * 1.5)
    label = _("%(name)s around the alarm") % {"name": stream_name(stream)}
    unit = unit_sign(quantity_of(stream.quantity).unit)
    return mark_safe(
        chart(series(stream, start, end), Frame(start, end, zone), limits=lines, gap=gap, label=label, unit=unit)
    )


def _acknowledge(request: HttpRequest, alarm: Alarm, now: datetime) -> None:
    acknowledge_alarm(alarm=alarm, actor=request.user, now=now)


def _handle(request: HttpRequest, alarm: Alarm, now: datetime) -> None:
    photos = [io.BytesIO(photo.read()) for photo in request.FILES.getlist("photos")]
    handle_alarm(alarm=alarm, text=request.POST.get("text", ""), photos=photos, actor=request.user, now=now)


def _false(request: HttpRequest, alarm: Alarm, now: datetime) -> None:
    reason, note = request.POST.get("reason", ""), request.POST.get("note", "")
    mark_false(alarm=alarm, reason=reason, note=note, actor=request.user, now=now)


def _clear(request: HttpRequest, alarm: Alarm, now: datetime) -> None:
    reason = request.POST.get("reason", "")
    clear_alarm(alarm=alarm, cleared_at=now, received_at=now, actor=request.user, reason=reason)


def _close(request: HttpRequest, alarm: Alarm, now: datetime) -> None:
    close_alarm(alarm=alarm, actor=request.user, now=now)


def _lower(request: HttpRequest, alarm: Alarm, now: datetime) -> None:
    reason = request.POST.get("reason", "")
    level = one_lower(alarm.level)
    change_level(alarm=alarm, level=level, at=now, received_at=now, actor=request.user, reason=reason)


def _submit_draft(request: HttpRequest, alarm: Alarm, now: datetime) -> None:
    draft = get_object_or_404(HazardDraft, alarm=alarm)
    photos = [photo.read() for photo in request.FILES.getlist("photos")]
    text = request.POST.get("description", "")
    submit_draft(draft=draft, description=text, photos=photos, actor=request.user, now=now)


def _dismiss_draft(request: HttpRequest, alarm: Alarm, now: datetime) -> None:
    draft = get_object_or_404(HazardDraft, alarm=alarm)
    dismiss_draft(draft=draft, reason=request.POST.get("reason", ""), actor=request.user, now=now)


_ACTS: dict[str, Callable[[HttpRequest, Alarm, datetime], None]] = {
    "acknowledge": _acknowledge,
    "handle": _handle,
    "false": _false,
    "clear": _clear,
    "close": _close,
    "lower": _lower,
    "submit_draft": _submit_draft,
    "dismiss_draft": _dismiss_draft,
}


@require_POST
def acknowledge_from_list(request: HttpRequest, code: str, alarm_id: UUID) -> HttpResponse:
    """Take note of an alarm from the record, and go back to it as it was filtered."""
    site = visible_site(request.user, code)
    alarm = get_object_or_404(visible(request.user), site=site, pk=alarm_id)
    try:
        acknowledge_alarm(alarm=alarm, actor=request.user, now=timezone.now())
    except AlarmRefused as refused:
        messages.error(request, refusal_words(refused))
    return redirect("alarms", code=code)


@cache_control(private=True, max_age=86400)
@require_GET
def alarm_photo(request: HttpRequest, code: str, alarm_id: UUID, sha256: str) -> HttpResponseBase:
    """Send a photo of how an alarm was handled to who may see its site."""
    site = visible_site(request.user, code)
    alarm = get_object_or_404(visible(request.user), site=site, pk=alarm_id)
    photo = get_object_or_404(AlarmPhoto, alarm=alarm, sha256=sha256)
    try:
        return FileResponse(open_blob(photo.sha256), content_type="image/jpeg")
    except BlobMissing as error:
        raise Http404(_("The photo is missing.")) from error
