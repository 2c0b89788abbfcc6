"""Messages received, positions, and where each device was last."""

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import BrinIndex
from django.utils.translation import gettext_lazy as _

from spatial.scope import SiteRowQuerySet


class Message(models.Model):
    """One accepted device message; (device, boot, seq) is taken once, so a duplicate changes nothing."""

    id = models.BigAutoField(primary_key=True)
    device = models.ForeignKey("devices.Device", on_delete=models.CASCADE, related_name="+")
    boot_id = models.CharField(_("boot"), max_length=40)
    sequence = models.BigIntegerField(_("sequence"))
    received_at = models.DateTimeField(_("received at"))

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [models.UniqueConstraint(fields=["device", "boot_id", "sequence"], name="message_taken_once")]

    def __str__(self) -> str:
        return f"{self.boot_id}/{self.sequence}"


class Position(models.Model):
    """One fix: event time (`fix_time`) and receive time, PointZ in EPSG:4490 with Yellow Sea height.

    The table is partitioned by receive day (`operations.make_partitions`) and filled by binary COPY; its
    references carry no database constraint, because the message row of the same transaction vouches for the
    device.
    """

    id = models.BigAutoField(primary_key=True)
    organisation = models.ForeignKey(
        "places.Organisation", on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    site = models.ForeignKey(
        "places.Site", on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    device = models.ForeignKey(
        "devices.Device", on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    fix_time = models.DateTimeField(_("fix time"))
    received_at = models.DateTimeField(_("received at"))
    point = models.PointField(_("point"), srid=4490, dim=3, spatial_index=False)
    accuracy_m = models.FloatField(_("accuracy r95 (m)"))
    source = models.CharField(_("source"), max_length=8)
    plausible = models.BooleanField(_("passed the speed check"), default=True)

    objects = SiteRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("position")
        verbose_name_plural = _("positions")
        indexes = [
            models.Index(fields=["device", "fix_time"], name="position_of_device_by_time"),
            BrinIndex(fields=["fix_time"], name="position_by_time_brin", pages_per_range=32),
        ]

    def __str__(self) -> str:
        return f"{self.device_id} {self.fix_time}"


class LatestPosition(models.Model):
    """The newest usable fix of a device by event time; late and implausible fixes never overwrite it.

    `doubted` holds a fix that failed the speed check, until the next one shows which place was wrong.
    """

    device = models.OneToOneField(
        "devices.Device", on_delete=models.CASCADE, primary_key=True, related_name="latest_position"
    )
    organisation = models.ForeignKey("places.Organisation", on_delete=models.CASCADE, related_name="+")
    site = models.ForeignKey("places.Site", on_delete=models.CASCADE, related_name="+")
    fix_time = models.DateTimeField(_("fix time"))
    received_at = models.DateTimeField(_("received at"))
    point = models.PointField(_("point"), srid=4490, dim=3)
    accuracy_m = models.FloatField(_("accuracy r95 (m)"))
    source = models.CharField(_("source"), max_length=8)
    battery_percent = models.PositiveSmallIntegerField(_("battery (%)"), null=True)
    worn = models.BooleanField(_("worn"), null=True)
    storey = models.ForeignKey("places.Storey", on_delete=models.SET_NULL, null=True, related_name="+")
    doubted = models.JSONField(_("doubted fix"), null=True)

    objects = SiteRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("latest position")
        verbose_name_plural = _("latest positions")

    def __str__(self) -> str:
        return f"{self.device_id} {self.fix_time}"
