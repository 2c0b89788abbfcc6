"""To whom the navigation offers the assessments."""

from __future__ import annotations

from typing import Any

from spatial.assessments.models import COMPANY_ROLES, REGULATORS


def may_open(user: Any) -> bool:
    """Return whether a user is of a company's safety department, its head, or a regulator of a region."""
    roles = (*COMPANY_ROLES, *REGULATORS)
    return bool(user.is_superuser or user.memberships.filter(site__isnull=True, role__in=roles).exists())
