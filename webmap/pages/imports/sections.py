"""The cards below the verdict on a revision's page: each capability adds one to the list, in the order of the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest

from bim.models import Revision
from spatial.places.models import Site


@dataclass(frozen=True)
class Section:
    """One card: its template draws the whole `<section class="card">` from `context`; `key` is its anchor."""

    key: str
    template: str
    context: dict[str, Any] = field(default_factory=dict)


Maker = Callable[[HttpRequest, Site, Revision], "Section | None"]

SECTIONS: list[Maker] = []


def sections_of(request: HttpRequest, site: Site, revision: Revision) -> list[Section]:
    """Return the cards of an imported revision; a maker that has nothing to say gives None."""
    if not revision.is_imported:
        return []
    return [section for make in SECTIONS if (section := make(request, site, revision)) is not None]
