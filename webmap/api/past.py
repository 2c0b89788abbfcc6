"""`/api/v1/.../past` and `/colour-history`: any past moment, computed again from the facts known then."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Schema
from ninja.errors import HttpError

from spatial.places.models import Site
from spatial.privacy.queries import may_see_names
from spatial.zones.history import grade_history
from webmap.access import visible_site
from webmap.live.past_region import past_region
from webmap.live.past_state import past_state
from webmap.live.payloads import ReasonOut, RegionState, SiteState
from webmap.live.state import reasons_out

from .answers import as_json

router = Router(tags=["past"])
LONGEST_PERIOD = timedelta(days=31)


class GradeStepOut(Schema):
    """A change of a site's colour, and the reasons that came and went with it."""

    at: datetime
    before: int
    after: int
    came: list[ReasonOut]
    went: list[ReasonOut]


class GradeHistoryOut(Schema):
    """A site's colour over a period; `complete` is false where it ends earlier because too much happened."""

    since: datetime
    until: datetime
    grade_at_start: int
    complete: bool
    steps: list[GradeStepOut]


def past_moment(at: datetime | None, *, now: datetime) -> datetime:
    """Return a moment that lies in the past. Raises HttpError 422 for none, one without a time zone, or to come.

    Whether the asker may see the site is decided before: a stranger gets 404 whatever is asked.
    """
    if at is None or at.tzinfo is None:
        raise HttpError(422, _("Name the moment with its time zone, for example 2026-11-23T09:30:00+08:00."))
    if at > now:
        raise HttpError(422, _("This moment is still to come: only the past can be replayed."))
    return at


@router.get("/sites/{code}/past", response=SiteState, summary="Colours, reasons, tickets and alarms as they were")
def read_past(request: HttpRequest, code: str, at: datetime | None = None) -> SiteState:
    site = visible_site(request.user, code)
    return past_state(site, at=past_moment(at, now=timezone.now()), named=may_see_names(request.user, site))


@router.get("/sites/{code}/colour-history", response=GradeHistoryOut, summary="When and why the colour changed")
def read_history(
    request: HttpRequest, code: str, since: datetime | None = None, until: datetime | None = None
) -> GradeHistoryOut:
    site, now = visible_site(request.user, code), timezone.now()
    since = past_moment(since, now=now)
    until = past_moment(min(until, now) if until is not None and until.tzinfo else until, now=now)
    if not since < until <= since + LONGEST_PERIOD:
        raise HttpError(422, _("A period begins before it ends, and is 31 days long at most."))
    history = grade_history(site, since=since, until=until)
    every = [reason for step in history.steps for reason in (*step.came, *step.went)]
    told = reasons_out(site, now=now, named=may_see_names(request.user, site), every=every)
    return GradeHistoryOut(
        since=history.since,
        until=history.until,
        grade_at_start=history.grade_at_start,
        complete=history.complete,
        steps=[
            GradeStepOut(at=s.at, before=s.before, after=s.after, came=told(s.came), went=told(s.went))
            for s in history.steps
        ],
    )


@router.get("/region/past", response=RegionState, summary="Sites with their colours and counts as they were")
def read_past_region(request: HttpRequest, at: datetime) -> HttpResponse:
    moment = past_moment(at, now=timezone.now())
    return as_json(past_region(Site.objects.visible_to(request.user).values_list("id", flat=True), at=moment))
