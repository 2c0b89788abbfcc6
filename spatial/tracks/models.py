"""Messages received, positions, and where each device was last."""

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import BrinIndex
from django.utils.translation import gettext_lazy as _

from spatial.scope import SiteRow, SiteRowQuerySet


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
    height_accuracy_m = models.FloatField(_("height accuracy r95 (m), 0 when not stated"), default=0.0)
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
    storey_probability = models.FloatField(_("probability of the storey"), null=True)
    doubted = models.JSONField(_("doubted fix"), null=True)
    height_known = models.BooleanField(_("its height was stated"), default=True, db_default=True)

    objects = SiteRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("latest position")
        verbose_name_plural = _("latest positions")

    def __str__(self) -> str:
        return f"{self.device_id} {self.fix_time}"


class TrackSegment(models.Model):
    """Folded fixes of one device, source and hour: a LineStringZM as TWKB, M in milliseconds after `starts_at`.

    Every fix is kept, rounded to 1e-7 degrees (1.2 cm), a centimetre of height and a millisecond;
    `accuracy_codes` has a byte per fix, r95 = 0.01 m * 1.05^code. Read through the function tracks_fixes.
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
    source = models.CharField(_("source"), max_length=8)
    plausible = models.BooleanField(_("passed the speed check"), default=True)
    height_known = models.BooleanField(_("its height was stated"), default=True, db_default=True)
    starts_at = models.DateTimeField(_("first fix"))
    ends_at = models.DateTimeField(_("last fix"))
    received_at = models.DateTimeField(_("last received"))
    fixes = models.IntegerField(_("fixes"))
    line = models.BinaryField(_("line (TWKB)"))
    accuracy_codes = models.BinaryField(_("accuracies"))

    objects = SiteRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("track segment")
        verbose_name_plural = _("track segments")
        indexes = [
            models.Index(fields=["device", "starts_at"], name="segment_of_device_by_time"),
            models.Index(fields=["site", "starts_at"], name="segment_of_site_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.device_id} {self.starts_at} ({self.fixes})"


class PositioningGrid(SiteRow):
    """A UWB grid of a site: how its metres lie in the site's projected CRS (`grid_rules.GridPlacement`)."""

    code = models.CharField(_("code"), max_length=40)
    origin_east_m = models.FloatField(_("origin east (m)"))
    origin_north_m = models.FloatField(_("origin north (m)"))
    rotation_deg = models.FloatField(_("x axis from map east (degrees, anti-clockwise)"), default=0.0)
    scale = models.FloatField(_("scale"), default=1.0)
    floor_height_m = models.FloatField(_("height of its floor (m, Yellow Sea 1985)"))
    control_points = models.JSONField(_("control points with residuals"), default=list)
    rms_m = models.FloatField(_("RMS of the control points (m)"), null=True)
    former = models.JSONField(_("its placements before, the newest last"), default=list)

    class Meta:
        verbose_name = _("positioning grid")
        verbose_name_plural = _("positioning grids")
        constraints = [models.UniqueConstraint(fields=["site", "code"], name="grid_code_once_per_site")]

    def __str__(self) -> str:
        return f"{self.code} ({self.site_id})"


class BarometerZero(SiteRow):
    """The height at which a site's barometers read 0: the place of their reference station."""

    height_m = models.FloatField(_("height of the reference (m, Yellow Sea 1985)"))
    place = models.CharField(_("where the reference is"), max_length=120, blank=True)
    device = models.ForeignKey(
        "devices.Device", on_delete=models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("device of the reference"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("barometer reference")
        verbose_name_plural = _("barometer references")
        constraints = [models.UniqueConstraint(fields=["site"], name="one_barometer_zero_per_site")]

    def __str__(self) -> str:
        return f"{self.height_m} m ({self.site_id})"
