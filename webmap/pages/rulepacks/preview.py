"""What a choice or a new edition would change, as the pages show it before anything is stored."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from spatial.machines.limits import read_limits
from spatial.machines.queries import limits_of, pair_checks, site_machines
from spatial.machines.scene import SiteMachines
from spatial.places.models import Site
from spatial.regrading.queries import preview, preview_above, sites_following
from spatial.regrading.rules import PointChange
from spatial.rulebook.machine_limits import TABLE

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


@dataclass(frozen=True)
class SiteMachinesChange:
    """What other numbers of moving danger would change on a site: pairs of cranes that are not in order now and then,
    and pits with the distance that vehicles keep from them."""

    site: Site
    before: list[str]
    after: list[str]
    pits: list[tuple[str, float, float]]


def machines_of(reach: Any, tables: dict[str, Any], *, on: date) -> list[SiteMachinesChange]:
    """Return the sites below on which the check of cranes or the distance to a pit would be another."""
    if TABLE not in tables:
        return []
    numbers, found = read_limits(tables[TABLE]["content"]), []
    for site in sites_following(reach, on=on):
        now, then = site_machines(site, limits_of(site, on)), site_machines(site, numbers)
        before, after = (_not_met(scene) for scene in (now, then))
        pits = [
            (one.name, one.no_vehicle_m, two.no_vehicle_m)
            for one, two in zip(now.pits, then.pits, strict=True)
            if one.no_vehicle_m != two.no_vehicle_m
        ]
        if before != after or pits:
            found.append(SiteMachinesChange(site, before, after, pits))
    return found


def _not_met(scene: SiteMachines) -> list[str]:
    return [f"{check.one} – {check.two}" for check in pair_checks(scene) if not check.met]
