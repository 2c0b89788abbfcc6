"""An edition to read, and two editions side by side."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from spatial.rulebook.differences import changes_between
from spatial.rulebook.queries import lineage, resolved_tables

from .reach import visible_edition, visible_editions
from .reading import difference_rows, place_words, sections_of
from .words import value_words


@require_GET
def edition_page(request: HttpRequest, edition_id: UUID) -> HttpResponse:
    """Show what an edition says itself and what it inherits."""
    edition = visible_edition(request.user, edition_id)
    base = edition.base
    context = {
        "edition": edition,
        "lineage": lineage(edition),
        "differences": difference_rows(edition),
        "sections": sections_of(edition),
        "others": [one for one in visible_editions(request.user) if one.pk != edition.pk],
        "newer_base": _newer(request, base.pack, base) if base else None,
    }
    return render(request, "pages/rules_edition.html", context)


def _newer(request: HttpRequest, pack: str, base: object) -> object | None:
    newest = visible_editions(request.user).filter(pack=pack).first()
    return newest if newest is not None and newest != base else None


@require_GET
def named_edition(request: HttpRequest, pack: str, version: str) -> HttpResponse:
    """Lead to the page of an edition by its pack and version, as the reasons of a colour name it."""
    edition = visible_editions(request.user).filter(pack=pack, version=version).first()
    if edition is None:
        raise Http404
    return redirect("rules-edition", edition_id=edition.pk)


@require_GET
def compare_page(request: HttpRequest) -> HttpResponse:
    """List every value at which two editions differ."""
    try:
        old = visible_edition(request.user, request.GET.get("old", ""))
        new = visible_edition(request.user, request.GET.get("new", ""))
    except ValidationError as error:
        raise Http404 from error
    before, after = resolved_tables(old), resolved_tables(new)
    rows = [
        (
            place_words(row.table, row.path, (after if row.table in after else before)[row.table]["content"]),
            value_words(row.old),
            value_words(row.new),
        )
        for row in changes_between(before, after)
    ]
    editions = list(visible_editions(request.user))
    return render(request, "pages/rules_compare.html", {"old": old, "new": new, "rows": rows, "editions": editions})
