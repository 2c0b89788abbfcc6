"""Which packs, organisations and regions a user sees on the pages of rules; what is not theirs does not exist."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404

from spatial.places.models import Organisation, Region
from spatial.places.queries import visible_organisations, visible_regions
from spatial.rulebook.models import Edition, RulePack
from spatial.rulebook.queries import may_set_rules


def visible_packs(user: Any) -> QuerySet[RulePack]:
    """Return the packs of everybody, and those of organisations at or above one that the user sees."""
    if user.is_superuser:
        return RulePack.objects.select_related("organisation").order_by("organisation", "-code")
    paths = visible_organisations(user).values_list("path", flat=True)
    above = {path[:end] for path in paths for end in range(4, len(path) + 1, 4)}
    rows = RulePack.objects.filter(Q(organisation__isnull=True) | Q(organisation__path__in=above))
    return rows.select_related("organisation").order_by("organisation", "-code")


def visible_editions(user: Any) -> QuerySet[Edition]:
    """Return the editions of visible packs without their tables, the newest first."""
    rows = Edition.objects.filter(pack__in=visible_packs(user).order_by().values("code")).select_related("base")
    return rows.defer("tables", "base__tables").order_by("-valid_from", "-created_at")


def visible_edition(user: Any, edition_id: UUID | str) -> Edition:
    """Return an edition that the user may read. Raises Http404."""
    edition = visible_editions(user).filter(pk=edition_id).first()
    if edition is None:
        raise Http404
    return edition


def visible_reach(user: Any, kind: str, reach_id: UUID) -> Organisation | Region:
    """Return an organisation or region that the user sees. Raises Http404."""
    rows: Any = {"organisation": visible_organisations, "region": visible_regions}.get(kind)
    reach = rows(user).filter(pk=reach_id).first() if rows else None
    if reach is None:
        raise Http404
    return reach


def ruled_organisation(user: Any, reach_id: UUID) -> Organisation:
    """Return an organisation whose own rules the user may set. Raises Http404."""
    reach = visible_reach(user, "organisation", reach_id)
    if not may_set_rules(user, reach):
        raise Http404
    return reach
