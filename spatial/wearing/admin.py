"""Issues of devices in the admin, to read: they are made at the gate."""

from django.contrib import admin

from spatial.administration import ReadOnlyAdmin

from .models import Issue


@admin.register(Issue)
class IssueAdmin(ReadOnlyAdmin):
    """Issues on visible sites."""

    list_display = ("device", "person", "issued_at", "returned_at", "issued_by")
    list_select_related = ("device", "person", "issued_by")
