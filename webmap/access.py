"""Which site or revision a request is about: what a user may not see does not exist for that user (404, never 403)."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from bim.models import Revision
from bim.queries import visible_revisions
from spatial.places.models import Site


def visible_site(user: Any, code: str) -> Site:
    """Return the site with this code if the user may see it. Raises Http404 otherwise."""
    site = Site.objects.visible_to(user).select_related("organisation", "region").filter(code=code).first()
    if site is None:
        raise Http404(_("There is no such site, or you may not see it."))
    return site


def imported_revision(user: Any, revision_id: UUID) -> Revision:
    """Return an imported revision. Raises Http404 for what the user may not see."""
    return get_object_or_404(_imported(user), id=revision_id)


def imported_on_site(user: Any, code: str, revision_id: UUID) -> tuple[Site, Revision]:
    """Return a site and an imported revision of it. Raises Http404 for what the user may not see."""
    site = visible_site(user, code)
    return site, get_object_or_404(_imported(user).filter(site=site), id=revision_id)


def _imported(user: Any) -> QuerySet[Revision]:
    return visible_revisions(user).filter(state__in=Revision.IMPORTED_STATES)
