"""`/c/<token>/`: what a phone shows that scanned a printed card: the grade now, why, measures and contacts."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from spatial.cards import queries
from spatial.cards.models import NoticeCard
from spatial.places.models import Site
from spatial.zones.queries import site_colours
from webmap.documents import card_parts as parts
from webmap.live.naming import reasons_told
from webmap.wording.reasons import reason_text, without_repeats


@login_not_required
@never_cache
@require_GET
def live_card(request: HttpRequest, token: str) -> HttpResponse:
    """Show a card to everybody where its site allows it, else to who may see the site."""
    card = queries.valid_card(token)
    if card is None:
        return _answer(render(request, "pages/live_card_gone.html", status=404))
    if not queries.settings_of(card.site).open_without_login:
        if not request.user.is_authenticated:
            return _answer(render(request, "pages/live_card_closed.html", status=403))
        if not Site.objects.visible_to(request.user).filter(pk=card.site_id).exists():
            return _answer(render(request, "pages/live_card_gone.html", status=404))
    return _answer(_show(request, card))


def _show(request: HttpRequest, card: NoticeCard) -> HttpResponse:
    now = timezone.now()
    point = queries.card_point(card)
    colour = site_colours(card.site, now=now).risk_points.get(point.id)
    language = translation.get_language() or "zh-hans"
    facts = parts.site_facts(card.site, now=now, base_url="", language=language)
    whole = colour.reasons if colour else ()
    reasons = [
        reason_text(kind=r.kind, label=r.label, since=r.since, now=now, time_zone=card.site.time_zone)
        for r in without_repeats(reasons_told(whole, named=False)(whole))
    ]
    context = {
        "card": card, "point": point, "grade_now": colour.grade if colour else 0, "reasons": reasons, "now": now,
        "measures": parts.measures_by_kind(point), "people": parts.people_of(point), "facts": facts,
        "accidents": parts.accident_types([point]), "zone_name": card.site.time_zone,
    }  # fmt: skip
    return render(request, "pages/live_card.html", context)


def _answer(response: HttpResponse) -> HttpResponse:
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
