"""Work permits in the admin, to read: they are asked for and decided on their pages."""

from django.contrib import admin

from spatial.administration import ReadOnlyAdmin

from .models import WorkPermit


@admin.register(WorkPermit)
class WorkPermitAdmin(ReadOnlyAdmin):
    """Permits of visible sites."""

    list_display = ("number", "kind", "work", "zone", "starts_at", "ends_at", "state", "approver")
    list_filter = ("kind", "state")
    list_select_related = ("zone", "approver")
