"""Machines in the admin, to read: they are kept on their pages."""

from django.contrib import admin

from spatial.administration import ReadOnlyAdmin
from spatial.machines.models import Machine, MachineEvent, OperationRecord


@admin.register(Machine)
class MachineAdmin(ReadOnlyAdmin):
    """Machines of visible sites."""

    list_display = ("code", "name", "kind", "model", "registration_number", "site", "active")
    list_filter = ("kind", "active")
    search_fields = ("code", "name", "registration_number")
    list_select_related = ("site",)


@admin.register(OperationRecord)
class OperationRecordAdmin(ReadOnlyAdmin):
    """Runs of machines on visible sites."""

    list_display = ("machine", "person", "started_at", "ended_at", "verified", "lifts", "peak_load_t")
    list_filter = ("verified",)
    list_select_related = ("machine", "person")
    date_hierarchy = "started_at"


@admin.register(MachineEvent)
class MachineEventAdmin(ReadOnlyAdmin):
    """What rules about machines found on visible sites."""

    list_display = ("at", "machine", "rule", "kind", "level", "other_name", "late", "withdrawn_at")
    list_filter = ("rule", "kind", "level")
    list_select_related = ("machine",)
