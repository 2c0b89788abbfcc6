"""Find cameras, and who may set them up."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from spatial.cameras.models import Camera
from spatial.people.models import Role
from spatial.people.queries import roles_on

MAY_MANAGE = frozenset({Role.SITE_SAFETY, Role.PROJECT_MANAGER, Role.BIM_ENGINEER, Role.ENTERPRISE_SAFETY})


def visible(user: Any) -> QuerySet[Camera]:
    """Return the cameras on sites that a user may see, with their places."""
    return Camera.objects.visible_to(user).select_related("anchor__storey", "device", "site")


def may_manage(user: Any, site: Any) -> bool:
    """Tell whether a user may add, change and retire the cameras of a site."""
    return bool(user.is_superuser or roles_on(user, site) & MAY_MANAGE)
