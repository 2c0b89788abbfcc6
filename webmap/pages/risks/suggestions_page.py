"""What the model suggests for a draft: each confirmed into a row or dismissed with a reason by a person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from spatial.control_lists import queries
from spatial.control_lists.models import SuggestionVerdict
from spatial.control_lists.operations import ListForbidden, ListRefused, dismiss_suggestion, take_suggestion

from .reach import draft_of
from .suggesting import suggestions

KIND_LABELS: dict[str, Any] = {
    "edge": gettext_lazy("Fall edge"),
    "opening": gettext_lazy("Opening"),
    "crane": gettext_lazy("Tower crane"),
    "hoist": gettext_lazy("Hoist"),
    "platform": gettext_lazy("Loading platform"),
    "scaffold": gettext_lazy("Scaffold"),
    "pit": gettext_lazy("Foundation pit"),
    "formwork": gettext_lazy("Formwork support"),
    "lifting": gettext_lazy("Lifting area"),
}


@require_http_methods(["GET", "POST"])
def suggestions_page(request: HttpRequest, code: str, version_id: UUID) -> HttpResponse:
    """Show what is suggested, or take or dismiss one."""
    version = draft_of(request.user, code, version_id)
    found = suggestions(version.site, version.kind)
    if request.method == "POST":
        return _decide(request, version, found)
    decided = SuggestionVerdict.objects.filter(site=version.site)
    context = {
        "site": version.site,
        "version": version,
        "rows": [{"suggestion": one, "kind": KIND_LABELS.get(one.kind, one.kind)} for one in found],
        "decided": decided.select_related("by", "entry").order_by("-at")[:50],
    }
    return render(request, "pages/control_list_suggestions.html", context)


def _decide(request: HttpRequest, version: Any, found: list[Any]) -> HttpResponse:
    key = request.POST.get("key", "")
    suggestion = next((one for one in found if one.key == key), None)
    common: dict[str, Any] = {"actor": request.user, "now": timezone.now()}
    try:
        if suggestion is None:
            messages.error(request, _("Somebody has already decided on this suggestion."))
        elif request.POST.get("verdict") == "take":
            data = suggestion.as_row(version.kind, queries.next_code(version))
            entry = take_suggestion(version=version, key=key, data=data, **common)
            messages.success(request, _("%(row)s was taken into the draft.") % {"row": str(entry)})
        else:
            dismiss_suggestion(site=version.site, key=key, reason=request.POST.get("reason", ""), **common)
            messages.success(request, _("The suggestion was dismissed, with your reason."))
    except (ListRefused, ListForbidden) as error:
        messages.error(request, str(error))
    return redirect("control-list-suggestions", code=version.site.code, version_id=version.pk)
