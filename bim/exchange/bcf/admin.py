"""What came with BCF files in the admin, to look at; it is taken on the page."""

from __future__ import annotations

from django.contrib import admin

from spatial.administration import ReadOnlyAdmin

from .models import BcfImport, ImportedComment, ImportedTopic


@admin.register(BcfImport)
class BcfImportAdmin(ReadOnlyAdmin):
    """Uploaded files on visible sites."""

    list_display = ("file_name", "version", "topic_count", "site", "uploaded_by", "uploaded_at")
    list_select_related = ("site", "uploaded_by")


@admin.register(ImportedTopic)
class ImportedTopicAdmin(ReadOnlyAdmin):
    """Topics that became tickets."""

    list_display = ("guid", "hazard", "topic_type", "status", "author", "source")
    list_select_related = ("hazard", "source")


@admin.register(ImportedComment)
class ImportedCommentAdmin(ReadOnlyAdmin):
    """Comments that came with files."""

    list_display = ("hazard", "author", "date", "text", "source")
    list_select_related = ("hazard", "source")
