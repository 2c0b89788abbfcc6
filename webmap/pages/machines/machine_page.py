"""One machine: what it does now, its last day of loads, papers, runs, checks and the check of its pairs."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from spatial.machines.models import Machine, MachineCheck, MachineDocument, OperationRecord
from spatial.machines.operations import (
    MachineForbidden,
    MachineRefused,
    begin_operation,
    check_machine,
    end_operation,
    file_document,
    may_operate,
)
from spatial.machines.papers import last_day
from spatial.machines.past import use_of_loads
from spatial.machines.queries import may_keep, may_record, pair_checks, scene_of, visible, worked
from spatial.people.queries import on_the_books
from spatial.privacy.queries import may_see_names
from webmap.access import visible_site
from webmap.live.machines import machines_of
from webmap.live.naming import as_shown

from .load_chart import load_chart
from .states import state_of
from .words import CHECK_ITEMS, LEVELS, STATES, due_words, local, number_words, pair_lines, short

DAY = timedelta(days=1)


def _machine(request: HttpRequest, code: str, machine_id: UUID) -> Machine:
    site = visible_site(request.user, code)
    return get_object_or_404(visible(request.user), site=site, pk=machine_id)


@require_GET
def machine_page(request: HttpRequest, code: str, machine_id: UUID) -> HttpResponse:
    """Show a machine."""
    machine, now = _machine(request, code, machine_id), timezone.now()
    site = machine.site
    out = next((row for row in machines_of([site.pk], now=now).get(site.pk, []) if row.id == machine.pk), None)
    state, pose = state_of(machine, out, now)
    runs = list(machine.operations.select_related("person")[:20])
    events = list(machine.events.filter(withdrawn_at=None)[:20])
    as_shown([*runs, *events], named=may_see_names(request.user, site))
    context: dict[str, Any] = {
        "site": site,
        "machine": machine,
        "out": out,
        "state": state,
        "state_words": STATES[state],
        "level_words": LEVELS.get(out.level, "") if out else "",
        "pose": pose,
        "seen": local(machine.latest.at, site) if hasattr(machine, "latest") else "",
    }
    if request.headers.get("X-Part") == "machine-now":
        return render(request, "pages/machine_now.html", context)
    open_run = next((run for run in runs if run.ended_at is None), None)
    scene = scene_of(site)
    names = [check for check in pair_checks(scene) if machine.code in (check.one, check.two)]
    context |= {
        "chart": load_chart(use_of_loads(machine, now - DAY, now), now - DAY, now, site),
        "rated": machine.crane.load_chart if hasattr(machine, "crane") else [],
        "papers": [(row, *due_words(last_day(row), now.date())) for row in machine.documents.all()],
        "paper_kinds": MachineDocument.Kind.choices,
        "may_keep": may_keep(request.user, site),
        "runs": [(run, short(run.started_at, site), short(run.ended_at, site)) for run in runs],
        "open_run": open_run,
        "day": worked([machine], since=now - DAY, until=now).get(machine.pk),
        "checks": [(row, short(row.done_at, site)) for row in machine.checks.all()[:10]],
        "events": [(row, local(row.at, site), LEVELS[row.level], number_words(row.numbers)) for row in events],
        "pairs": [(check, pair_lines(check, scene.limits)) for check in names],
        "items": list(enumerate(CHECK_ITEMS)),
        "may_operate": may_record(request.user, site),
        "people": [(one, may_operate(machine, one, now.date())) for one in on_the_books(site)],
    }
    return render(request, "pages/machine.html", context)


@require_POST
def begin(request: HttpRequest, code: str, machine_id: UUID) -> HttpResponse:
    """Begin a run: who, verified by what, for which work."""
    machine = _machine(request, code, machine_id)
    chosen = request.POST.get("person", "")
    person = next((one for one in on_the_books(machine.site) if str(one.pk) == chosen), None)
    try:
        record = begin_operation(
            machine=machine,
            person=person,
            verified_by=request.POST.get("verified_by", ""),
            work=request.POST.get("work", ""),
            actor=request.user,
            now=timezone.now(),
        )
    except MachineForbidden as forbidden:
        raise Http404(str(forbidden)) from forbidden
    if record.verified:
        messages.success(request, _("The run has begun."))
    else:
        messages.warning(request, _("The run has begun, but its operator is not verified: see the certificate."))
    return redirect("machine", code=code, machine_id=machine_id)


@require_POST
def end(request: HttpRequest, code: str, machine_id: UUID) -> HttpResponse:
    """End the run that is open."""
    machine = _machine(request, code, machine_id)
    record = (
        OperationRecord.objects.filter(machine=machine, ended_at__isnull=True).select_related("machine__site").first()
    )
    if record is not None:
        try:
            end_operation(record=record, note=request.POST.get("note", ""), actor=request.user, now=timezone.now())
        except MachineForbidden as forbidden:
            raise Http404(str(forbidden)) from forbidden
        messages.success(request, _("The run has ended."))
    return redirect("machine", code=code, machine_id=machine_id)


@require_POST
def check(request: HttpRequest, code: str, machine_id: UUID) -> HttpResponse:
    """Keep a check sheet: every item is in order unless it is ticked as a finding."""
    machine = _machine(request, code, machine_id)
    bad = {value for value in request.POST.getlist("bad") if value.isdigit() and int(value) < len(CHECK_ITEMS)}
    try:
        check_machine(
            machine=machine,
            kind=request.POST.get("kind", MachineCheck.Kind.DAILY),
            items=len(CHECK_ITEMS),
            findings=[str(CHECK_ITEMS[int(value)]) for value in sorted(bad)],
            done_by=request.POST.get("done_by", "") or str(request.user),
            note=request.POST.get("note", ""),
            actor=request.user,
            now=timezone.now(),
        )
    except MachineForbidden as forbidden:
        raise Http404(str(forbidden)) from forbidden
    except MachineRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The check is kept."))
    return redirect("machine", code=code, machine_id=machine_id)


@require_POST
def paper(request: HttpRequest, code: str, machine_id: UUID) -> HttpResponse:
    """File a paper of a machine; one of its kind that is there is replaced."""
    machine = _machine(request, code, machine_id)
    try:
        days = {name: _day(request.POST.get(name, "")) for name in ("done_on", "valid_until")}
        number = request.POST.get("number", "").strip()[:60]
        kind, now = request.POST.get("kind", ""), timezone.now()
        file_document(machine=machine, kind=kind, number=number, actor=request.user, now=now, **days)
    except MachineForbidden as forbidden:
        raise Http404(str(forbidden)) from forbidden
    except ValueError:  # also MachineRefused
        messages.error(
            request, _("The paper was not filed: choose its kind, and days of which the last is not before the first.")
        )
    else:
        messages.success(request, _("The paper is filed."))
    return redirect("machine", code=code, machine_id=machine_id)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
