"""Which site, version and row a request is about: what a user may not see does not exist (404)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404

from spatial.control_lists import queries
from spatial.control_lists.models import ListEntry, ListVersion
from spatial.control_lists.roles import COMPILES, may


def visible_version(user: Any, code: str, version_id: UUID) -> ListVersion:
    """Return a version on a site. Raises Http404 for what the user may not see."""
    rows = queries.visible(user).select_related("site__organisation", "site__region", "based_on", "rule_edition")
    return get_object_or_404(rows.filter(site__code=code), pk=version_id)


def draft_of(user: Any, code: str, version_id: UUID) -> ListVersion:
    """Return a draft that the user may write. Raises Http404 otherwise: its writing pages do not exist then."""
    version = visible_version(user, code, version_id)
    if version.state != ListVersion.State.DRAFT or not may(user, version.site, COMPILES):
        raise Http404("This list is no draft that you may write.")
    return version


def entry_of(version: ListVersion, entry_id: UUID) -> ListEntry:
    """Return a row of a version. Raises Http404."""
    return get_object_or_404(queries.rows(version).select_related("risk_point"), pk=entry_id)
