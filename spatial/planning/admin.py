"""Planning in the admin, to read: its life is in operations."""

from django.contrib import admin

from spatial.administration import ReadOnlyAdmin
from spatial.planning.models import DocumentSignature, DocumentVersion, GroupMember, TrainingSession


@admin.register(DocumentVersion)
class DocumentVersionAdmin(ReadOnlyAdmin):
    """Versions of planning documents of visible sites."""

    list_display = ("document_number", "title", "site", "state", "issued_on", "valid_until")
    list_filter = ("kind", "state")
    search_fields = ("document_number", "title")
    list_select_related = ("site",)


@admin.register(DocumentSignature)
class DocumentSignatureAdmin(ReadOnlyAdmin):
    """Signatures on planning documents of visible sites."""

    list_display = ("version", "step", "signer_name", "signed_at", "voided_at")
    list_filter = ("step",)
    list_select_related = ("version",)


@admin.register(GroupMember)
class GroupMemberAdmin(ReadOnlyAdmin):
    """Seats of the leading groups of visible sites."""

    list_display = ("user", "duty", "site", "since", "ended_at")
    list_filter = ("duty",)
    list_select_related = ("user", "site")


@admin.register(TrainingSession)
class TrainingSessionAdmin(ReadOnlyAdmin):
    """Trainings held on visible sites."""

    list_display = ("held_on", "topic", "level", "attended", "site")
    list_filter = ("level",)
    list_select_related = ("site",)
