"""Documents, checks and findings in the admin, to look at; all work goes through the pages."""

from __future__ import annotations

from django.contrib import admin

from spatial.administration import ReadOnlyAdmin

from .models import Check, Finding, IdsDocument


@admin.register(IdsDocument)
class IdsDocumentAdmin(ReadOnlyAdmin):
    """Kept IDS files."""

    list_display = ("title", "version", "ids_version", "specification_count", "file_name", "site", "uploaded_by")
    search_fields = ("title", "file_name", "sha256")
    list_select_related = ("site", "uploaded_by")


@admin.register(Check)
class CheckAdmin(ReadOnlyAdmin):
    """Checks of revisions."""

    list_display = ("document", "revision", "state", "status", "failed_elements", "findings_total", "seconds")
    list_filter = ("state", "status")
    list_select_related = ("document", "revision__model")


@admin.register(Finding)
class FindingAdmin(ReadOnlyAdmin):
    """Elements that fail a requirement."""

    list_display = ("ifc_class", "name", "global_id", "storey_name", "reason", "actual", "check_row")
    list_filter = ("reason",)
    search_fields = ("global_id", "name")
    list_select_related = ("check_row__document", "check_row__revision__model")
    show_full_result_count = False
