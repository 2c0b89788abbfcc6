"""`/sites/CODE/live/people/ID/`: a person's papers, devices and days; their track only for a purpose."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from spatial.attendance.queries import sheet
from spatial.people.importing import may_keep
from spatial.people.models import BriefingSignature, Education, Person
from spatial.people.queries import certificate_requirements
from spatial.people.rules import EDUCATION_LEVELS
from spatial.permits.models import WorkPermit
from spatial.permits.queries import facts_of_people
from spatial.privacy.operations import LookRefused, open_track
from spatial.privacy.queries import looks_at
from spatial.wearing.models import Issue
from webmap.pages.attendance.words import day_lines
from webmap.pages.commands.parts import command_part
from webmap.pages.permits.words import permit_line
from webmap.pages.privacy.track import track_plan
from webmap.pages.privacy.words import LOOK_REFUSALS

from .list_page import person_on
from .words import kinds_missing, local, paper, trade_words

DAYS = 7


class LookForm(forms.Form):
    """Which hours of a track, and what for."""

    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}))
    starts = forms.TimeField(label=_("From"), widget=forms.TimeInput(attrs={"type": "time"}))
    ends = forms.TimeField(label=_("Until"), widget=forms.TimeInput(attrs={"type": "time"}))
    purpose = forms.CharField(
        label=_("What do you need it for?"), max_length=300, required=False,
        help_text=_("It is written down with your name; the person can read it."),
    )  # fmt: skip

    def period(self, time_zone: str) -> tuple[datetime, datetime]:
        """Return the hours as moments."""
        zone, data = ZoneInfo(time_zone), self.cleaned_data
        start = datetime.combine(data["day"], data["starts"], tzinfo=zone)
        end = datetime.combine(data["day"], data["ends"], tzinfo=zone)
        return start, end if end > start else end + timedelta(days=1)


@never_cache
@require_http_methods(["GET", "POST"])
def person_page(request: HttpRequest, code: str, person_id: UUID) -> HttpResponse:
    """Show a person; a look at the track is a POST with its purpose."""
    site, person = person_on(request.user, code, person_id)
    now = timezone.now()
    here = now.astimezone(ZoneInfo(site.time_zone))
    initial = {
        "day": here.date(),
        "starts": (here - timedelta(hours=1)).strftime("%H:%M"),
        "ends": here.strftime("%H:%M"),
    }
    form = LookForm(request.POST or None, initial=initial)
    track = None
    if request.method == "POST" and form.is_valid():
        period = form.period(site.time_zone)
        purpose = form.cleaned_data["purpose"]
        try:
            open_track(person=person, viewer=request.user, purpose=purpose, period=period, now=now)
            track = track_plan(person, *period)
        except LookRefused as refused:
            form.add_error("purpose", LOOK_REFUSALS[refused.code])
    context = {**_papers(person, site, now), **_days(person, site, now), "form": form, "track": track}
    context["may_keep"] = may_keep(request.user, site)
    context["command"] = command_part(request, site, target="person", target_id=str(person.pk))
    context["looks"] = [(look, local(look.looked_at, site)) for look in looks_at(person)[:10]]
    return render(request, "pages/person.html", context, status=422 if form.errors else 200)


def _papers(person: Person, site: Any, now: datetime) -> dict[str, Any]:
    today = now.astimezone(ZoneInfo(site.time_zone)).date()
    facts = facts_of_people(site, now, [person.pk])[person.pk]
    education = {row.level: row for row in Education.objects.filter(person=person).order_by("held_on")}
    labels = dict(Education.Level.choices)
    required = certificate_requirements(site.organisation).values_list("trade", "kind")
    signed = (
        BriefingSignature.objects.filter(person=person).select_related("briefing").order_by("-briefing__valid_until")
    )
    return {
        "site": site,
        "person": person,
        "trade": trade_words(person.trade),
        "papers": [paper(row, today) for row in person.certificates.order_by("-valid_until")],
        "missing": kinds_missing(facts, required, now),
        "education": [(labels[level], education.get(level)) for level in EDUCATION_LEVELS],
        "briefed": facts.is_briefed(now),
        "briefed_until": local(facts.briefed_until, site),
        "briefings": list(signed[:10]),
        "today": today,
    }


def _days(person: Person, site: Any, now: datetime) -> dict[str, Any]:
    today = now.astimezone(ZoneInfo(site.time_zone)).date()
    rows = sheet(site, today - timedelta(days=DAYS - 1), today, now, [person])
    issues = Issue.objects.filter(person=person).select_related("device").order_by("-issued_at")[:10]
    permits = WorkPermit.objects.filter(entrants__person=person).select_related("zone").order_by("-starts_at")[:5]
    return {
        "days": day_lines(reversed(rows), site),
        "issues": [(one, local(one.issued_at, site), local(one.returned_at, site)) for one in issues],
        "worn": person.devices.filter(active=True).order_by("code"),
        "permits": [permit_line(permit, site, now) for permit in permits],
    }
