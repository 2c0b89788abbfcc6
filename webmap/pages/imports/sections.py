"""The cards below the verdict on a revision's page: each capability adds one to the list, in the order of the page."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest

from bim.models import Revision
from spatial.places.models import Site

from .fall_edges import fall_edges_section
from .section import Section

Maker = Callable[[HttpRequest, Site, Revision], Section | None]

SECTIONS: list[Maker] = [
    fall_edges_section,
]


def sections_of(request: HttpRequest, site: Site, revision: Revision) -> list[Section]:
    """Return the cards of an imported revision; a maker that has nothing to say gives None."""
    if not revision.is_imported:
        return []
    return [section for make in SECTIONS if (section := make(request, site, revision)) is not None]
