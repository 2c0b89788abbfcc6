"""Admin of tickets: to read; every step goes through the operations."""

from django.contrib import admin
from unfold.admin import TabularInline

from spatial.administration import ReadOnlyAdmin

from .models import Hazard, Photo, Transition


class TransitionInline(TabularInline):
    """Steps of a ticket."""

    model = Transition
    extra = 0
    fields = ("transition", "event", "from_state", "to_state", "actor", "text", "received_at")


@admin.register(Hazard)
class HazardAdmin(ReadOnlyAdmin):
    """Tickets with their steps."""

    list_display = ("number", "site", "state", "level", "description", "deadline", "rectifier")
    list_filter = ("state", "level")
    search_fields = ("number", "description")
    list_select_related = ("site", "rectifier")
    inlines = (TransitionInline,)


@admin.register(Photo)
class PhotoAdmin(ReadOnlyAdmin):
    """Evidence by hash."""

    list_display = ("sha256", "hazard", "site", "step", "taken_at", "flagged")
    list_filter = ("step",)
    list_select_related = ("hazard", "site")
