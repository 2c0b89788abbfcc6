"""Cards in the admin: to read. Tokens are not shown: who reads one opens the card."""

from django.contrib import admin

from spatial.administration import ReadOnlyAdmin

from .models import NoticeCard, Post


@admin.register(NoticeCard)
class NoticeCardAdmin(ReadOnlyAdmin):
    """Issued notice cards of visible sites."""

    list_display = ("risk_point", "number", "issued_at", "issued_by", "revoked_at", "site")
    list_select_related = ("risk_point", "site")
    exclude = ("token",)


@admin.register(Post)
class PostAdmin(ReadOnlyAdmin):
    """Posts of visible sites."""

    list_display = ("name", "trade", "leader_name", "site")
    list_select_related = ("site",)
