"""Admin of zones, drawn on a map; triggers to read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from leaflet.admin import LeafletGeoAdminMixin

from spatial.administration import ReadOnlyAdmin
from spatial.ledger.acting import ActingAdmin
from spatial.notices.operations import append_event

from .models import Trigger, Zone
from .versions import write_version


@admin.register(Zone)
class ZoneAdmin(LeafletGeoAdminMixin, ActingAdmin):
    """Zones: outline, heights, parent."""

    list_display = ("code", "name", "site", "kind", "parent", "bottom_m", "top_m", "active")
    list_filter = ("kind", "active")
    search_fields = ("code", "name")
    list_select_related = ("site", "parent")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save a zone of its site's organisation, write the act, and tell open pages."""
        obj.organisation_id = obj.site.organisation_id
        obj.known_from = timezone.now()
        obj.version += int(change)
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the storeys of a zone and its version; the event is the last statement."""
        super().save_related(request, form, formsets, change)
        zone, now = form.instance, timezone.now()
        changes = {name: [None, None] for name in form.changed_data} if change else {}
        write_version(zone, changes=changes, repairs=[], reason="admin", actor=request.user, now=now)
        payload = {"zone": str(zone.pk), "code": zone.code}
        append_event(site=zone.site, kind="zone_changed", payload=payload, occurred_at=now)


@admin.register(Trigger)
class TriggerAdmin(ReadOnlyAdmin):
    """What colours zones, and since when."""

    list_display = ("kind", "site", "zone", "risk_point", "source_label", "starts_at", "ends_at")
    list_filter = ("kind",)
    list_select_related = ("site", "zone", "risk_point")
