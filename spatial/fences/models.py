"""Fence profiles make a zone a danger zone; the engine's memory and the events it found."""

from django.contrib.gis.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from spatial.scope import SiteRow

STORAGE_SRID = 4490


class FenceProfile(SiteRow):
    """What is forbidden in a zone, for whom and when, and when an event counts (rules P-01 to P-05, P-12, P-13).

    `shape` says what the fence is made of: the zone's outline, a circle, a corridor along a line, or a whole storey;
    it is compiled in the site's projected CRS. None switches the approach, dwell and head-count rules off.
    """

    class Shape(models.TextChoices):
        OUTLINE = "outline", _("Outline of the zone")
        CIRCLE = "circle", _("Circle")
        CORRIDOR = "corridor", _("Corridor along a line")
        STOREY = "storey", _("Whole storey")

    class Admission(models.TextChoices):
        LISTED = "listed", _("Forbidden except for those named")
        ANYBODY = "anybody", _("Open to who meets the conditions")

    zone = models.OneToOneField("zones.Zone", on_delete=models.CASCADE, related_name="fence")
    rule = models.CharField(_("alarm rule"), max_length=8, default="P-01")
    shape = models.CharField(_("shape"), max_length=8, choices=Shape.choices, default=Shape.OUTLINE)
    centre = models.PointField(_("centre"), srid=STORAGE_SRID, null=True, blank=True)
    radius_m = models.FloatField(_("radius (m)"), null=True, blank=True)
    path = models.LineStringField(_("line"), srid=STORAGE_SRID, null=True, blank=True)
    width_m = models.FloatField(_("width of the corridor (m)"), null=True, blank=True)
    storey = models.ForeignKey(
        "places.Storey", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("storey")
    )
    enter_fixes = models.PositiveSmallIntegerField(_("fixes inside before an alarm"), default=2)
    leave_fixes = models.PositiveSmallIntegerField(_("fixes outside before it clears"), default=2)
    enter_probability = models.FloatField(_("enter at P(inside) of at least"), default=0.5)
    leave_probability = models.FloatField(_("leave at P(inside) of at most"), default=0.2)
    approach_m = models.FloatField(_("warn within (m)"), null=True, blank=True)
    dwell_s = models.PositiveIntegerField(_("longest stay (s)"), null=True, blank=True)
    receded_beyond_m = models.FloatField(_("over again so much farther out (m)"), default=1.0)
    crowded_after_s = models.PositiveSmallIntegerField(_("too many for (s)"), default=30)
    uncrowded_after_s = models.PositiveSmallIntegerField(_("no longer too many for (s)"), default=60)
    alone_after_s = models.PositiveSmallIntegerField(_("alone for (s)"), default=60)
    person_limit = models.PositiveSmallIntegerField(_("most persons"), null=True, blank=True)
    lone_forbidden = models.BooleanField(_("nobody alone"), default=False)
    schedule = models.JSONField(_("in force"), default=list, blank=True)
    admission = models.CharField(_("who may enter"), max_length=8, choices=Admission.choices, default=Admission.LISTED)
    allowed = models.ManyToManyField("people.Person", blank=True, related_name="+", verbose_name=_("allowed"))
    teams = models.ManyToManyField("people.Team", blank=True, related_name="+", verbose_name=_("allowed teams"))
    trades = models.JSONField(_("allowed trades"), default=list, blank=True)
    certificates = models.JSONField(_("certificates needed"), default=list, blank=True)
    needs_briefing = models.BooleanField(_("only after a briefing"), default=False)
    needs_permit = models.BooleanField(_("only with a work permit"), default=False)
    active = models.BooleanField(_("in use"), default=True)
    revised_at = models.DateTimeField(_("revised"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("fence")
        verbose_name_plural = _("fences")
        constraints = [
            models.CheckConstraint(
                name="fence_leaves_below_entering",
                condition=Q(leave_probability__lt=F("enter_probability"))
                & Q(leave_probability__gte=0, enter_probability__lte=1),
            ),
            models.CheckConstraint(
                name="fence_counts_at_least_one_fix",
                condition=Q(enter_fixes__gte=1, leave_fixes__gte=1),
            ),
            models.CheckConstraint(
                name="fence_approach_is_a_distance",
                condition=Q(approach_m__isnull=True) | Q(approach_m__gt=0, approach_m__lte=50),
            ),
            models.CheckConstraint(
                name="fence_is_left_beyond_its_warning",
                condition=Q(receded_beyond_m__gt=0, receded_beyond_m__lte=50),
            ),
            models.CheckConstraint(
                name="fence_limits_to_at_least_one_person",
                condition=Q(person_limit__isnull=True) | Q(person_limit__gte=1),
            ),
            models.CheckConstraint(
                name="fence_shape_has_its_measures",
                condition=Q(shape="outline")
                | Q(shape="circle", centre__isnull=False, radius_m__gt=0)
                | Q(shape="corridor", path__isnull=False, width_m__gt=0)
                | Q(shape="storey", storey__isnull=False),
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
    """The engine's memory: whether a device is inside a fenced zone or near it, and its run of fixes."""

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


class ZoneCount(models.Model):
    """The head-count of a zone: up to when it was counted by which version of the fences, and when it is due next."""

    zone = models.OneToOneField("zones.Zone", on_delete=models.CASCADE, primary_key=True, related_name="+")
    version = models.BigIntegerField(_("version of the fences"))
    looked_at = models.DateTimeField(_("counted up to"))
    due_at = models.DateTimeField(_("due again at"), null=True)

    class Meta:
        verbose_name = _("head-count of a zone")
        verbose_name_plural = _("head-counts of zones")

    def __str__(self) -> str:
        return f"{self.zone_id} {self.looked_at}"


class FenceCheckpoint(models.Model):
    """The engine's whole memory of a device after its fixes up to `at`, so that a late fix can be judged from there."""

    id = models.BigAutoField(primary_key=True)
    device = models.ForeignKey("devices.Device", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(_("after the fix of"))
    state = models.JSONField(_("engine state"))

    class Meta:
        verbose_name = _("checkpoint of the fence engine")
        verbose_name_plural = _("checkpoints of the fence engine")
        constraints = [models.UniqueConstraint(fields=["device", "at"], name="fence_checkpoint_once")]

    def __str__(self) -> str:
        return f"{self.device_id} {self.at}"


class FenceMemory(models.Model):
    """The newest fix that the engine used of a device at a danger zone, and the one that it doubts since."""

    device = models.OneToOneField("devices.Device", on_delete=models.CASCADE, primary_key=True, related_name="+")
    last = models.JSONField(_("last fix"), null=True)
    doubted = models.JSONField(_("doubted fix"), null=True)

    class Meta:
        verbose_name = _("memory of the fence engine")
        verbose_name_plural = _("memories of the fence engine")

    def __str__(self) -> str:
        return str(self.device_id)


class FenceTrace(models.Model):
    """A fix of a device that was at a danger zone, kept for a day so that a late one can be judged in its place."""

    id = models.BigAutoField(primary_key=True)
    device = models.ForeignKey(
        "devices.Device", on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    fix_time = models.DateTimeField(_("fix time"))
    east_m = models.FloatField(_("east (m)"))
    north_m = models.FloatField(_("north (m)"))
    height_m = models.FloatField(_("height (m)"), null=True)
    accuracy_m = models.FloatField(_("accuracy r95 (m)"))
    height_accuracy_m = models.FloatField(_("height accuracy r95 (m)"), default=0.0)

    class Meta:
        verbose_name = _("fix at a danger zone")
        verbose_name_plural = _("fixes at danger zones")
        indexes = [models.Index(fields=["device", "fix_time"], name="fence_trace_of_device")]

    def __str__(self) -> str:
        return f"{self.device_id} {self.fix_time}"


class FenceEvent(SiteRow):
    """What happened at a danger zone: event time of the fix that decided it, and receive time.

    `rule` is the alarm rule that the event is an alarm of ("" where it is none, such as the entry of somebody who is
    allowed), `breaches` all rules that it breaks. An event that was found after others of its device is `late`; one
    that a late fix disproved keeps its row and has `withdrawn_at`.
    """

    class Kind(models.TextChoices):
        ENTERED = "entered", _("Entered")
        LEFT = "left", _("Left")
        APPROACHING = "approaching", _("Approaching")
        RECEDED = "receded", _("No longer near")
        DWELLING = "dwelling", _("Stays too long")
        DWELLING_ENDED = "dwelling_ended", _("Long stay ended")
        LOST = "lost", _("Fell silent inside")
        FOUND = "found", _("Heard of again inside")
        CROWDED = "crowded", _("Too many persons")
        UNCROWDED = "uncrowded", _("No longer too many")
        ALONE = "alone", _("Alone")
        ACCOMPANIED = "accompanied", _("No longer alone")

    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    device = models.ForeignKey("devices.Device", on_delete=models.CASCADE, related_name="fence_events")
    zone = models.ForeignKey("zones.Zone", on_delete=models.CASCADE, related_name="fence_events")
    fix_time = models.DateTimeField(_("fix time"))
    received_at = models.DateTimeField(_("received at"))
    point = models.PointField(_("point"), srid=STORAGE_SRID, dim=3)
    rule = models.CharField(_("alarm rule"), max_length=8, blank=True, default="")
    breaches = models.JSONField(_("rules broken"), default=list)
    value = models.FloatField(_("metres, seconds or persons"), null=True)
    possible = models.BooleanField(_("height not known"), default=False)
    late = models.BooleanField(_("found late"), default=False)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)

    class Meta:
        verbose_name = _("fence event")
        verbose_name_plural = _("fence events")
        constraints = [
            models.UniqueConstraint(
                fields=["device", "zone", "kind", "fix_time"],
                condition=Q(withdrawn_at__isnull=True),
                name="fence_event_once",
            )
        ]
        indexes = [models.Index(fields=["zone", "fix_time"], name="fence_event_of_zone_by_time")]

    def __str__(self) -> str:
        return f"{self.device_id} {self.kind} {self.zone_id}"
