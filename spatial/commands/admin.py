"""Commands in the admin, to read."""

from django.contrib import admin

from spatial.administration import ReadOnlyAdmin

from .models import Command


@admin.register(Command)
class CommandAdmin(ReadOnlyAdmin):
    """Commands on visible sites."""

    list_display = ("ordered_at", "kind", "text", "target_label", "sent_by", "site")
    list_filter = ("kind", "target")
    list_select_related = ("sent_by", "site")
