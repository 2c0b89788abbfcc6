"""Cameras in the admin, to read: they are set up on their page."""

from django.contrib import admin

from spatial.administration import ReadOnlyAdmin

from .models import Camera


@admin.register(Camera)
class CameraAdmin(ReadOnlyAdmin):
    """Cameras of visible sites, without their passwords."""

    list_display = ("name", "site", "address", "bearing_deg", "active")
    list_filter = ("active",)
    list_select_related = ("site",)
    exclude = ("sealed_password",)
