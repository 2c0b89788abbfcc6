"""`/rules/organisation/ID/edition/`: an organisation's own values, checked whole, previewed, then published."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from spatial.places.models import Organisation
from spatial.rulebook.adjustable import EditionRefused
from spatial.rulebook.models import Edition
from spatial.rulebook.operations import RulesRefused, draft_edition, publish_edition
from spatial.rulebook.queries import current_edition, edition_for, packs_for, resolved_tables

from .own_edition_form import OwnEditionForm
from .preview import machines_of, preview_of
from .reach import ruled_organisation
from .reading import difference_rows
from .words import LEVELS, fault_words, refusal_words

FIELD_OF_REFUSAL = {"past": "valid_from", "no_source": "source", "mark": "conf"}


def _bases(organisation: Organisation) -> list[Edition]:
    """Return the editions that a new one may inherit, that of the followed pack first."""
    today = timezone.localdate()
    packs = packs_for(organisation).exclude(organisation=organisation)
    found = []
    for pack in packs:
        edition = Edition.objects.filter(pack=pack.code, valid_from__lte=today).exclude(valid_to__lt=today)
        if edition.exists():
            found.append(current_edition(pack=pack.code, on=today))
    followed = edition_for(organisation, on=today)
    line = {followed.pack, followed.base.pack if followed.base else ""}
    return sorted(found, key=lambda one: (one.pack not in line, one.pack != followed.pack, one.pack))


@require_http_methods(["GET", "POST"])
def own_edition_page(request: HttpRequest, reach_id: UUID) -> HttpResponse:
    """Show the form; preview a checked edition, and publish it once that is confirmed."""
    organisation = ruled_organisation(request.user, reach_id)
    today = timezone.localdate()
    bases = _bases(organisation)
    # a table that came after the own edition is shown as it is inherited
    tables = {**(resolved_tables(bases[0]) if bases else {}), **resolved_tables(edition_for(organisation, on=today))}
    form = OwnEditionForm(bases, tables, request.POST or None, initial={"valid_from": today})
    context: dict[str, Any] = {"organisation": organisation, "form": form, "levels": LEVELS.values(), "preview": None}
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        given = {
            "organisation": organisation,
            "base": next(one for one in bases if str(one.pk) == data["base"]),
            "answers": form.answers(),
            **{name: data[name] for name in ("source", "clause", "conf", "valid_from")},
            "actor": request.user,
            "today": today,
        }
        try:
            if request.POST.get("step") == "confirm":
                edition = publish_edition(**given, now=timezone.now())
                messages.success(
                    request, _("The edition is published. Records keep theirs until they are re-assessed.")
                )
                return redirect("rules-edition", edition_id=edition.pk)
            draft = draft_edition(**given)
            context["differences"] = difference_rows(draft)
            context["preview"] = preview_of(organisation, resolved_tables(draft), on=data["valid_from"])
            context["machines"] = machines_of(organisation, resolved_tables(draft), on=data["valid_from"])
        except EditionRefused as refused:
            for fault in refused.faults:
                form.add_error(fault.field, fault_words(fault))
        except RulesRefused as refused:
            form.add_error(FIELD_OF_REFUSAL.get(refused.code), refusal_words(refused))
    return render(request, "pages/rules_own_edition.html", context, status=422 if form.errors else 200)
