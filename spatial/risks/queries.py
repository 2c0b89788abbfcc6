"""Read risk points."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from .models import RiskPoint


def visible(user: Any) -> QuerySet[RiskPoint]:
    """Return the risk points on sites that a user may see, with their anchors."""
    return RiskPoint.objects.visible_to(user).select_related("anchor", "anchor__storey")


def on_element(user: Any, *, model_id: Any, global_id: str) -> QuerySet[RiskPoint]:
    """Return the visible risk points anchored on one element of a model."""
    rows = visible(user).filter(anchor__model_id=model_id, anchor__element_global_id=global_id)
    return rows.prefetch_related("sources__measures", "responsible")
