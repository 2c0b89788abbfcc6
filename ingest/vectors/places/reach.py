"""Who may import which places: superusers all; regulators, companies and site staff in their reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q, QuerySet

from spatial.people.models import Role
from spatial.people.queries import roles_on
from spatial.places.models import PlaceFile, Site

REGULATORS: Final = frozenset({Role.DEPT_REVIEWER, Role.COMMITTEE})
COMPANY: Final = frozenset({Role.ENTERPRISE_HEAD, Role.ENTERPRISE_SAFETY})
ON_SITE: Final = frozenset({Role.PROJECT_MANAGER, Role.BIM_ENGINEER, Role.ENTERPRISE_SAFETY, Role.ENTERPRISE_HEAD})


@dataclass(frozen=True)
class Reach:
    """The parts of the two trees in which somebody may write, by treebeard path; `everything` for superusers."""

    everything: bool = False
    regions: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()

    def holds_region(self, path: str | None) -> bool:
        """Return whether a region lies at or below one of these."""
        return self.everything or (path is not None and path.startswith(self.regions))

    def holds_organisation(self, path: str | None) -> bool:
        """Return whether an organisation lies at or below one of these."""
        return self.everything or (path is not None and path.startswith(self.organisations))

    def holds_site(self, organisation_path: str | None, region_path: str | None) -> bool:
        """Return whether a site of this organisation in this region is theirs to write."""
        return self.holds_organisation(organisation_path) or self.holds_region(region_path)


def reach_of(user: Any) -> Reach:
    """Return where a user may import regions, organisations and sites."""
    if user is None or not user.is_authenticated or not user.is_active:
        return Reach()
    if user.is_superuser:
        return Reach(everything=True)
    memberships = user.memberships.select_related("region", "organisation")
    regions = [m.region.path for m in memberships if m.region_id and m.role in REGULATORS]
    companies = [m.organisation.path for m in memberships if m.organisation_id and m.role in COMPANY]
    return Reach(False, tuple(regions), tuple(companies))


def may_change_structure(user: Any, site: Site) -> bool:
    """Return whether a user may import buildings, storeys, spaces and plans of a site."""
    return bool(user.is_authenticated and (user.is_superuser or roles_on(user, site) & ON_SITE))


def kinds_for(user: Any) -> list[str]:
    """Return the kinds of files that a user may import somewhere, in the order of the tree."""
    reach = reach_of(user)
    kinds = []
    if reach.everything or reach.regions:
        kinds.append(PlaceFile.Kind.REGIONS)
    if reach.everything or reach.organisations:
        kinds.append(PlaceFile.Kind.ORGANISATIONS)
    if kinds:
        kinds.append(PlaceFile.Kind.SITES)
    if user.is_superuser or user.memberships.filter(role__in=ON_SITE).exists():
        kinds.append(PlaceFile.Kind.STRUCTURE)
    return [str(kind) for kind in kinds]


def structure_sites(user: Any) -> QuerySet[Site]:
    """Return the sites whose buildings, storeys, spaces and plans a user may import, as `may_change_structure` says."""
    if user.is_superuser:
        return Site.objects.all()
    reach = Q(pk__in=[])
    for membership in user.memberships.filter(role__in=ON_SITE).select_related("organisation", "region"):
        if membership.site_id:
            reach |= Q(pk=membership.site_id)
        elif membership.organisation_id:
            reach |= Q(organisation__path__startswith=membership.organisation.path)
        else:
            reach |= Q(region__path__startswith=membership.region.path)
    return Site.objects.filter(reach)
