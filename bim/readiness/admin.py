"""Readiness in the admin, to look at."""

from __future__ import annotations

from django.contrib import admin

from spatial.administration import ReadOnlyAdmin

from .models import ReadinessReport


@admin.register(ReadinessReport)
class ReadinessReportAdmin(ReadOnlyAdmin):
    """Reports on visible sites."""

    list_display = ("revision", "state", "grades", "seconds", "finished_at", "problem")
    list_filter = ("state",)
    list_select_related = ("revision__model",)
