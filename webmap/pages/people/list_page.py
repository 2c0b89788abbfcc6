"""`/sites/CODE/live/people/`: who works here, whether their papers hold, what they wear; and everything as Excel."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from spatial.attendance.queries import on_site
from spatial.devices.models import Device
from spatial.people.importing import export_roster, may_keep
from spatial.people.models import Certificate, Person, Team
from spatial.people.queries import certificate_requirements, on_the_books
from spatial.permits.queries import facts_of_people
from spatial.privacy.queries import may_see_names
from webmap.access import visible_site

from .words import kinds_missing, paper, trade_words

PAGE_LENGTH = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def people_site(user: Any, code: str) -> Any:
    """Return a site whose people may be named to a user. Raises Http404 otherwise: a regulator sees counts."""
    site = visible_site(user, code)
    if not may_see_names(user, site):
        raise Http404
    return site


def people_of(site: Any, given: Any) -> Any:
    """Return the people of a site that fit the search of a page."""
    people = on_the_books(site)
    if words := given.get("q", "").strip():
        people = people.filter(Q(full_name__icontains=words) | Q(badge__iexact=words) | Q(trade__icontains=words))
    if team := given.get("team", ""):
        people = people.filter(team__name=team)
    return people


@require_GET
def list_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show the people of a site; who may not see names sees how many there are by trade."""
    site, now = visible_site(request.user, code), timezone.now()
    if not may_see_names(request.user, site):
        return _counts(request, site, now)
    page = Paginator(people_of(site, request.GET), PAGE_LENGTH).get_page(request.GET.get("page"))
    lines = _lines(list(page.object_list), site, now)
    context = {
        "site": site,
        "page": page,
        "lines": lines,
        "teams": Team.objects.filter(site=site).order_by("name"),
        "given": request.GET,
        "may_keep": may_keep(request.user, site),
        "query": "&".join(f"{key}={request.GET[key]}" for key in ("q", "team") if request.GET.get(key)),
    }
    return render(request, "pages/people.html", context)


def _counts(request: HttpRequest, site: Any, now: datetime) -> HttpResponse:
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    here = {one.person.pk for one in on_site(site, now)}
    for person in on_the_books(site):
        held = counts[trade_words(person.trade)]
        held[0] += 1
        held[1] += person.pk in here
    context = {"site": site, "counts": sorted(counts.items(), key=lambda item: -item[1][0]), "here": len(here)}
    return render(request, "pages/people_counts.html", context)


def _lines(people: list[Person], site: Any, now: datetime) -> list[dict[str, Any]]:
    today = now.astimezone(ZoneInfo(site.time_zone)).date()
    ids = [person.pk for person in people]
    facts = facts_of_people(site, now, ids)
    worn = defaultdict(list)
    for device in Device.objects.filter(person_id__in=ids, active=True).order_by("code"):
        worn[device.person_id].append(device)
    papers = defaultdict(list)
    for row in Certificate.objects.filter(person_id__in=ids, withdrawn_at=None).order_by("valid_until"):
        papers[row.person_id].append(row)
    here = {one.person.pk: one for one in on_site(site, now)}
    required = list(certificate_requirements(site.organisation).values_list("trade", "kind"))
    return [
        {
            "person": person,
            "trade": trade_words(person.trade),
            "papers": _papers(papers[person.pk], today),
            "missing": kinds_missing(facts[person.pk], required, now),
            "briefed": facts[person.pk].is_briefed(now),
            "devices": worn[person.pk],
            "here": here.get(person.pk),
        }
        for person in people
    ]


def _papers(rows: list[Certificate], today: date) -> list[Any]:
    """Return the last certificate of each kind."""
    last: dict[str, Certificate] = {row.kind: row for row in rows}
    return [paper(row, today) for row in last.values()]


@require_GET
def export_people(request: HttpRequest, code: str) -> HttpResponse:
    """Send the people of a site as the workbook that can be imported again."""
    site = people_site(request.user, code)
    response = HttpResponse(export_roster(site), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="people-{site.code}.xlsx"'
    return response


def person_on(user: Any, code: str, person_id: UUID) -> tuple[Any, Person]:
    """Return a site and a person of it whom the user may see by name. Raises Http404."""
    site = people_site(user, code)
    person = Person.objects.visible_to(user).filter(site=site, pk=person_id).select_related("team", "employer").first()
    if person is None:
        raise Http404
    person.site = site
    return site, person
