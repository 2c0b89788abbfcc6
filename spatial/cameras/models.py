"""Cameras: where each stands, what it sees, and where its picture comes from."""

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from spatial.scope import SiteRow


class Camera(SiteRow):
    """A camera of a site. `address` never holds a credential; the password is kept sealed and is never shown."""

    name = models.CharField(_("name"), max_length=120)
    device = models.OneToOneField(
        "devices.Device", on_delete=models.SET_NULL, null=True, blank=True, related_name="camera"
    )
    anchor = models.OneToOneField("places.Anchor", on_delete=models.PROTECT, related_name="camera")
    address = models.CharField(_("address of the picture (RTSP)"), max_length=500)
    username = models.CharField(_("account on the camera"), max_length=80, blank=True)
    sealed_password = models.TextField(_("password (sealed)"), blank=True, editable=False)
    bearing_deg = models.FloatField(_("looks towards (degrees from north, clockwise)"), default=0.0)
    tilt_deg = models.FloatField(_("tilt (degrees, below the horizon is negative)"), default=-15.0)
    field_of_view_deg = models.FloatField(_("field of view (degrees)"), default=80.0)
    range_m = models.FloatField(_("range (m)"), default=60.0)
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("camera")
        verbose_name_plural = _("cameras")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["site", "name"], name="camera_name_once_per_site"),
            models.CheckConstraint(
                name="camera_view_is_possible",
                condition=models.Q(field_of_view_deg__gt=0, field_of_view_deg__lte=360, range_m__gt=0)
                & models.Q(bearing_deg__gte=0, bearing_deg__lt=360, tilt_deg__gte=-90, tilt_deg__lte=90),
            ),
        ]

    def __str__(self) -> str:
        return self.name
