"""`/sites/CODE/live/permits/`: ask for a permit, decide it, test gas, count in and out, close."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from spatial.people.queries import on_the_books, roles_on
from spatial.permits.models import PermitEntrant, WorkPermit
from spatial.permits.operations import (
    APPLICANTS,
    APPROVERS,
    PermitRefused,
    close_permit,
    decide_permit,
    note_passage,
    request_permit,
    start_work,
    test_gas,
)
from spatial.permits.queries import lets_in, limits_of, limits_on, people_inside, visible
from spatial.permits.rules import permit_kinds
from spatial.privacy.queries import may_see_names
from spatial.zones.models import Zone
from webmap.access import visible_site
from webmap.pages.people.words import local
from webmap.pages.risks.elements import anchor_on_element

from .forms import GasForm, PermitForm
from .words import measure_words, permit_kind_words, permit_line, refusal_words

PAGE_LENGTH = 40


@require_GET
def list_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show the permits of a site: what runs or waits first."""
    site, now = visible_site(request.user, code), timezone.now()
    rows = visible(request.user).filter(site=site)
    live = rows.filter(state__in=("requested", "approved", "running")).order_by("ends_at")
    done = Paginator(rows.filter(state__in=("closed", "refused")).order_by("-starts_at"), PAGE_LENGTH)
    page = done.get_page(request.GET.get("page"))
    context = {
        "site": site,
        "live": [permit_line(permit, site, now) for permit in live],
        "done": [permit_line(permit, site, now) for permit in page.object_list],
        "page": page,
        "kinds": [(kind, permit_kind_words(kind)) for kind in permit_kinds()]
        if _may(request, site, APPLICANTS)
        else [],
    }
    return render(request, "pages/permits.html", context)


def _may(request: HttpRequest, site: Any, roles: Any) -> bool:
    user = request.user
    return bool(getattr(user, "is_superuser", False) or roles_on(user, site) & roles)


@never_cache
@require_http_methods(["GET", "POST"])
def new_page(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    """Ask for a permit of a kind."""
    site, now = visible_site(request.user, code), timezone.now()
    if kind not in permit_kinds() or not _may(request, site, APPLICANTS):
        raise Http404
    here = now.astimezone(ZoneInfo(site.time_zone)).replace(second=0, microsecond=0, tzinfo=None)
    length = min(limits_on(site, now).most[kind], timedelta(hours=4))
    form = PermitForm(
        request.POST or None, kind=kind, zones=Zone.objects.filter(site=site, active=True).order_by("code"),
        people=on_the_books(site), time_zone=site.time_zone, initial={"starts": here, "ends": here + length},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            permit = request_permit(
                site=site, kind=kind, work=data["work"], zone=data["zone"], place=data["place"],
                anchor_at=_anchor_at(site, data),
                starts_at=form.moment("starts"), ends_at=form.moment("ends"), entrants=data["entrants"],
                attendant=data["attendant"], measures=data["measures"], actor=request.user, now=now,
            )  # fmt: skip
            return redirect("permit", code=code, permit_id=permit.pk)
        except PermitRefused as refused:
            field = {"starts_at": "starts", "ends_at": "ends"}.get(refused.field, refused.field)
            form.add_error(field if field in form.fields else None, refusal_words(refused))
    context = {"site": site, "form": form, "kind": permit_kinds()[kind], "kind_words": permit_kind_words(kind),
               "plan": {"site": site.code}}  # fmt: skip
    return render(request, "pages/permit_new.html", context, status=422 if form.errors else 200)


def _anchor_at(site: Any, data: dict[str, Any]) -> dict[str, Any] | None:
    """Return where on the map or on which element the work is, as `place_anchor` takes it; None where nobody said."""
    if data.get("element"):
        return anchor_on_element(site, data["element"])
    if data.get("lon") is None or data.get("lat") is None:
        return None
    return {name: data[name] for name in ("lon", "lat", "height_m")}


@never_cache
@require_GET
def permit_page(request: HttpRequest, code: str, permit_id: UUID) -> HttpResponse:
    """Show a permit and what can be done with it now."""
    site, permit = _permit(request, code, permit_id)
    return _show(request, site, permit)


def _permit(request: HttpRequest, code: str, permit_id: UUID) -> tuple[Any, WorkPermit]:
    site = visible_site(request.user, code)
    return site, get_object_or_404(visible(request.user), site=site, pk=permit_id)


def _show(request: HttpRequest, site: Any, permit: WorkPermit, *, error: str = "", gas: GasForm | None = None,
          status: int = 200) -> HttpResponse:  # fmt: skip
    now = timezone.now()
    line = permit_line(permit, site, now)
    inside = people_inside(permit)
    kind = permit_kinds()[permit.kind]
    may_work = _may(request, site, APPLICANTS)
    context = {
        "site": site,
        "line": line,
        "permit": permit,
        "kind": kind,
        "measures": [words for _code, words in measure_words(permit.kind)],
        "named": may_see_names(request.user, site),
        "entrants": [
            (one, one.pk in inside) for one in permit.entrants.select_related("person").order_by("created_at")
        ],
        "inside": len(inside),
        "tests": [(test, local(test.taken_at, site)) for test in permit.gas_tests.order_by("-taken_at")],
        "test_min": limits_of(permit).entry_age.total_seconds() / 60,
        "fresh": lets_in(permit, now) if kind.needs_gas_test else None,
        "decided": local(permit.decided_at, site),
        "closed": local(permit.closed_at, site),
        "may_work": may_work,
        "may_decide": _may(request, site, APPROVERS) and permit.applicant_id != request.user.pk,
        "gas": gas or (GasForm(limits_on(site, now)) if kind.needs_gas_test and may_work else None),
        "error": error,
    }
    return render(request, "pages/permit.html", context, status=status)


@require_POST
def act(request: HttpRequest, code: str, permit_id: UUID, what: str) -> HttpResponse:
    """Do one thing with a permit: approve, refuse, start, close, gas, in, out."""
    site, permit = _permit(request, code, permit_id)
    now, gas = timezone.now(), None
    try:
        if what == "gas":
            gas = GasForm(limits_on(site, now), request.POST)
            if not gas.is_valid():
                return _show(request, site, permit, gas=gas, status=422)
        _do(request, permit, what, gas, now)
    except PermitRefused as refused:
        permit.refresh_from_db()
        return _show(request, site, permit, error=refusal_words(refused), gas=gas, status=422)
    return redirect("permit", code=code, permit_id=permit_id)


def _do(request: HttpRequest, permit: WorkPermit, what: str, gas: GasForm | None, now: datetime) -> None:
    user, given = request.user, request.POST
    if what in ("approve", "refuse"):
        decide_permit(permit=permit, approve=what == "approve", reason=given.get("reason", ""), actor=user, now=now)
    elif what == "start":
        start_work(permit=permit, actor=user, now=now)
    elif what == "close":
        close_permit(permit=permit, note=given.get("note", ""), actor=user, now=now)
        messages.success(request, _("The permit is closed."))
    elif gas is not None:
        test_gas(permit=permit, values=gas.values(), tested_by=gas.cleaned_data["tested_by"], actor=user, now=now)
    elif what in ("in", "out"):
        entrant = get_object_or_404(PermitEntrant, permit=permit, pk=given.get("entrant"))
        note_passage(entrant=entrant, inwards=what == "in", actor=user, now=now)
    else:
        raise Http404
