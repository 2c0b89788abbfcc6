"""Musters in the admin, to read: they are held on their page."""

from django.contrib import admin

from spatial.administration import ReadOnlyAdmin

from .models import Muster


@admin.register(Muster)
class MusterAdmin(ReadOnlyAdmin):
    """Musters of visible sites."""

    list_display = ("site", "started_at", "drill", "started_by", "ended_at")
    list_filter = ("drill",)
    list_select_related = ("site", "started_by")
    date_hierarchy = "started_at"
