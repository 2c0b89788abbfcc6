"""Models and revisions in the admin, to look at; imports go through the page or the command."""

from __future__ import annotations

from django.contrib import admin
from unfold.admin import TabularInline

from spatial.administration import ReadOnlyAdmin

from .models import Element, Model, Revision, Storey


class RevisionInline(TabularInline):
    """Revisions of a model."""

    model = Revision
    fields = ("number", "file_name", "state", "schema", "placed", "finished_at")
    extra = 0


@admin.register(Model)
class ModelAdminPage(ReadOnlyAdmin):
    """Models on visible sites."""

    list_display = ("name", "site", "organisation")
    search_fields = ("name",)
    list_select_related = ("site", "organisation")
    inlines = (RevisionInline,)


@admin.register(Revision)
class RevisionAdmin(ReadOnlyAdmin):
    """Revisions on visible sites."""

    list_display = ("model", "number", "state", "schema", "placed", "tile_bytes", "finished_at", "uploaded_by")
    list_filter = ("state", "schema", "placed")
    search_fields = ("file_name", "file_sha256", "model__name")
    list_select_related = ("model", "uploaded_by")


@admin.register(Storey)
class StoreyAdmin(ReadOnlyAdmin):
    """Storeys as the models have them."""

    list_display = ("name", "building_name", "elevation_m", "model_elevation_m", "revision")
    search_fields = ("name", "global_id")
    list_select_related = ("revision__model",)


@admin.register(Element)
class ElementAdmin(ReadOnlyAdmin):
    """Elements of the models."""

    list_display = ("global_id", "ifc_class", "name", "storey", "meshed", "revision")
    list_filter = ("ifc_class", "meshed")
    search_fields = ("global_id", "name")
    list_select_related = ("storey", "revision__model")
    exclude = ("footprint",)
    show_full_result_count = False
