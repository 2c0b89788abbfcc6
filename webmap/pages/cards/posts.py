"""`/sites/<code>/risks/cards/posts/...`: posts and their cards."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from spatial.cards import operations, queries
from spatial.cards.models import Post
from spatial.places.models import Site
from webmap.access import visible_site
from webmap.documents.post_card import post_context, post_sheet
from webmap.documents.printing import write_pdf

from .answers import context_of, document_language, facts_for, issuing_site, send_file


def _post(site: Site, post_id: UUID) -> Post:
    return get_object_or_404(queries.posts_of(site), pk=post_id)


@never_cache
@require_GET
def post_page(request: HttpRequest, code: str, post_id: UUID) -> HttpResponse:
    """Show a post's card, and the form that changes the post."""
    site = visible_site(request.user, code)
    post = _post(site, post_id)
    card = post_context(post, facts_for(request, site, translation.get_language() or "zh-hans"))
    return _page(request, site, post, card=card)


@never_cache
@require_GET
def new_post_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show the form of a new post."""
    return _page(request, issuing_site(request, code), None)


def _page(
    request: HttpRequest,
    site: Site,
    post: Post | None,
    *,
    card: dict[str, Any] | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    chosen = {point.pk for point in post.met_points} if post else set()  # type: ignore[attr-defined]
    every = [
        {"point": p, "grade": queries.inherent_grade(p), "chosen": p.pk in chosen} for p in queries.points_of(site)
    ]
    context = context_of(request, site, every=every, error=error, **{**(card or {}), "post": post})
    return render(request, "pages/card_post.html", context, status=status)


@require_POST
def save(request: HttpRequest, code: str, post_id: UUID | None = None) -> HttpResponse:
    """Make a post, or change one."""
    site = issuing_site(request, code)
    post = _post(site, post_id) if post_id else None
    chosen = [p for p in queries.points_of(site) if str(p.pk) in set(request.POST.getlist("points"))]
    try:
        row = operations.save_post(
            site=site, post=post, name=request.POST.get("name", "")[:80], trade=request.POST.get("trade", "")[:40],
            leader_name=request.POST.get("leader_name", "")[:60],
            leader_phone=request.POST.get("leader_phone", "")[:20], risk_points=chosen, actor=request.user,
            now=timezone.now(),
        )  # fmt: skip
    except operations.CardRefused:
        error = _("A post needs a name that no other post of the site has, and a trade. Nothing was changed.")
        known = _post(site, post_id) if post_id else None
        return _page(request, site, known, error=error, status=400)
    messages.success(request, _("Kept."))
    return redirect("card-post", code=site.code, post_id=row.pk)


@require_POST
def remove(request: HttpRequest, code: str, post_id: UUID) -> HttpResponse:
    """Remove a post."""
    site = issuing_site(request, code)
    operations.remove_post(post=_post(site, post_id), actor=request.user, now=timezone.now())
    messages.success(request, _("The post was removed."))
    return redirect("cards", code=site.code)


@require_POST
def draft(request: HttpRequest, code: str) -> HttpResponse:
    """Propose a post for each trade of the site that has none."""
    site = issuing_site(request, code)
    drafts = queries.missing_posts(site)
    made = operations.draft_posts(site=site, drafts=drafts, actor=request.user, now=timezone.now())
    messages.success(request, _("Posts proposed: %d. Look through what each of them meets.") % len(made))
    return redirect("cards", code=site.code)


@never_cache
@require_GET
def post_pdf(request: HttpRequest, code: str, post_id: UUID) -> HttpResponse:
    """Send a post's card as PDF."""
    site = visible_site(request.user, code)
    language = document_language(request)
    post = _post(site, post_id)
    with translation.override(language):
        pdf = write_pdf([post_sheet(post, facts_for(request, site, language))], title=post.name)
    return send_file(pdf, f"{site.code}-{post.name}.pdf", inline="view" in request.GET)
