"""Which site a request is about: what a user may not see does not exist for that user (404, never 403)."""

from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _

from spatial.places.models import Site


def visible_site(user: Any, code: str) -> Site:
    """Return the site with this code if the user may see it. Raises Http404 otherwise."""
    site = Site.objects.visible_to(user).select_related("organisation", "region").filter(code=code).first()
    if site is None:
        raise Http404(_("There is no such site, or you may not see it."))
    return site
