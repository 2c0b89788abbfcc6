"""Units with dangerous substances in the admin, to read; they are changed on their page."""

from django.contrib import admin

from spatial.administration import ReadOnlyAdmin
from spatial.major_hazards.models import HazardUnit, Identification


@admin.register(HazardUnit)
class HazardUnitAdmin(ReadOnlyAdmin):
    """Units of visible sites."""

    list_display = ("code", "name", "site", "standing", "level", "closed_at")
    list_filter = ("standing", "level")
    list_select_related = ("site",)


@admin.register(Identification)
class IdentificationAdmin(ReadOnlyAdmin):
    """Signed judgements on visible sites."""

    list_display = ("unit", "judged_at", "judged_by", "s", "r", "level")
    list_select_related = ("unit", "judged_by")
