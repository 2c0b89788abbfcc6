"""Alarms: raised by a rule, acknowledged and cleared by people or facts."""

from django.conf import settings
from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from spatial.scope import SiteRow


class Alarm(SiteRow):
    """One alarm of one rule about one device in one zone; it is active until `cleared_at`.

    A late alarm (its fix was older than 60 s at receipt) stands in the record, without sound and live colour.
    """

    class Level(models.TextChoices):
        BLUE = "blue", _("Blue")
        YELLOW = "yellow", _("Yellow")
        ORANGE = "orange", _("Orange")
        RED = "red", _("Red")

    rule = models.CharField(_("rule"), max_length=8)
    level = models.CharField(_("level"), max_length=8, choices=Level.choices)
    title = models.CharField(_("title"), max_length=200)
    zone = models.ForeignKey("zones.Zone", on_delete=models.CASCADE, null=True, blank=True, related_name="alarms")
    device = models.ForeignKey("devices.Device", on_delete=models.CASCADE, null=True, blank=True, related_name="alarms")
    person_name = models.CharField(_("person"), max_length=60, blank=True)
    storey = models.ForeignKey("places.Storey", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    location = models.PointField(_("location"), srid=4490, dim=3, null=True, blank=True)
    raised_at = models.DateTimeField(_("event time"))
    received_at = models.DateTimeField(_("received at"))
    late = models.BooleanField(_("late"), default=False)
    cleared_at = models.DateTimeField(_("cleared at"), null=True, blank=True)
    acknowledged_at = models.DateTimeField(_("acknowledged at"), null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    cleared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    rule_edition = models.ForeignKey("rulebook.Edition", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("alarm")
        verbose_name_plural = _("alarms")
        ordering = ["-raised_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "device", "zone"],
                condition=models.Q(cleared_at__isnull=True),
                name="one_active_alarm_per_rule_device_zone",
            )
        ]
        indexes = [models.Index(fields=["site", "raised_at"], name="alarm_of_site_by_time")]

    def __str__(self) -> str:
        return self.title
