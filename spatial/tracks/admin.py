"""The newest positions in the admin, to look at."""

from django.contrib import admin

from spatial.administration import ReadOnlyAdmin
from spatial.tracks.models import LatestPosition


@admin.register(LatestPosition)
class LatestPositionAdmin(ReadOnlyAdmin):
    """Where the devices of visible sites are."""

    list_display = ("device", "site", "fix_time", "received_at", "source", "accuracy_m", "battery_percent", "storey")
    list_filter = ("source",)
    search_fields = ("device__code",)
    list_select_related = ("device", "site", "storey")
