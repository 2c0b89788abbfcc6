"""Datastreams in the admin, to read: they are made and changed by operations."""

from django.contrib import admin

from spatial.administration import ReadOnlyAdmin
from spatial.observations.models import Datastream


@admin.register(Datastream)
class DatastreamAdmin(ReadOnlyAdmin):
    """Datastreams of visible sites."""

    list_display = ("device", "quantity", "channel", "name", "zone", "design_limit", "rate_limit", "active")
    list_filter = ("quantity", "active")
    search_fields = ("name", "device__code")
    list_select_related = ("device", "zone")
