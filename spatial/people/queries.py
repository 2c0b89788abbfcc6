"""Who may do what where."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from .models import Membership, Person, Role, User


def roles_on(user: Any, site: Any) -> set[str]:
    """Return the roles a user has on a site: of the site, of an organisation or a region at or above it."""
    if user is None or not user.is_authenticated or not user.is_active:
        return set()
    organisation_path = site.organisation.path
    region_path = site.region.path if site.region_id else ""
    roles = set()
    for membership in user.memberships.select_related("organisation", "region"):
        if (
            (membership.site_id and membership.site_id == site.pk)
            or (membership.organisation_id and organisation_path.startswith(membership.organisation.path))
            or (membership.region_id and region_path.startswith(membership.region.path))
        ):
            roles.add(str(membership.role))
    return roles


def all_roles(user: Any) -> set[str]:
    """Return every role that a user has anywhere; it decides which page is shown first."""
    if user is None or not user.is_authenticated:
        return set()
    return set(user.memberships.values_list("role", flat=True))


def _above(path: str, step: int = 4) -> list[str]:
    """Return a treebeard path and the paths of all nodes above it."""
    return [path[:end] for end in range(step, len(path) + 1, step)]


def users_on(site: Any, *, role: Role | str | None = None) -> QuerySet[User]:
    """Return the active users with any role (or this one) on a site, by name; for pick lists."""
    reach = Q(site=site) | Q(organisation__path__in=_above(site.organisation.path))
    if site.region_id:
        reach |= Q(region__path__in=_above(site.region.path))
    memberships = Membership.objects.filter(reach)
    if role:
        memberships = memberships.filter(role=role)
    return User.objects.filter(is_active=True, id__in=memberships.values("user")).order_by("full_name", "username")


def visible(user: Any) -> QuerySet[Person]:
    """Return the people on sites that a user may see."""
    return Person.objects.visible_to(user).select_related("team")
