"""`/rules/organisation/ID/` and `/rules/region/ID/`: which pack is followed, and another from a day on."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from spatial.places.models import Organisation
from spatial.rulebook.operations import RulesRefused, choose_pack
from spatial.rulebook.queries import (
    EditionMissing,
    choice_for,
    choices_of,
    current_edition,
    edition_for,
    may_set_rules,
    packs_for,
    resolved_tables,
)

from .preview import preview_of
from .reach import visible_reach
from .words import pack_title, refusal_words

ABOVE = "above"


class ChoiceForm(forms.Form):
    """Which pack from which day."""

    pack = forms.ChoiceField(label=gettext_lazy("Rule pack"))
    valid_from = forms.DateField(
        label=gettext_lazy("Valid from"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200, required=False)

    def __init__(self, packs: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        above = (ABOVE, _("What is followed above (no own choice)"))
        self.fields["pack"].choices = [*((one.code, pack_title(one)) for one in packs), above]  # type: ignore[attr-defined]


def _tables_after(pack: Any, valid_from: Any) -> dict[str, Any] | None:
    """Return the tables that would be followed from the day on; None where that is what is followed above."""
    return resolved_tables(current_edition(pack=pack.code, on=valid_from)) if pack is not None else None


@require_http_methods(["GET", "POST"])
def choice_page(request: HttpRequest, kind: str, reach_id: UUID) -> HttpResponse:
    """Show the pack followed; preview another choice, and store it once that is confirmed."""
    reach = visible_reach(request.user, kind, reach_id)
    may = may_set_rules(request.user, reach)
    if request.method == "POST" and not may:
        raise Http404
    now, today = timezone.now(), timezone.localdate()
    packs = list(packs_for(reach if isinstance(reach, Organisation) else None))
    form = ChoiceForm(packs, request.POST or None, initial={"valid_from": today})
    shown = None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        pack = next((one for one in packs if one.code == data["pack"]), None)
        try:
            if request.POST.get("step") == "confirm":
                choose_pack(
                    reach=reach, pack=pack, valid_from=data["valid_from"], reason=data["reason"],
                    actor=request.user, now=now, today=today,
                )  # fmt: skip
                messages.success(request, _("The choice is stored; records keep the edition they were made under."))
                return redirect("rules-choice", kind=kind, reach_id=reach.pk)
            if data["valid_from"] < today:
                raise RulesRefused("past", "Rules are valid from today on.")
            shown = preview_of(reach, _tables_after(pack, data["valid_from"]), on=data["valid_from"])
        except EditionMissing:
            form.add_error("valid_from", refusal_words(RulesRefused("no_edition", "")))
        except RulesRefused as refused:
            form.add_error("valid_from" if refused.code in ("past", "no_edition") else None, refusal_words(refused))
    context = {
        "reach": reach,
        "kind": kind,
        "may": may,
        "edition": edition_for(reach, on=now),
        "choice": choice_for(reach, on=now),
        "history": [(one, pack_title(one.pack) if one.pack else "") for one in choices_of(reach)],
        "form": form if may else None,
        "preview": shown,
    }
    return render(request, "pages/rules_choice.html", context, status=422 if form.errors else 200)
