"""Who may change the zones of a site."""

from __future__ import annotations

from typing import Any

from spatial.people.models import Role
from spatial.people.queries import roles_on
from spatial.places.models import Site

ZONE_EDITORS = {Role.PROJECT_MANAGER.value, Role.SITE_SAFETY.value, Role.ENTERPRISE_SAFETY.value}


def may_edit_zones(user: Any, site: Site) -> bool:
    """Return whether a user may draw, change and withdraw zones of a site."""
    return bool(user.is_superuser or roles_on(user, site) & ZONE_EDITORS)
