"""The policy in force, who looked at whom, and who may be named to whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, Sum

from spatial.people.models import Role
from spatial.people.queries import roles_on
from spatial.scope import reached_site_ids, visible_site_ids

from .models import Policy, TrackLook, Untracked
from .rules import TrackingPolicy

NAMED_TO = {
    Role.WORKER,
    Role.SITE_SAFETY,
    Role.PROJECT_MANAGER,
    Role.BIM_ENGINEER,
    Role.ENTERPRISE_SAFETY,
    Role.ENTERPRISE_HEAD,
    Role.SUPERVISION_ENGINEER,
}
LOOKERS = {
    Role.SITE_SAFETY,
    Role.PROJECT_MANAGER,
    Role.ENTERPRISE_SAFETY,
    Role.ENTERPRISE_HEAD,
    Role.TOWN_REVIEWER,
    Role.DEPT_REVIEWER,
    Role.COMMITTEE,
}


def policy_row(organisation: Any) -> Policy | None:
    """Return the policy in force for an organisation: its own newest, or that of the nearest one above it."""
    path, step = organisation.path, 4
    paths = [path[:end] for end in range(step, len(path) + 1, step)]
    rows = Policy.objects.filter(organisation__path__in=paths).select_related("organisation")
    return max(rows, key=lambda row: (len(row.organisation.path), row.version), default=None)


def policy_of(organisation: Any) -> TrackingPolicy:
    """Return what an organisation keeps; without a published policy the strict default."""
    row = policy_row(organisation)
    if row is None:
        return TrackingPolicy()
    return TrackingPolicy(row.only_on_shift, row.only_inside, row.retention_days, row.version)


def may_see_names(user: Any, site: Any) -> bool:
    """Return whether people of a site are named to a user without a purpose; a regulator sees counts."""
    return bool(user.is_superuser or roles_on(user, site) & NAMED_TO)


def sites_named_to(user: Any) -> set[UUID]:
    """Return the ids of the sites whose people are named to a user without a purpose."""
    if user is None or not user.is_authenticated or not user.is_active:
        return set()
    if user.is_superuser:
        return set(visible_site_ids(user).values_list("id", flat=True))
    return set(reached_site_ids(user.memberships.filter(role__in=NAMED_TO)).values_list("id", flat=True))


def looks_at(person: Any) -> QuerySet[TrackLook]:
    """Return who looked at where a person was, also with everybody else of the site, the newest first."""
    rows = TrackLook.objects.filter(Q(person=person) | Q(person=None, site_id=person.site_id))
    return rows.select_related("viewer").order_by("-looked_at")


def untracked_between(site: Any, start: datetime, end: datetime) -> dict[str, int]:
    """Return how many positions of people were counted and not kept on a site."""
    sums = Untracked.objects.filter(site=site, hour__gte=start, hour__lt=end)
    found = sums.aggregate(outside=Sum("outside"), off_shift=Sum("off_shift"))
    return {name: int(count or 0) for name, count in found.items()}
