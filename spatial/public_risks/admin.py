"""Public risk points in the admin, to read: their life is in operations."""

from django.contrib import admin

from spatial.administration import ReadOnlyAdmin
from spatial.public_risks.models import PublicRisk


@admin.register(PublicRisk)
class PublicRiskAdmin(ReadOnlyAdmin):
    """Public risk points of the regions that the user regulates."""

    list_display = ("code", "name", "region", "kind", "grade", "responsible_unit", "next_check_on", "closed_at")
    list_filter = ("grade", "kind")
    search_fields = ("code", "name", "responsible_unit")
    list_select_related = ("region",)
