"""Admin of the event stream: to read."""

from django.contrib import admin

from spatial.administration import ReadOnlyAdmin

from .models import Event


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """Events of visible sites."""

    list_display = ("id", "site", "kind", "occurred_at")
    list_filter = ("kind",)
    list_select_related = ("site",)
