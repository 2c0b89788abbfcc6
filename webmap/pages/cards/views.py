"""`/sites/<code>/risks/cards/`: the cards of a site, its choices about them, and each sheet as page and as PDF."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from spatial.cards import operations, queries
from spatial.places.models import Site
from spatial.risks.models import RiskPoint
from spatial.zones.queries import site_colours
from webmap.access import visible_site
from webmap.documents.board import board_context, board_sheet, signs_context, signs_sheet
from webmap.documents.card_parts import SiteFacts, qr_drawing
from webmap.documents.chart import chart_context, chart_sheet
from webmap.documents.map_sheet import map_thumbnail
from webmap.documents.notice_card import notice_context, notice_sheet
from webmap.documents.printing import write_pdf
from webmap.wording.reasons import reason_of, without_repeats

from .answers import context_of, document_language, facts_for, issuing_site, send_file

SHEETS = ("board", "chart", "signs")


@never_cache
@require_GET
def cards_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show every card and sheet of a site, with what may be done; the part `jobs` alone when it is asked for."""
    site = visible_site(request.user, code)
    jobs = list(queries.print_jobs(request.user).filter(site=site)[:5])
    if request.headers.get("X-Part") == "jobs":
        return render(request, "pages/cards_jobs.html", context_of(request, site, jobs=jobs))
    colours = site_colours(site, now=timezone.now())
    rows = []
    for point in queries.points_of(site):
        colour = colours.risk_points.get(point.id)
        rows.append(
            {
                "point": point,
                "inherent": queries.inherent_grade(point),
                "now": colour.grade if colour else 0,
                "card": queries.issued_card(point),
            }
        )
    context = context_of(
        request, site, rows=rows, jobs=jobs, choices=queries.settings_of(site), posts=queries.posts_of(site),
        missing=queries.missing_posts(site), waiting=sum(row["card"] is None for row in rows),
    )  # fmt: skip
    return render(request, "pages/cards.html", context)


def _point(site: Site, point_id: UUID) -> RiskPoint:
    return get_object_or_404(queries.points_of(site), pk=point_id)


@never_cache
@require_GET
def card_page(request: HttpRequest, code: str, point_id: UUID) -> HttpResponse:
    """Show the notice card of one risk point, with its grade now and the reasons."""
    site = visible_site(request.user, code)
    point = _point(site, point_id)
    now = timezone.now()
    colour = site_colours(site, now=now).risk_points.get(point.id)
    language = translation.get_language() or "zh-hans"
    card = notice_context(point, facts_for(request, site, language))
    reasons = [
        reason_of(reason, now=now, time_zone=site.time_zone, site_code=site.code)
        for reason in without_repeats(colour.reasons if colour else ())
    ]
    history = point.notice_cards.order_by("-number")
    context = context_of(
        request, site, **card, now_grade=colour.grade if colour else 0, reasons=reasons, history=history
    )
    return render(request, "pages/card.html", context)


@never_cache
@require_GET
def card_pdf(request: HttpRequest, code: str, point_id: UUID) -> HttpResponse:
    """Send the notice card of one risk point as PDF."""
    site = visible_site(request.user, code)
    language = document_language(request)
    point = _point(site, point_id)
    with translation.override(language):
        facts = facts_for(request, site, language)
        pdf = write_pdf([notice_sheet(point, facts)], title=f"{point.code} {point.name}")
    return send_file(pdf, f"{site.code}-{point.code}.pdf", inline="view" in request.GET)


def _context_of_sheet(name: str, site: Site, facts: SiteFacts) -> dict[str, Any]:
    points = list(queries.points_of(site))
    if name == "board":
        return board_context(points, facts, map_thumbnail(site, now=facts.printed_at))
    return chart_context(points, facts) if name == "chart" else signs_context(points, facts)


@never_cache
@require_GET
def sheet_page(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """Show the notice board, the comparison chart or the list of signs of a site."""
    site = visible_site(request.user, code)
    if name not in SHEETS:
        raise Http404
    facts = facts_for(request, site, translation.get_language() or "zh-hans")
    context = context_of(request, site, **_context_of_sheet(name, site, facts))
    return render(request, f"pages/card_{name}.html", context)


@never_cache
@require_GET
def sheet_pdf(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """Send one of the sheets of a site as PDF."""
    site = visible_site(request.user, code)
    language = document_language(request)
    points = list(queries.points_of(site))
    builders: dict[str, Callable[[SiteFacts], Any]] = {
        "board": lambda facts: board_sheet(points, facts, map_thumbnail(site, now=facts.printed_at)),
        "chart": lambda facts: chart_sheet(points, facts),
        "signs": lambda facts: signs_sheet(points, facts),
    }
    if name not in builders:
        raise Http404
    with translation.override(language):
        pdf = write_pdf([builders[name](facts_for(request, site, language))], title=f"{site.name} {name}")
    return send_file(pdf, f"{site.code}-{name}.pdf", inline="view" in request.GET)


@require_POST
def issue(request: HttpRequest, code: str) -> HttpResponse:
    """Issue a card for each risk point that has none."""
    site = issuing_site(request, code)
    cards = operations.issue_cards(site=site, actor=request.user, now=timezone.now())
    messages.success(request, _("Cards issued: %d.") % len(cards))
    return redirect("cards", code=site.code)


@require_POST
def reissue(request: HttpRequest, code: str, point_id: UUID) -> HttpResponse:
    """Revoke a card and issue a new one."""
    site = issuing_site(request, code)
    card = operations.reissue_card(point=_point(site, point_id), actor=request.user, now=timezone.now())
    messages.success(
        request, _("Issue %d is valid; the code of the earlier card opens nothing any more.") % card.number
    )
    return redirect("card", code=site.code, point_id=point_id)


@require_POST
def choices(request: HttpRequest, code: str) -> HttpResponse:
    """Keep the site's choices: live cards without login, and the emergency contact."""
    site = issuing_site(request, code)
    operations.set_wall_settings(
        site=site, open_without_login="open" in request.POST,
        emergency_name=request.POST.get("emergency_name", "")[:60],
        emergency_phone=request.POST.get("emergency_phone", "")[:20],
        actor=request.user, now=timezone.now(),
    )  # fmt: skip
    messages.success(request, _("Kept."))
    return redirect("cards", code=site.code)


@never_cache
@require_http_methods(["GET"])
def qr_picture(request: HttpRequest, code: str, point_id: UUID) -> HttpResponse:
    """Send the code of a valid card as SVG."""
    site = visible_site(request.user, code)
    point = _point(site, point_id)
    card = queries.issued_card(point)
    if card is None:
        raise Http404
    address = request.build_absolute_uri(f"/c/{card.token}/")
    return HttpResponse('<?xml version="1.0"?>' + _standalone(qr_drawing(address)), content_type="image/svg+xml")


def _standalone(svg: str) -> str:
    return svg if "xmlns=" in svg else svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
