"""`/sites/CODE/live/people/trades/`: which certificates each trade needs, by the table and by the company's rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from spatial.people.asking import LONGEST_SOURCE, LONGEST_TRADE, AskRefused, ask_certificate, stop_asking
from spatial.people.models import AskedCertificate
from spatial.people.queries import asked_certificates, may_ask_certificates, on_the_books
from spatial.people.rules import Trade, certificate_kinds, same_trade, trades
from webmap.access import visible_site

from .words import ask_words, kind_words, trade_words

REFUSED_AT = {"no_trade": "trade", "no_source": "source", "unknown_kind": "kind"}


class AskForm(forms.Form):
    """Which certificate is asked of which trade, and where that is written."""

    trade = forms.CharField(
        label=gettext_lazy("Trade"), max_length=LONGEST_TRADE,
        widget=forms.TextInput(attrs={"list": "trade-words", "autocomplete": "off"}),
        help_text=gettext_lazy("One of the list, or one of your own as it stands in the people workbook."),
    )  # fmt: skip
    kind = forms.ChoiceField(label=gettext_lazy("Certificate"))
    source = forms.CharField(
        label=gettext_lazy("Where is it asked?"), max_length=LONGEST_SOURCE,
        help_text=gettext_lazy("The local rule with its number, or the regime of the company."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(code, kind_words(code)) for code in certificate_kinds()]
        self.fields["kind"].choices = [("", _("Choose…")), *kinds]  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Line:
    """A trade as the page shows it: how many work here, what the table asks, and what the company asks."""

    words: str
    people: int
    special: bool
    needs: tuple[str, ...]
    source: str
    mark: str
    asked: tuple[AskedCertificate, ...]


@require_http_methods(["GET", "POST"])
def trades_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show the trades; the safety department of the company asks another certificate of one by a POST."""
    site = visible_site(request.user, code)
    may_ask = may_ask_certificates(request.user, site.organisation)
    form = AskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = ask_certificate(
                organisation=site.organisation, actor=request.user, now=timezone.now(), **form.cleaned_data
            )
        except AskRefused as refused:
            form.add_error(REFUSED_AT.get(refused.code), ask_words(refused))
        else:
            told = {"kind": kind_words(row.kind), "trade": trade_words(row.trade)}
            messages.success(request, _("%(kind)s is asked of %(trade)s now.") % told)
            return redirect("people-trades", code=code)
    asked = list(asked_certificates(site.organisation))
    lines = _lines(site, asked)
    context = {
        "site": site,
        "lines": [(line, [(one, kind_words(one.kind), _may_stop(request.user, one)) for one in line.asked])
                  for line in lines],
        "form": form if may_ask else None,
        "words": [line.words for line in lines],
    }  # fmt: skip
    return render(request, "pages/people_trades.html", context, status=422 if form.errors else 200)


@require_POST
def stop_page(request: HttpRequest, code: str, asked_id: Any) -> HttpResponse:
    """No longer ask a certificate of a trade."""
    site = visible_site(request.user, code)
    row = get_object_or_404(asked_certificates(site.organisation), pk=asked_id)
    told = {"kind": kind_words(row.kind), "trade": trade_words(row.trade)}
    try:
        stop_asking(row=row, actor=request.user, now=timezone.now())
    except AskRefused as refused:
        messages.error(request, ask_words(refused))
    else:
        messages.success(request, _("%(kind)s is no longer asked of %(trade)s.") % told)
    return redirect("people-trades", code=code)


def _may_stop(user: Any, row: AskedCertificate) -> bool:
    return may_ask_certificates(user, row.organisation)


def _lines(site: Any, asked: list[AskedCertificate]) -> list[Line]:
    """Return the trades of the table and those that people here have or that are asked, those at work first."""
    here = dict(on_the_books(site).order_by().values_list("trade").annotate(Count("pk")))
    known: dict[str, Trade | None] = {trade.zh: trade for trade in trades().values()}
    for word in (*here, *(row.trade for row in asked)):
        if word and word not in trades():
            known[word] = None
    lines = []
    for word, trade in known.items():
        words = same_trade(word)
        lines.append(
            Line(
                words=trade_words(word),
                people=sum(count for one, count in here.items() if one in words),
                special=trade is not None and trade.special,
                needs=tuple(kind_words(kind) for kind in trade.needs) if trade else (),
                source=trade.source if trade else "",
                mark=trade.mark if trade else "",
                asked=tuple(row for row in asked if row.trade in words),
            )
        )
    return sorted(lines, key=lambda line: (-line.people, not line.asked, not line.special))
