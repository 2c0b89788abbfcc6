"""Fall edges and openings in the admin, to look at; decisions are made on the page."""

from __future__ import annotations

from django.contrib import admin

from spatial.administration import ReadOnlyAdmin

from .models import FallEdge


@admin.register(FallEdge)
class FallEdgeAdmin(ReadOnlyAdmin):
    """Fall edges on visible sites."""

    list_display = ("number", "kind", "revision", "storey", "length_m", "drop_m", "area_m2", "decision", "decided_by")
    list_filter = ("kind", "decision")
    list_select_related = ("revision__model", "storey", "decided_by")
