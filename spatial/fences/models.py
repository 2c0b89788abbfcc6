"""Fence profiles make a zone a danger zone; the engine's state and the events it found."""

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from spatial.scope import SiteRow


class FenceProfile(SiteRow):
    """What is forbidden in a zone, and when an entry counts (alarm rule P-01 of spec 07)."""

    zone = models.OneToOneField("zones.Zone", on_delete=models.CASCADE, related_name="fence")
    rule = models.CharField(_("alarm rule"), max_length=8, default="P-01")
    enter_fixes = models.PositiveSmallIntegerField(_("fixes inside before an alarm"), default=2)
    leave_fixes = models.PositiveSmallIntegerField(_("fixes outside before it clears"), default=2)
    enter_probability = models.FloatField(_("enter at P(inside) of at least"), default=0.5)
    leave_probability = models.FloatField(_("leave at P(inside) of at most"), default=0.2)
    allowed = models.ManyToManyField("people.Person", blank=True, related_name="+", verbose_name=_("allowed"))
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("fence")
        verbose_name_plural = _("fences")
        constraints = [
            models.CheckConstraint(
                name="fence_leaves_below_entering",
                condition=models.Q(leave_probability__lt=models.F("enter_probability"))
                & models.Q(leave_probability__gte=0, enter_probability__lte=1),
            ),
            models.CheckConstraint(
                name="fence_counts_at_least_one_fix",
                condition=models.Q(enter_fixes__gte=1, leave_fixes__gte=1),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.zone}"


class FenceVersion(models.Model):
    """Counts the changes of whatever decides a site's fences; database triggers count, so that no writer can
    forget.

    Compiled zone indexes are kept by this number (`queries.site_fences`).
    """

    site_id = models.UUIDField(_("site"), primary_key=True)
    version = models.BigIntegerField(_("changes"), default=0)

    class Meta:
        verbose_name = _("fence version")
        verbose_name_plural = _("fence versions")

    def __str__(self) -> str:
        return f"{self.site_id}: {self.version}"


class Presence(models.Model):
    """The engine's memory: whether a device is inside a fenced zone, and its run of fixes."""

    id = models.BigAutoField(primary_key=True)
    device = models.ForeignKey("devices.Device", on_delete=models.CASCADE, related_name="presences")
    zone = models.ForeignKey("zones.Zone", on_delete=models.CASCADE, related_name="presences")
    state = models.JSONField(_("engine state"), default=dict)
    inside = models.BooleanField(_("inside"), default=False)
    since = models.DateTimeField(_("since"), null=True)

    class Meta:
        verbose_name = _("presence")
        verbose_name_plural = _("presences")
        constraints = [models.UniqueConstraint(fields=["device", "zone"], name="presence_once")]

    def __str__(self) -> str:
        return f"{self.device_id} in {self.zone_id}: {self.inside}"


class FenceEvent(SiteRow):
    """A device entered or left a danger zone: event time of the fix that decided it, and receive time."""

    class Kind(models.TextChoices):
        ENTERED = "entered", _("Entered")
        LEFT = "left", _("Left")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    device = models.ForeignKey("devices.Device", on_delete=models.CASCADE, related_name="fence_events")
    zone = models.ForeignKey("zones.Zone", on_delete=models.CASCADE, related_name="fence_events")
    fix_time = models.DateTimeField(_("fix time"))
    received_at = models.DateTimeField(_("received at"))
    point = models.PointField(_("point"), srid=4490, dim=3)

    class Meta:
        verbose_name = _("fence event")
        verbose_name_plural = _("fence events")
        constraints = [models.UniqueConstraint(fields=["device", "zone", "kind", "fix_time"], name="fence_event_once")]

    def __str__(self) -> str:
        return f"{self.device_id} {self.kind} {self.zone_id}"
