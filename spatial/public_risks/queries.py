"""Read public risk points: what a user may see, who may write where, counts, and a point as it was given."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from spatial.places.models import Region
from spatial.rulebook.models import Edition
from spatial.rulebook.queries import edition_for, table

from .models import REGULATORS, PublicRisk
from .rules import GradingTables

FACTS = (
    *("code", "name", "kind", "method", "scores", "direct_reason", "responsible_unit", "responsible_person"),
    *("phone", "measures", "next_check_on"),
)


def visible(user: Any) -> QuerySet[PublicRisk]:
    """Return the public risk points that a user may see, with their region."""
    return PublicRisk.objects.visible_to(user).select_related("region")


def standing(user: Any) -> QuerySet[PublicRisk]:
    """Return those that are not closed."""
    return visible(user).filter(closed_at__isnull=True)


def regulated_regions(user: Any) -> QuerySet[Region]:
    """Return the regions that a user regulates, and all below: where points may be added."""
    if user.is_superuser:
        return Region.objects.all()
    reach = Q(pk__in=[])
    for membership in user.memberships.filter(region__isnull=False, role__in=REGULATORS).select_related("region"):
        reach |= Q(path__startswith=membership.region.path)
    return Region.objects.filter(reach).order_by("path")


def is_regulator(user: Any) -> bool:
    """Return whether a user regulates any region."""
    return bool(user.is_superuser or user.memberships.filter(region__isnull=False, role__in=REGULATORS).exists())


def may_write(user: Any, region: Region) -> bool:
    """Return whether a user may keep the public risk points of a region."""
    return regulated_regions(user).filter(pk=region.pk).exists()


def tables_for(region: Region, *, on: date) -> tuple[Edition, GradingTables]:
    """Return the edition that a region follows on a day, and its tables for grading."""
    edition = edition_for(region, on=on)
    return edition, GradingTables(table(edition, "lec"), table(edition, "ls"), table(edition, "direct_judgement"))


def facts_of(point: PublicRisk) -> dict[str, Any]:
    """Return the facts of a point, as they are compared and told."""
    return {name: getattr(point, name) for name in FACTS}


def counts_by_region(points: QuerySet[PublicRisk]) -> list[tuple[str, dict[int, int]]]:
    """Return how many points of each grade each region has, regions by name."""
    rows = points.order_by("region__name").values_list("region__name", "grade").annotate(count=Count("id"))
    found: dict[str, dict[int, int]] = {}
    for name, grade, count in rows:
        found.setdefault(name, {4: 0, 3: 0, 2: 0, 1: 0})[grade] = count
    return list(found.items())
