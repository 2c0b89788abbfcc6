"""What a choice or a new edition would change, as the pages show it before anything is stored."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from spatial.places.models import Site
from spatial.regrading.queries import preview, preview_above, sites_following
from spatial.regrading.rules import PointChange

from .words import LEVELS


def preview_of(reach: Any, tables: dict[str, Any] | None, *, on: date) -> dict[str, Any]:
    """Return the preview of following these tables in an organisation or region from a day on; None is: above."""
    sites = sites_following(reach, on=on)
    found = preview_above(reach, sites, on=on) if tables is None else preview(sites, tables)
    return {
        "sites": len(sites),
        "points": found.points,
        "changed": len(found.grades),
        "counts": [(old, new, count) for (old, new), count in found.counts.items()],
        "by_site": _by_site(found.grades, sites),
        "leads": len(found.leads),
        "leads_by_site": [
            (site, [(row.point, LEVELS.get(row.point.lead_level), LEVELS.get(row.new_lead)) for row in rows])
            for site, rows in _by_site(found.leads, sites)
        ],
    }


def _by_site(changes: list[PointChange], sites: list[Site]) -> list[tuple[Site, list[PointChange]]]:
    rows: dict[Any, list[PointChange]] = defaultdict(list)
    for change in changes:
        rows[change.point.site_id].append(change)
    found = [(site, rows[site.pk]) for site in sites if site.pk in rows]
    return sorted(found, key=lambda item: (-len(item[1]), item[0].code))
