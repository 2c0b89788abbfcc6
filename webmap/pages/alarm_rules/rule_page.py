"""`/sites/<code>/live/alarm-rules/<key>/`: one condition: set it, see what it would have raised last week, go back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from spatial.alarms.catalogue import ConditionRefused
from spatial.alarms.conditions import Condition
from spatial.alarms.operations import AlarmRefused
from spatial.alarms.preview import Preview, preview
from spatial.alarms.rule_operations import MAY_SET, change_rule, reset_rule
from spatial.alarms.rule_queries import SiteConditions, condition_of_row, history_of, site_conditions
from spatial.observations.models import Datastream
from spatial.observations.queries import of_site
from spatial.people.queries import roles_on
from spatial.zones.models import Zone
from webmap.access import visible_site
from webmap.pages.observations.words import local, stream_name
from webmap.wording.reader import data_language
from webmap.wording.rule_words import told_source

from .form import fields_of, read_condition, shown_level
from .words import AGGREGATES, CLEARINGS, fault_words, limit_words, looks_at, note_of, refusal_words, unit_of

WEEK = timedelta(days=7)
MOST_LISTED = 100


@never_cache
@require_http_methods(["GET", "POST"])
def alarm_rule_page(request: HttpRequest, code: str, key: str) -> HttpResponse:
    """Show one condition in its scope; preview, set or reset it."""
    site, now = visible_site(request.user, code), timezone.now()
    held = site_conditions(site, at=now)
    given = held.edition.get(key)
    if given is None:
        raise Http404(_("There is no such condition in the edition of this site."))
    zone, stream = _scope(request, site, given)
    scope = (key, getattr(zone, "pk", None), getattr(stream, "pk", None))
    present = held.own.get(scope) or held.own.get((key, None, None)) or given
    context = _facts(request, site, held, given, scope, zone, stream)
    act = request.POST.get("act", "")
    answers = request.POST if request.method == "POST" else {}
    fields, faults, seen = fields_of(present), {}, None
    if act == "reset":
        try:
            reset_rule(
                site=site, key=key, zone=zone, datastream=stream, reason=answers.get("reason", ""),
                actor=request.user, now=now,
            )  # fmt: skip
            messages.success(request, _("The edition's value holds again."))
            return redirect(_address(code, key, zone, stream))
        except AlarmRefused as refused:
            messages.error(request, refusal_words(refused))
    elif act in ("preview", "save"):
        try:
            condition = read_condition(answers, given)
            fields = fields_of(condition)
            if act == "save":
                change_rule(
                    site=site, condition=condition, zone=zone, datastream=stream, reason=answers.get("reason", ""),
                    actor=request.user, now=now,
                )  # fmt: skip
                messages.success(request, _("The condition is set. It counts from the next reading on."))
                return redirect(_address(code, key, zone, stream))
            seen = _preview_words(
                preview(site, condition, zone=zone, datastream=stream, start=now - WEEK, end=now, now=now), site
            )
        except ConditionRefused as refused:
            faults = {fault.field: fault_words(fault) for fault in refused.faults}
            fields = _typed(answers, fields)
        except AlarmRefused as refused:
            messages.error(request, refusal_words(refused))
    fields["levels"] = [shown_level(row, faults) for row in fields["levels"]]
    context |= {"fields": fields, "faults": faults, "seen": seen, "reason": answers.get("reason", "")}
    return render(request, "pages/alarm_rule.html", context, status=400 if faults else 200)


def _scope(request: HttpRequest, site: Any, given: Condition) -> tuple[Zone | None, Datastream | None]:
    query = request.GET
    zone = stream = None
    try:
        if query.get("zone"):
            zone = Zone.objects.get(pk=UUID(query["zone"]), site=site)
        elif query.get("stream"):
            stream = Datastream.objects.get(pk=UUID(query["stream"]), site=site, quantity=given.quantity)
    except (ValueError, Zone.DoesNotExist, Datastream.DoesNotExist) as error:
        raise Http404(_("There is no such zone or datastream.")) from error
    return zone, stream


def _address(code: str, key: str, zone: Zone | None, stream: Datastream | None) -> str:
    query = f"?zone={zone.pk}" if zone else f"?stream={stream.pk}" if stream else ""
    return reverse("alarm-rule", args=[code, key]) + query


def _facts(
    request: HttpRequest,
    site: Any,
    held: SiteConditions,
    given: Condition,
    scope: tuple[str, Any, Any],
    zone: Zone | None,
    stream: Datastream | None,
) -> dict[str, Any]:
    language = data_language()
    streams = list(of_site(site).filter(quantity=given.quantity))
    history = [
        {
            "when": local(row.valid_from, site),
            "until": local(row.replaced_at, site) if row.replaced_at else "",
            "who": str(row.changed_by or ""),
            "reason": row.reason,
            "scope": row.zone.name if row.zone else stream_name(row.datastream) if row.datastream else "",
            "limits": limit_words(condition_of_row(row)),
            "enabled": row.enabled,
        }
        for row in history_of(site, given.key)
    ]
    return {
        "site": site,
        "key": given.key,
        "rule": held.names[given.rule],
        "source": told_source(held.names[given.rule]["source"], row=given.rule),
        "rule_name": held.names[given.rule][language],
        "looks_at": looks_at(given),
        "unit": unit_of(given),
        "given_limits": limit_words(given),
        "note": note_of(given),
        "changed": scope in held.own,
        "zone": zone,
        "stream": stream,
        "scope_name": zone.name if zone else stream_name(stream) if stream else "",
        "zones": sorted({row.zone for row in streams if row.zone}, key=lambda row: row.code),
        "streams": [(row, stream_name(row)) for row in streams],
        "aggregates": AGGREGATES.items(),
        "clearings": CLEARINGS.items(),
        "history": history,
        "may_set": request.user.is_superuser or bool(roles_on(request.user, site) & MAY_SET),
    }


def _typed(answers: Any, fields: dict[str, Any]) -> dict[str, Any]:
    """What was typed stays in the fields, also when it is refused."""
    levels = [
        replace(row, limit=answers.get(f"limit_{row.level}", ""), hold_s=answers.get(f"hold_{row.level}", ""))
        for row in fields["levels"]
    ]
    names = ("clear_limit", "clear_hold_s", "clearing", "aggregate", "periods")
    typed = {name: answers.get(name, "") for name in names}
    return {**fields, **typed, "levels": levels, "enabled": answers.get("enabled") == "1"}


def _preview_words(seen: Preview, site: Any) -> dict[str, Any]:
    zone = ZoneInfo(site.time_zone)
    most = max((max(old, new) for _day, old, new in seen.days), default=0) or 1
    return {
        "days": [
            {"day": day, "old": old, "new": new, "old_share": 100 * old // most, "new_share": 100 * new // most}
            for day, old, new in seen.days
        ],
        "old": seen.old,
        "new": seen.new,
        "streams": seen.streams,
        "more": max(0, len(seen.alarms) - MOST_LISTED),
        "alarms": [
            {
                "level": row.episode.highest,
                "when": local(row.episode.started_at, site),
                "until": f"{row.episode.ended_at.astimezone(zone):%H:%M:%S}" if row.episode.ended_at else "",
                "name": stream_name(row.stream),
                "stream": row.stream,
                "old": row.old,
                "new": row.new,
            }
            for row in seen.alarms[:MOST_LISTED]
        ],
    }
