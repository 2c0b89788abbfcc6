"""Models and revisions in the admin, to look at; imports go through the page or the command."""

from __future__ import annotations

from django.contrib import admin
from unfold.admin import ModelAdmin, TabularInline

from .models import Element, Model, Revision, Storey


class _ReadOnly:
    """Rows that only an import writes."""

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False


class RevisionInline(_ReadOnly, TabularInline):
    model = Revision
    fields = ("number", "file_name", "state", "schema", "placed", "finished_at")
    extra = 0


@admin.register(Model)
class ModelAdminPage(ModelAdmin):
    list_display = ("name", "site", "organisation")
    list_filter = ("site",)
    search_fields = ("name",)
    inlines = (RevisionInline,)


@admin.register(Revision)
class RevisionAdmin(_ReadOnly, ModelAdmin):
    list_display = ("model", "number", "state", "schema", "placed", "tile_bytes", "finished_at", "uploaded_by")
    list_filter = ("state", "schema", "placed", "site")
    search_fields = ("file_name", "file_sha256", "model__name")


@admin.register(Storey)
class StoreyAdmin(_ReadOnly, ModelAdmin):
    list_display = ("name", "building_name", "elevation_m", "model_elevation_m", "revision")
    search_fields = ("name", "global_id")


@admin.register(Element)
class ElementAdmin(_ReadOnly, ModelAdmin):
    list_display = ("global_id", "ifc_class", "name", "storey", "meshed", "revision")
    list_filter = ("ifc_class", "meshed")
    search_fields = ("global_id", "name")
    list_select_related = ("storey", "revision__model")
    exclude = ("footprint",)
    show_full_result_count = False
