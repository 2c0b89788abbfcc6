"""Who may open these pages: regulators of a region; for everybody else they do not exist."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from spatial.public_risks.models import PublicRisk
from spatial.public_risks.queries import is_regulator, visible


def check_regulator(user: Any) -> None:
    """Raise Http404 for a user who regulates no region."""
    if not is_regulator(user):
        raise Http404(_("There is no such page, or you may not see it."))


def visible_risk(user: Any, risk_id: UUID) -> PublicRisk:
    """Return a public risk point that the user may see. Raises Http404."""
    return get_object_or_404(visible(user).select_related("rule_edition"), pk=risk_id)
