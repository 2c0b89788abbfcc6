"""Datastreams, what they measured, the newest value of each, and its hours."""

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from spatial.scope import SiteRow, SiteRowQuerySet


class Datastream(SiteRow):
    """One quantity that a device measures on one channel, with its place and the limits of its design.

    `design_limit` (in the quantity's unit) and `rate_limit` (per day) are what conditions in per cent of the design
    refer to; a pit monitoring design's own values always win over those of GB 50497 by class, wall and depth.
    """

    device = models.ForeignKey("devices.Device", on_delete=models.CASCADE, related_name="measurements")
    channel = models.CharField(_("channel"), max_length=40, blank=True)
    quantity = models.CharField(_("quantity"), max_length=40)
    name = models.CharField(_("name"), max_length=120, blank=True)
    zone = models.ForeignKey("zones.Zone", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    risk_point = models.ForeignKey(
        "risks.RiskPoint", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    location = models.PointField(_("location"), srid=4490, dim=3, null=True, blank=True)
    design_limit = models.FloatField(_("design limit"), null=True, blank=True)
    rate_limit = models.FloatField(_("rate limit per day"), null=True, blank=True)
    monitoring_class = models.PositiveSmallIntegerField(_("class of the pit"), null=True, blank=True)
    wall = models.CharField(_("retaining wall"), max_length=60, blank=True)
    depth_m = models.FloatField(_("depth of the pit (m)"), null=True, blank=True)
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("datastream")
        verbose_name_plural = _("datastreams")
        ordering = ["device__code", "quantity", "channel"]
        constraints = [
            models.UniqueConstraint(fields=["device", "channel", "quantity"], name="datastream_once_per_channel")
        ]

    def __str__(self) -> str:
        return self.name or f"{self.device} {self.quantity} {self.channel}".strip()


class Observation(models.Model):
    """One value with its event time (`time`) and receive time, in the unit of the datastream's quantity.

    The table is partitioned by event day (`operations.make_partitions`) and filled by binary COPY; the message row of
    the same transaction vouches for the device and for each message being stored once.
    """

    id = models.BigAutoField(primary_key=True)
    datastream = models.ForeignKey(
        Datastream, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    time = models.DateTimeField(_("event time"))
    received_at = models.DateTimeField(_("received at"))
    value = models.FloatField(_("value"))

    class Meta:
        verbose_name = _("observation")
        verbose_name_plural = _("observations")
        indexes = [models.Index(fields=["datastream", "time"], name="observation_of_stream_by_time")]

    def __str__(self) -> str:
        return f"{self.time} {self.value}"


class LatestObservation(models.Model):
    """The newest value of a datastream by event time; a late one never overwrites it. Null before the first."""

    datastream = models.OneToOneField(Datastream, on_delete=models.CASCADE, primary_key=True, related_name="latest")
    organisation = models.ForeignKey("places.Organisation", on_delete=models.CASCADE, related_name="+")
    site = models.ForeignKey("places.Site", on_delete=models.CASCADE, related_name="+")
    time = models.DateTimeField(_("event time"), null=True)
    received_at = models.DateTimeField(_("received at"), null=True)
    value = models.FloatField(_("value"), null=True)

    objects = SiteRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("latest observation")
        verbose_name_plural = _("latest observations")

    def __str__(self) -> str:
        return f"{self.time} {self.value}"


class ObservedHour(models.Model):
    """Count, least, greatest and sum of a datastream's values in one hour of event time; kept when days are not."""

    id = models.BigAutoField(primary_key=True)
    datastream = models.ForeignKey(Datastream, on_delete=models.CASCADE, related_name="hours", db_index=False)
    hour = models.DateTimeField(_("hour"))
    count = models.PositiveIntegerField(_("count"))
    minimum = models.FloatField(_("least value"))
    maximum = models.FloatField(_("greatest value"))
    total = models.FloatField(_("sum"))

    class Meta:
        verbose_name = _("hour of observations")
        verbose_name_plural = _("hours of observations")
        constraints = [models.UniqueConstraint(fields=["datastream", "hour"], name="observed_hour_once")]

    def __str__(self) -> str:
        return f"{self.hour} {self.count}"
