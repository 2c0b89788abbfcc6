"""`/sites/CODE/live/people/trades/`: which certificates each trade needs, by the table and by the company's rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from spatial.people.models import CertificateRequirement
from spatial.people.queries import certificate_requirements, on_the_books
from spatial.people.requirements import (
    LONGEST_SOURCE,
    LONGEST_TRADE,
    RequirementRefused,
    drop_certificate,
    require_certificate,
)
from spatial.people.rules import Trade, certificate_kinds, same_trade, trades
from spatial.rulebook.queries import may_set_rules
from webmap.access import visible_site

from .words import certificate_words, requirement_refusal_words, trade_words

REFUSED_AT = {"no_trade": "trade", "no_source": "source", "unknown_kind": "kind"}


class RequirementForm(forms.Form):
    """Which certificate is required of which trade, and by which rule."""

    trade = forms.CharField(
        label=gettext_lazy("Trade"), max_length=LONGEST_TRADE,
        widget=forms.TextInput(attrs={"list": "trade-words", "autocomplete": "off"}),
        help_text=gettext_lazy("One of the list, or one of your own as it stands in the people workbook."),
    )  # fmt: skip
    kind = forms.ChoiceField(label=gettext_lazy("Certificate"))
    source = forms.CharField(
        label=gettext_lazy("Which rule requires it?"), max_length=LONGEST_SOURCE,
        help_text=gettext_lazy("The local rule with its number, or the regime of the company."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(kind, certificate_words(kind)) for kind in certificate_kinds()]
        self.fields["kind"].choices = [("", _("Choose…")), *kinds]  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Required:
    """A certificate that the company requires of a trade, in words, and whether the reader may drop that."""

    row: CertificateRequirement
    words: str
    may_drop: bool


@dataclass(frozen=True)
class Line:
    """A trade as the page shows it: how many work here, what the table requires, and what the company requires.

    `trade` is how it is written of people; `listed` is its row of the table, None for a trade of the company's own.
    """

    trade: str
    words: str
    people: int
    listed: Trade | None
    needs: tuple[str, ...]
    required: tuple[Required, ...]


@require_http_methods(["GET", "POST"])
def trades_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show the trades; the safety department of the company requires another certificate of one by a POST."""
    site = visible_site(request.user, code)
    form = RequirementForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = require_certificate(
                organisation=site.organisation, actor=request.user, now=timezone.now(), **form.cleaned_data
            )
        except RequirementRefused as refused:
            form.add_error(REFUSED_AT.get(refused.code), requirement_refusal_words(refused))
        else:
            messages.success(request, _("%(kind)s is required of %(trade)s now.") % _in_words(row))
            return redirect("people-trades", code=code)
    context = {
        "site": site,
        "lines": _lines(site, _required(site, request.user)),
        "form": form if may_set_rules(request.user, site.organisation) else None,
    }
    return render(request, "pages/people_trades.html", context, status=422 if form.errors else 200)


@require_POST
def drop_page(request: HttpRequest, code: str, requirement_id: UUID) -> HttpResponse:
    """No longer require a certificate of a trade."""
    site = visible_site(request.user, code)
    row = get_object_or_404(certificate_requirements(site.organisation), pk=requirement_id)
    told = _in_words(row)
    try:
        drop_certificate(requirement=row, actor=request.user, now=timezone.now())
    except RequirementRefused as refused:
        messages.error(request, requirement_refusal_words(refused))
    else:
        messages.success(request, _("%(kind)s is no longer required of %(trade)s.") % told)
    return redirect("people-trades", code=code)


def _in_words(row: CertificateRequirement) -> dict[str, str]:
    return {"kind": certificate_words(row.kind), "trade": trade_words(row.trade)}


def _required(site: Any, user: Any) -> list[Required]:
    rows = certificate_requirements(site.organisation)
    ruled = {one: may_set_rules(user, one) for one in {row.organisation for row in rows}}
    return [Required(row, certificate_words(row.kind), ruled[row.organisation]) for row in rows]


def _lines(site: Any, required: list[Required]) -> list[Line]:
    """Return the trades of the table, those that people here have and those of which something is required: first
    those at work here, then those of which the company requires something, then special work."""
    people = dict(on_the_books(site).order_by().values_list("trade").annotate(Count("pk")))
    listed = (trade.zh for trade in trades().values())
    own = (trade for trade in (*people, *(one.row.trade for one in required)) if trade and trade not in trades())
    lines = [_line(trade, people, required) for trade in dict.fromkeys((*listed, *own))]
    return sorted(lines, key=lambda one: (-one.people, not one.required, one.listed is None or not one.listed.special))


def _line(trade: str, people: Mapping[str, int], required: list[Required]) -> Line:
    words, listed = same_trade(trade), trades().get(trade)
    return Line(
        trade=trade,
        words=trade_words(trade),
        people=sum(people.get(word, 0) for word in words),
        listed=listed,
        needs=tuple(certificate_words(kind) for kind in listed.needs) if listed else (),
        required=tuple(one for one in required if one.row.trade in words),
    )
