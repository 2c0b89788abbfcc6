"""Posts and corrections in the admin, to read."""

from django.contrib import admin

from spatial.administration import ReadOnlyAdmin

from .models import Correction, Post


@admin.register(Post)
class PostAdmin(ReadOnlyAdmin):
    """Posts of visible sites."""

    list_display = ("name", "site", "trade", "zone", "starts", "ends", "at_least", "active")
    list_select_related = ("site", "zone")


@admin.register(Correction)
class CorrectionAdmin(ReadOnlyAdmin):
    """Corrections on visible sites."""

    list_display = ("person", "day", "came_at", "left_at", "reason", "made_by")
    list_select_related = ("person", "made_by")
