"""`/sites/CODE/live/attendance/`: the day, the month, posts and their gaps; corrections stand beside."""

from __future__ import annotations

import calendar
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from spatial.attendance.models import Post
from spatial.attendance.operations import CORRECTORS, AttendanceRefused, correct_day, create_post, end_post
from spatial.attendance.queries import on_site, posts_now, sheet
from spatial.people.models import Person
from spatial.people.queries import on_the_books, roles_on
from spatial.privacy.queries import may_see_names
from spatial.zones.models import Zone
from webmap.access import visible_site
from webmap.pages.people.words import local, trade_words

from .forms import CorrectionForm, PostForm
from .sheet_file import day_workbook, month_workbook
from .words import REFUSALS, day_lines, hours, overtime_hours

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def named_site(user: Any, code: str) -> Any:
    """Return a site whose people may be named to a user. Raises Http404 otherwise."""
    site = visible_site(user, code)
    if not may_see_names(user, site):
        raise Http404
    return site


def _asked_day(request: HttpRequest, site: Any, now: datetime) -> date:
    today = now.astimezone(ZoneInfo(site.time_zone)).date()
    try:
        return min(date.fromisoformat(request.GET.get("day", "")), today)
    except ValueError:
        return today


@require_GET
def day_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show who is on the site, the posts, and the day's sheet; to a regulator the counts only."""
    site, now = visible_site(request.user, code), timezone.now()
    here = on_site(site, now)
    posts = [_post(one, site, now) for one in posts_now(site, now)]
    day = _asked_day(request, site, now)
    context: dict[str, Any] = {
        "site": site, "day": day, "before": day - timedelta(days=1), "after": day + timedelta(days=1),
        "here": len(here), "seen": sum(one.seen_now for one in here), "on_books": on_the_books(site).count(),
        "posts": posts,
        "trades": Counter(trade_words(one.person.trade) for one in here).most_common(), "month": day.strftime("%Y-%m"),
    }  # fmt: skip
    if may_see_names(request.user, site):
        lines = day_lines(sheet(site, day, day, now), site)
        may_correct = bool(roles_on(request.user, site) & CORRECTORS)
        context |= {
            "lines": lines,
            "counts": Counter(line.standing for line in lines),
            "may_correct": may_correct,
            "form": CorrectionForm(initial={"day": day}, people=on_the_books(site)) if may_correct else None,
            "post_form": _post_form(site) if may_correct else None,
        }
    return render(request, "pages/attendance.html", context)


def _post(one: Any, site: Any, now: datetime) -> dict[str, Any]:
    gaps = [(local(start, site, "%H:%M"), local(end, site, "%H:%M")) for start, end in one.gaps]
    total = sum(((end - start) for start, end in one.gaps), timedelta(0))
    return {"post": one.post, "now": one, "gaps": gaps, "total": hours(total) if gaps else "",
            "trade": trade_words(one.post.trade)}  # fmt: skip


def _post_form(site: Any, data: Any = None) -> PostForm:
    return PostForm(data, zones=Zone.objects.filter(site=site, active=True), people=on_the_books(site))


@require_GET
def month_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show the hours of each person and day of a month."""
    site, now = named_site(request.user, code), timezone.now()
    first = _month(request, site, now)
    context = {"site": site, "first": first, **_month_table(site, first, now)}
    return render(request, "pages/attendance_month.html", context)


def _month(request: HttpRequest, site: Any, now: datetime) -> date:
    try:
        return datetime.strptime(request.GET.get("month", ""), "%Y-%m").replace(tzinfo=ZoneInfo("UTC")).date()
    except ValueError:
        return now.astimezone(ZoneInfo(site.time_zone)).date().replace(day=1)


def _month_table(site: Any, first: date, now: datetime) -> dict[str, Any]:
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    days = [first + timedelta(days=number) for number in range(last.day)]
    inside: dict[UUID, dict[date, timedelta]] = defaultdict(lambda: defaultdict(timedelta))
    people: dict[UUID, Person] = {}
    for row in sheet(site, first, last, now):
        people[row.person.pk] = row.person
        if row.day.came_at is not None:
            inside[row.person.pk][row.day.day] += row.day.inside
    allowed = overtime_hours(site, days)
    rows = [
        (person, [(hours(inside[key][day]), inside[key][day] > allowed[day]) if day in inside[key] else ("", False)
                  for day in days], len(inside[key]),
         hours(sum(inside[key].values(), timedelta(0))))
        for key, person in people.items()
    ]  # fmt: skip
    before = first - timedelta(days=1)
    return {"days": days, "rows": rows, "before": before.strftime("%Y-%m"),
            "after": (last + timedelta(days=1)).strftime("%Y-%m")}  # fmt: skip


@require_GET
def export(request: HttpRequest, code: str) -> HttpResponse:
    """Send the sheet of a day or of a month as Excel."""
    site, now = named_site(request.user, code), timezone.now()
    if "month" in request.GET:
        first = _month(request, site, now)
        table = _month_table(site, first, now)
        content, name = month_workbook(first, table["days"], table["rows"]), f"{first:%Y-%m}"
    else:
        day = _asked_day(request, site, now)
        content, name = day_workbook(day, day_lines(sheet(site, day, day, now), site)), day.isoformat()
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="attendance-{site.code}-{name}.xlsx"'
    return response


@require_POST
def correct(request: HttpRequest, code: str) -> HttpResponse:
    """Write a correction beside a day."""
    site = named_site(request.user, code)
    form = CorrectionForm(request.POST, people=on_the_books(site))
    if form.is_valid():
        data = form.cleaned_data
        came, left = form.moments(site.time_zone)
        try:
            correct_day(
                person=data["person"], day=data["day"], came_at=came, left_at=left, reason=data["reason"],
                actor=request.user, now=timezone.now(),
            )  # fmt: skip
            messages.success(request, _("Written beside the day; what the fence saw stays."))
        except AttendanceRefused as refused:
            messages.error(request, REFUSALS[refused.code])
    else:
        messages.error(request, _("The correction is not complete: choose a person, a day, two times and a reason."))
    return redirect(f"/sites/{code}/live/attendance/?day={request.POST.get('day', '')[:10]}")


@require_POST
def add_post(request: HttpRequest, code: str) -> HttpResponse:
    """Set up a post that must be manned."""
    site = named_site(request.user, code)
    form = _post_form(site, request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            create_post(
                site=site, name=data["name"], trade=data["trade"], people=data["people"], zone=data["zone"],
                starts=data["starts"], ends=data["ends"], at_least=data["at_least"], actor=request.user,
                now=timezone.now(),
            )  # fmt: skip
            messages.success(request, _("The post is set up; it counts from now on."))
        except AttendanceRefused as refused:
            messages.error(request, REFUSALS[refused.code])
    else:
        messages.error(request, _("The post is not complete: give a name, two times, and who may man it."))
    return redirect("attendance", code=code)


@require_POST
def remove_post(request: HttpRequest, code: str, post_id: UUID) -> HttpResponse:
    """Take a post off the list."""
    site = named_site(request.user, code)
    post = get_object_or_404(Post.objects.visible_to(request.user), site=site, pk=post_id, active=True)
    try:
        end_post(post=post, actor=request.user, now=timezone.now())
    except AttendanceRefused as refused:
        messages.error(request, REFUSALS[refused.code])
    return redirect("attendance", code=code)
