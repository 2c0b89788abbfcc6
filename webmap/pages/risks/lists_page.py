"""`/sites/CODE/risks/lists/`: the two lists of a site with all their versions; a new version is started here."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from spatial.control_lists import queries
from spatial.control_lists.models import ListVersion
from spatial.control_lists.operations import ListForbidden, ListRefused, start_draft
from spatial.control_lists.roles import COMPILES, may
from spatial.control_lists.rules import OPEN_STATES
from webmap.access import visible_site


@require_http_methods(["GET", "POST"])
def lists_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show both lists, or start the next version of one."""
    site = visible_site(request.user, code)
    if request.method == "POST":
        try:
            version = start_draft(
                site=site, kind=request.POST.get("kind", ""), reason=request.POST.get("reason", ""),
                actor=request.user, now=timezone.now(),
            )  # fmt: skip
        except (ListRefused, ListForbidden) as error:
            messages.error(request, str(error))
            return redirect("control-lists", code=code)
        return redirect("control-list", code=code, version_id=version.pk)
    today = timezone.now().date()
    kinds = [_kind(request.user, site, kind, today) for kind in ListVersion.Kind]
    context = {"site": site, "kinds": kinds, "may_compile": may(request.user, site, COMPILES)}
    return render(request, "pages/control_lists.html", context)


def _kind(user: Any, site: Any, kind: Any, today: Any) -> dict[str, Any]:
    versions = list(queries.visible(user).filter(site=site, kind=kind).order_by("-number"))
    in_force = next((one for one in versions if one.state == ListVersion.State.PUBLISHED), None)
    due = in_force.reassess_due if in_force else None
    return {
        "kind": kind,
        "in_force": in_force,
        "under_way": next((one for one in versions if one.state in OPEN_STATES), None),
        "versions": versions,
        "unlisted": queries.unlisted_points(site, kind).count(),
        "rows": in_force.entries.count() if in_force else 0,
        "due_in": (due - today).days if due else None,
    }
