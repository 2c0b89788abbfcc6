"""Control lists in the admin, to read: they are made and published on their pages."""

from django.contrib import admin
from unfold.admin import TabularInline

from spatial.administration import ReadOnlyAdmin

from .models import ListEntry, ListVersion, ReviewStep


class ReviewStepInline(TabularInline):
    """Steps of a version."""

    model = ReviewStep
    extra = 0
    fields = ("at", "verb", "from_state", "actor", "actor_role", "note")


@admin.register(ListVersion)
class ListVersionAdmin(ReadOnlyAdmin):
    """Versions with their review."""

    list_display = ("site", "kind", "number", "state", "published_at", "reassess_due")
    list_filter = ("state", "kind")
    list_select_related = ("site",)
    inlines = (ReviewStepInline,)


@admin.register(ListEntry)
class ListEntryAdmin(ReadOnlyAdmin):
    """Rows of lists."""

    list_display = ("code", "name", "version", "grade_before", "grade_after", "place_text")
    list_filter = ("grade_before",)
    search_fields = ("code", "name")
    list_select_related = ("version",)
