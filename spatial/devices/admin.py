"""Devices and refused messages in the admin. Passwords are never shown: only an operation gives one out."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from spatial.administration import ReadOnlyAdmin
from spatial.devices.models import BackfillFile, Calibration, Device, Paper, RefusedMessage
from spatial.ledger.acting import ActingAdmin
from spatial.scope import visible_site_ids


@admin.register(Device)
class DeviceAdmin(ActingAdmin):
    """Devices of visible sites: wearer, place and interval; one out of use is retired by an operation."""

    list_display = ("code", "name", "kind", "site", "person", "report_interval_s", "active")
    list_filter = ("kind", "active")
    search_fields = ("code", "name", "person__full_name")
    list_select_related = ("site", "person")
    raw_id_fields = ("person", "anchor")
    readonly_fields = (
        "code", "organisation", "site", "active", "created_at", "mapping", "terminal_number", "may_register_until",
        "retired_at", "protocol",
    )  # fmt: skip
    exclude = ("credential_hash",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Devices are registered by an operation, which shows the password once."""
        return False


@admin.register(BackfillFile)
class BackfillFileAdmin(ReadOnlyAdmin):
    """Uploaded files of held-back fixes of visible sites."""

    list_display = ("created_at", "device", "file_name", "state", "taken", "duplicate", "uploaded_by")
    list_filter = ("state",)
    list_select_related = ("device", "uploaded_by")


@admin.register(RefusedMessage)
class RefusedMessageAdmin(ReadOnlyAdmin):
    """Messages that could not be used; those of no known site are for superusers."""

    list_display = ("received_at", "device_code", "site", "reason", "topic")
    search_fields = ("device_code", "reason", "topic")
    list_select_related = ("site",)

    def scope(self, queryset: QuerySet, user: Any) -> QuerySet:
        """Return every message for superusers, else those of visible sites."""
        return queryset if user.is_superuser else queryset.filter(site__in=visible_site_ids(user))


@admin.register(Calibration)
class CalibrationAdmin(ReadOnlyAdmin):
    """Calibrations of devices of visible sites; they are recorded and withdrawn by operations."""

    list_display = ("device", "quantity", "channel", "done_on", "due_on", "scale", "offset", "certificate_number")
    list_select_related = ("device",)


@admin.register(Paper)
class PaperAdmin(ReadOnlyAdmin):
    """Papers of devices of visible sites; they are recorded and withdrawn by operations."""

    list_display = ("device", "kind", "number", "issued_on", "expires_on")
    list_filter = ("kind",)
    list_select_related = ("device",)
