"""Comparisons, outcomes and reviews in the admin, to look at; decisions go through the page."""

from __future__ import annotations

from django.contrib import admin

from spatial.administration import ReadOnlyAdmin

from .models import AnchorOutcome, AnchorReview, ElementChange, RevisionComparison


@admin.register(RevisionComparison)
class RevisionComparisonAdmin(ReadOnlyAdmin):
    """What each revision changed."""

    list_display = ("revision", "previous", "counts", "anchors", "replaced_m", "seconds")
    list_select_related = ("revision__model", "previous__model")


@admin.register(ElementChange)
class ElementChangeAdmin(ReadOnlyAdmin):
    """Elements that are not as they were."""

    list_display = ("kind", "ifc_class", "name", "old_global_id", "new_global_id", "confidence", "revision")
    list_filter = ("kind", "ifc_class")
    search_fields = ("old_global_id", "new_global_id", "name")
    list_select_related = ("revision__model",)
    show_full_result_count = False


@admin.register(AnchorOutcome)
class AnchorOutcomeAdmin(ReadOnlyAdmin):
    """What became of each anchor."""

    list_display = ("outcome", "anchor", "from_global_id", "to_global_id", "confidence", "distance_m", "revision")
    list_filter = ("outcome",)
    list_select_related = ("revision__model", "anchor")


@admin.register(AnchorReview)
class AnchorReviewAdmin(ReadOnlyAdmin):
    """Anchors that waited or wait for a person."""

    list_display = ("anchor", "state", "reason", "revision", "decided_by", "decided_at")
    list_filter = ("state",)
    list_select_related = ("revision__model", "anchor", "decided_by")
