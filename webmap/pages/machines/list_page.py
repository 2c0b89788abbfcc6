"""The register of a site's machines: what each does now, its papers, the pair check; import from Excel."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from spatial.machines.importing import ImportFaulty, import_machines
from spatial.machines.models import Machine
from spatial.machines.operations import MachineForbidden
from spatial.machines.papers import last_day
from spatial.machines.queries import may_keep, open_operations, scene_of, visible, worked
from spatial.machines.sheets import SheetRefused, template
from spatial.privacy.queries import may_see_names
from webmap.access import visible_site
from webmap.live.machines import MachineOut, machines_of
from webmap.live.naming import as_shown

from .states import state_of
from .words import LEVELS, STATES, due_words, pairs_of

DAY = timedelta(days=1)
MAX_BYTES = 10 * 1024 * 1024


@require_GET
def list_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show every machine with what it does now, and the check of every pair of cranes."""
    site, now = visible_site(request.user, code), timezone.now()
    machines = list(visible(request.user).filter(site=site, active=True).prefetch_related("documents", "devices"))
    outs = {out.id: out for out in machines_of([site.pk], now=now).get(site.pk, [])}
    runs = open_operations([machine.pk for machine in machines])
    as_shown(runs.values(), named=may_see_names(request.user, site))
    hours = worked(machines, since=now - DAY, until=now)
    lines = [_line(machine, outs.get(machine.pk), now) for machine in machines]
    for line in lines:
        line["run"], line["day"] = runs.get(line["machine"].pk), hours.get(line["machine"].pk)
    context = {
        "site": site,
        "lines": lines,
        "counts": Counter(line["state"] for line in lines),
        "due": sum(line["due"] in ("over", "soon") for line in lines),
        "dangers": sum(bool(line["level"]) for line in lines),
        "pairs": pairs_of(scene_of(site)),
        "may_keep": may_keep(request.user, site),
    }
    if request.headers.get("X-Part") == "machines":
        return render(request, "pages/machines_table.html", context)
    return render(request, "pages/machines.html", context)


def _line(machine: Machine, out: MachineOut | None, now: datetime) -> dict[str, Any]:
    state, pose = state_of(machine, out, now)
    papers = [(paper, *due_words(last_day(paper), now.date())) for paper in machine.documents.all()]
    worst = next((how for how in ("over", "soon") if any(row[1] == how for row in papers)), "")
    return {
        "machine": machine,
        "state": state,
        "state_words": STATES[state],
        "pose": pose,
        "level": out.level if out is not None else "",
        "level_words": LEVELS.get(out.level, "") if out is not None else "",
        "due": worst,
        "papers": [row for row in papers if row[1] in ("over", "soon")],
    }


@require_GET
def template_file(request: HttpRequest, code: str) -> HttpResponse:
    """Give the empty sheet to fill."""
    visible_site(request.user, code)
    answer = HttpResponse(template(), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    answer["Content-Disposition"] = 'attachment; filename="machines.xlsx"'
    return answer


@require_http_methods(["GET", "POST"])
def import_page(request: HttpRequest, code: str) -> HttpResponse:
    """Take a sheet of machines: register all of it, or show every fault by row and column."""
    site = visible_site(request.user, code)
    if not may_keep(request.user, site):
        raise Http404(_("Machines are kept by the safety officer, the project manager or the company."))
    context: dict[str, Any] = {"site": site}
    if request.method == "POST":
        sent = request.FILES.get("file")
        if sent is None or sent.size is None or sent.size > MAX_BYTES:
            context["refused"] = _("Choose an Excel file of at most 10 MB.")
            return render(request, "pages/machines_import.html", context, status=422)
        try:
            machines = import_machines(site=site, content=sent.read(), actor=request.user, now=timezone.now())
        except ImportFaulty as faulty:
            rows = [(fault.row, fault.column, gettext(fault.sentence) % fault.values) for fault in faulty.faults]
            context["faults"] = rows
        except SheetRefused as refused:
            context["refused"] = gettext(refused.sentence) % refused.values
        except MachineForbidden as forbidden:
            raise Http404(str(forbidden)) from forbidden
        else:
            messages.success(request, _("%(count)s machines were registered.") % {"count": len(machines)})
            return redirect("machines", code=code)
        return render(request, "pages/machines_import.html", context, status=422)
    return render(request, "pages/machines_import.html", context)
