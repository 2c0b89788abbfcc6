"""Devices, their credentials at the broker, and the messages that were refused."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from spatial.scope import SiteRow


class Device(SiteRow):
    """A helmet, sensor, camera or machine terminal."""

    class Kind(models.TextChoices):
        HELMET = "helmet", _("Smart helmet")
        CAMERA = "camera", _("Camera")
        CRANE = "crane", _("Tower crane")
        HOIST = "hoist", _("Hoist")
        SENSOR = "sensor", _("Sensor")
        VEHICLE = "vehicle", _("Vehicle")

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    person = models.ForeignKey(
        "people.Person", on_delete=models.SET_NULL, null=True, blank=True, related_name="devices"
    )
    anchor = models.OneToOneField(
        "places.Anchor", on_delete=models.PROTECT, null=True, blank=True, related_name="device"
    )
    credential_hash = models.CharField(_("broker credential (hash)"), max_length=200, blank=True)
    report_interval_s = models.PositiveIntegerField(_("report interval (s)"), default=5)
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("device")
        verbose_name_plural = _("devices")

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class RefusedMessage(models.Model):
    """A message that could not be used, kept with the reason so that somebody can look at it."""

    id = models.BigAutoField(primary_key=True)
    topic = models.CharField(_("topic"), max_length=200)
    device_code = models.CharField(_("device"), max_length=40, blank=True, db_index=True)
    site = models.ForeignKey("places.Site", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    payload = models.BinaryField(_("payload"))
    reason = models.CharField(_("reason"), max_length=300)
    received_at = models.DateTimeField(_("received at"))

    class Meta:
        verbose_name = _("refused message")
        verbose_name_plural = _("refused messages")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.device_code}: {self.reason}"
