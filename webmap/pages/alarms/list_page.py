"""`/sites/<code>/live/alarms/`: the record of alarms, hazard drafts, rules with false alarms; as Excel too."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from spatial.alarms.models import Alarm
from spatial.alarms.operations import MAY_ACKNOWLEDGE
from spatial.alarms.queries import active_alarms, false_shares, open_hazard_drafts, rule_names, visible
from spatial.alarms.rules import status_of
from spatial.people.queries import roles_on
from spatial.privacy.queries import may_see_names
from webmap.access import visible_site
from webmap.live.naming import as_shown
from webmap.live.state import alarms_shown
from webmap.pages.commands.parts import CommandPart, call_to_wearer
from webmap.pages.observations.words import local
from webmap.wording.alarm_titles import alarm_title

from .filters import filtered, read_filters
from .words import LEVELS, STATUSES

PER_PAGE = 50
MOST_ROWS = 20_000
HINT_DAYS = 30
STANDINGS = {
    "open": lazy("not closed"),
    "raised": lazy("nobody has taken note"),
    "active": lazy("going on"),
    "over": lazy("over, not closed"),
    "closed": lazy("closed"),
    "false": lazy("false alarms"),
    "late": lazy("late"),
    "disproved": lazy("disproved by later data"),
}


@never_cache
@require_GET
def alarm_list(request: HttpRequest, code: str) -> HttpResponse:
    """Show the record of a site's alarms, newest first, as filtered."""
    site, now = visible_site(request.user, code), timezone.now()
    asked = read_filters(request.GET)
    rows = filtered(visible(request.user).filter(site=site), asked, site, request.user)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    names = rule_names(site, now, get_language() or "zh-hans")
    drafts = open_hazard_drafts(request.user, site)
    live, named = active_alarms(site), may_see_names(request.user, site)
    context = {
        "site": site,
        "asked": asked,
        "page": page,
        "lines": [
            {**line_of(alarm, site, names), "command": _call(request, site, alarm)}
            for alarm in as_shown(page, named=named)
        ],
        "levels": LEVELS.items(),
        "standings": STANDINGS.items(),
        "rules": sorted(names.items()),
        "drafts": as_shown(drafts, named=named),
        "hints": false_shares(site, since=now - timedelta(days=HINT_DAYS), names=names),
        "active_count": live.count(),
        "unnoted_count": live.filter(acknowledged_at__isnull=True).count(),
        "may_act": request.user.is_superuser or bool(roles_on(request.user, site) & MAY_ACKNOWLEDGE),
    }
    return render(request, "pages/alarms.html", context)


def _call(request: HttpRequest, site: Any, alarm: Alarm) -> CommandPart | None:
    """Return the part that calls the wearer of an alarm that goes on."""
    return None if alarm.cleared_at else call_to_wearer(request, site, alarm)


def line_of(alarm: Alarm, site: Any, names: dict[str, str]) -> dict[str, Any]:
    """Return an alarm as a row of the record shows it."""
    status = status_of(alarm)
    return {
        "alarm": alarm,
        "when": local(alarm.raised_at, site),
        "status": STATUSES[status],
        "open": status in ("raised", "acknowledged", "handled", "cleared"),
        "where": " · ".join(
            filter(None, [alarm.zone.name if alarm.zone else "", alarm.storey.name if alarm.storey else ""])
        ),
        "rule_name": names.get(alarm.rule, alarm.rule),
        "lasted": duration_words(alarm.raised_at, alarm.cleared_at) if alarm.cleared_at else "",
    }


def duration_words(start: datetime, end: datetime) -> str:
    """Return how long something lasted, as h:mm:ss."""
    seconds = max(0, int((end - start).total_seconds()))
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


@require_GET
def alarm_excel(request: HttpRequest, code: str) -> HttpResponse:
    """Send the filtered record as an Excel workbook, the newest 20,000 rows."""
    site, now = visible_site(request.user, code), timezone.now()
    rows = filtered(visible(request.user).filter(site=site), read_filters(request.GET), site, request.user)
    names = rule_names(site, now, get_language() or "zh-hans")
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Alarms"))
    sheet.append([str(word) for word in _heads()])
    people = ("acknowledged_by", "handled_by", "cleared_by", "closed_by")
    named = may_see_names(request.user, site)
    for alarm in alarms_shown(rows.select_related(*people, "zone", "device", "storey")[:MOST_ROWS], named=named):
        sheet.append([_cell(value) for value in _row(alarm, site, names)])
    out = io.BytesIO()
    book.save(out)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    answer = HttpResponse(out.getvalue(), content_type=kind)
    name = f"{site.code}-{_('alarms')}-{now:%Y%m%d}.xlsx"
    answer["Content-Disposition"] = content_disposition_header(True, name) or ""
    return answer


def _heads() -> list[str]:
    return [
        _("When"), _("Level"), _("Rule"), _("Name"), _("Alarm"), _("Zone"), _("Storey"), _("Person"), _("Device"),
        _("Standing"), _("Repeats"), _("Noted at"), _("Noted by"), _("What was done about it"), _("Handled by"),
        _("Over at"), _("Closed at"), _("Late"),
    ]  # fmt: skip


def _row(alarm: Alarm, site: Any, names: dict[str, str]) -> list[Any]:
    def moment(value: datetime | None) -> str:
        return local(value, site) if value else ""

    return [
        moment(alarm.raised_at), str(LEVELS[alarm.level]), alarm.rule, names.get(alarm.rule, ""), alarm_title(alarm),
        alarm.zone.name if alarm.zone else "", alarm.storey.name if alarm.storey else "", alarm.person_name,
        alarm.device.code if alarm.device else "", str(STATUSES[status_of(alarm)]), alarm.repeats,
        moment(alarm.acknowledged_at), str(alarm.acknowledged_by or ""), alarm.handling, str(alarm.handled_by or ""),
        moment(alarm.cleared_at), moment(alarm.closed_at), _("late") if alarm.late else "",
    ]  # fmt: skip


def _cell(value: Any) -> Any:
    """A text that Excel would take for a formula stays a text."""
    if not isinstance(value, str):
        return value
    text = ILLEGAL_CHARACTERS_RE.sub("", value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
