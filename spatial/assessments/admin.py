"""Assessments in the admin, to read: their life is in operations."""

from django.contrib import admin

from spatial.administration import ReadOnlyAdmin
from spatial.assessments.models import Assessment


@admin.register(Assessment)
class AssessmentAdmin(ReadOnlyAdmin):
    """Assessments that the user may see."""

    list_display = ("organisation", "number", "as_of", "method", "made_by")
    list_select_related = ("organisation", "made_by")
    exclude = ("facts", "content")
