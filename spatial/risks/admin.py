"""Admin of risk points: to read; grades come from operations only."""

from django.contrib import admin
from unfold.admin import TabularInline

from spatial.administration import ReadOnlyAdmin

from .models import HazardSource, ResponsiblePerson, RiskPoint


class SourceInline(TabularInline):
    """Hazard sources of a point."""

    model = HazardSource
    extra = 0
    fields = ("name", "accident_type", "method", "scores", "value", "grade")


class ResponsibleInline(TabularInline):
    """Who answers for a point."""

    model = ResponsiblePerson
    extra = 0


@admin.register(RiskPoint)
class RiskPointAdmin(ReadOnlyAdmin):
    """Risk points with their sources."""

    list_display = ("code", "name", "site", "kind", "state", "residual_grade", "direct_major")
    list_filter = ("state", "kind")
    search_fields = ("code", "name")
    list_select_related = ("site",)
    inlines = (SourceInline, ResponsibleInline)
