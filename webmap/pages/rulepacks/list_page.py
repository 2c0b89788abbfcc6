"""`/rules/`: all packs a user may read with their editions, and who follows which."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from spatial.places.queries import visible_organisations, visible_regions
from spatial.rulebook.queries import choices_for, editions_for, may_set_rules, organisations_ruled_by

from .reach import visible_editions, visible_packs
from .words import pack_title


def _packs(user: Any) -> list[dict[str, Any]]:
    editions = list(visible_editions(user))
    return [
        {
            "title": pack_title(pack),
            "pack": pack,
            "editions": [(edition, len(edition.differences)) for edition in editions if edition.pack == pack.code],
        }
        for pack in visible_packs(user)
    ]


def _followers(places: list[Any], user: Any) -> list[dict[str, Any]]:
    now = timezone.now()
    chosen, followed = choices_for(places, on=now), editions_for(places, on=now)
    ruled = organisations_ruled_by(user)
    return [
        {
            "place": place,
            "kind": place._meta.model_name,
            "depth": place.get_depth() - 1,
            "edition": followed[place.pk],
            "by": _chooser(chosen[place.pk], place),
            "may": user.is_superuser
            or (place._meta.model_name == "organisation" and any(place.path.startswith(path) for path in ruled)),
        }
        for place in places
    ]


def _chooser(choice: Any, place: Any) -> Any:
    """Return who chose what a place follows, where that was not the place itself."""
    if choice is None:
        return None
    chooser = choice.organisation or choice.region
    return None if chooser.pk == place.pk else chooser


@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    """List packs, editions and followers."""
    organisations = list(visible_organisations(request.user).order_by("path"))
    regions = list(visible_regions(request.user).order_by("path"))
    context = {
        "packs": _packs(request.user),
        "organisations": _followers(organisations, request.user),
        "regions": _followers(regions, request.user),
        "own": [one for one in organisations if may_set_rules(request.user, one)][:1],
    }
    return render(request, "pages/rules.html", context)
