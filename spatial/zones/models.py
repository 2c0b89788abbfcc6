"""Zones, and the trigger rows that hazards and alarms write into them. Colours are derived, never stored."""

from django.conf import settings
from django.contrib.gis.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from spatial.scope import SiteRow


class Zone(SiteRow):
    """A part of a site with a plan outline and a height range; zones nest."""

    class Kind(models.TextChoices):
        AREA = "area", _("Area")
        PIT = "pit", _("Foundation pit")
        LIFTING = "lifting", _("Lifting area")
        EDGE = "edge", _("Edge or opening")
        HOIST = "hoist", _("Hoist gate")
        FORMWORK = "formwork", _("Formwork support")
        SCAFFOLD = "scaffold", _("Scaffold")
        ELECTRICAL = "electrical", _("Electrical")
        WORKSHOP = "workshop", _("Workshop")
        STORAGE = "storage", _("Storage")
        OFFICE = "office", _("Office and living")
        ASSEMBLY = "assembly", _("Assembly point")
        ESCAPE = "escape", _("Escape way")

    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices, default=Kind.AREA)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    outline = models.MultiPolygonField(_("outline"), srid=4490)
    bottom_m = models.FloatField(_("bottom (m, Yellow Sea 1985)"), null=True, blank=True)
    top_m = models.FloatField(_("top (m, Yellow Sea 1985)"), null=True, blank=True)
    storeys = models.ManyToManyField("places.Storey", blank=True, related_name="zones")
    active = models.BooleanField(_("in use"), default=True)
    known_from = models.DateTimeField(_("known from"), default=timezone.now, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    model_id = models.UUIDField(_("model"), null=True, blank=True, editable=False)
    element_global_id = models.CharField(
        _("element GlobalId"), max_length=22, blank=True, db_index=True, editable=False
    )
    revision_id = models.UUIDField(_("revision that it was taken from"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("zone")
        verbose_name_plural = _("zones")
        constraints = [
            models.UniqueConstraint(fields=["site", "code"], name="zone_code_once_per_site"),
            models.CheckConstraint(
                name="zone_bottom_below_top",
                condition=models.Q(bottom_m__isnull=True)
                | models.Q(top_m__isnull=True)
                | models.Q(bottom_m__lt=models.F("top_m")),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class FormerZone(models.Model):
    """What a zone was from `known_from` until `known_to`; written by the database, never by hand."""

    zone_id = models.UUIDField()
    site_id = models.UUIDField()
    parent_id = models.UUIDField(null=True)
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    outline = models.MultiPolygonField(srid=4490)
    bottom_m = models.FloatField(null=True)
    top_m = models.FloatField(null=True)
    active = models.BooleanField()
    known_from = models.DateTimeField()
    known_to = models.DateTimeField()

    class Meta:
        verbose_name = _("former zone")
        verbose_name_plural = _("former zones")
        indexes = [models.Index(fields=["site_id", "known_to"], name="former_zones_of_site")]

    def __str__(self) -> str:
        return self.name


class ZoneVersion(SiteRow):
    """A zone as it was from `recorded_at` on: what changed, who changed it, and why. Rows are never changed.

    `changes` is {field: [before, after]} in words and numbers; areas in m² stand for outlines. `content` is the rest
    of the zone (parents and storeys by code and name), so that a version can be read without its neighbours.
    """

    zone = models.ForeignKey(Zone, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    recorded_at = models.DateTimeField(_("recorded"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("recorded by")
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    changes = models.JSONField(_("changes"), default=dict)
    repairs = models.JSONField(_("repairs consented to"), default=list)
    content = models.JSONField(_("content"), default=dict)
    outline = models.MultiPolygonField(_("outline"), srid=4490)

    class Meta:
        verbose_name = _("version of a zone")
        verbose_name_plural = _("versions of zones")
        ordering = ["zone", "-number"]
        constraints = [models.UniqueConstraint(fields=["zone", "number"], name="zone_version_number_once")]

    def __str__(self) -> str:
        return f"{self.zone} v{self.number}"


class Trigger(SiteRow):
    """A fact that raises a colour from `starts_at` on until `ends_at` (and its decay). May start in the future.

    `withdrawn` triggers never came to be (a deadline that was kept); they are kept because they were known once.
    It counts for the risk point when one is named; else for the zone when one is named; else for every zone that
    covers `location` in plan and height; else for the site.
    """

    kind = models.CharField(_("kind"), max_length=32)
    risk_point = models.ForeignKey(
        "risks.RiskPoint", on_delete=models.CASCADE, null=True, blank=True, related_name="triggers"
    )
    zone = models.ForeignKey(Zone, on_delete=models.CASCADE, null=True, blank=True, related_name="triggers")
    location = models.PointField(_("location"), srid=4490, dim=3, null=True, blank=True)
    floor = models.PositiveSmallIntegerField(_("floor, where the kind leaves it open"), null=True, blank=True)
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ended"), null=True, blank=True)
    withdrawn = models.BooleanField(_("withdrawn"), default=False)
    known_from = models.DateTimeField(_("known from"), default=timezone.now, editable=False)
    source_kind = models.CharField(_("written by"), max_length=32)
    source_id = models.CharField(_("ticket or alarm"), max_length=64)
    source_label = models.CharField(_("shown as"), max_length=200)
    rule_edition = models.ForeignKey("rulebook.Edition", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("trigger")
        verbose_name_plural = _("triggers")
        constraints = [
            models.UniqueConstraint(
                fields=["source_kind", "source_id", "kind", "starts_at"], name="trigger_once_per_source_and_start"
            ),
            models.CheckConstraint(
                name="trigger_ends_after_it_starts",
                condition=models.Q(ends_at__isnull=True) | models.Q(ends_at__gte=models.F("starts_at")),
            ),
        ]
        indexes = [
            models.Index(fields=["site", "starts_at"], name="trigger_of_site_by_start"),
            models.Index(fields=["site", "ends_at"], name="trigger_of_site_by_end"),
            models.Index(
                fields=["site", "kind"],
                include=["starts_at", "source_kind"],
                condition=models.Q(ends_at__isnull=True, withdrawn=False),
                name="trigger_that_goes_on",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.source_label}"


class FormerTrigger(models.Model):
    """What was known of a trigger from `known_from` until `known_to`; written by the database, never by hand."""

    trigger_id = models.UUIDField()
    site_id = models.UUIDField()
    kind = models.CharField(max_length=32)
    risk_point_id = models.UUIDField(null=True)
    zone_id = models.UUIDField(null=True)
    location = models.PointField(srid=4490, dim=3, null=True)
    floor = models.PositiveSmallIntegerField(null=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    withdrawn = models.BooleanField()
    source_kind = models.CharField(max_length=32)
    source_id = models.CharField(max_length=64)
    source_label = models.CharField(max_length=200)
    rule_edition_id = models.UUIDField()
    known_from = models.DateTimeField()
    known_to = models.DateTimeField()

    class Meta:
        verbose_name = _("former trigger")
        verbose_name_plural = _("former triggers")
        indexes = [models.Index(fields=["site_id", "known_to"], name="former_triggers_of_site")]

    def __str__(self) -> str:
        return f"{self.kind} {self.source_label}"


class SiteVersion(models.Model):
    """How many times the facts that colour a site have changed; counted by the database with every change."""

    site = models.OneToOneField("places.Site", on_delete=models.CASCADE, primary_key=True, related_name="+")
    version = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("version of a site's facts")
        verbose_name_plural = _("versions of sites' facts")

    def __str__(self) -> str:
        return f"{self.site_id} {self.version}"


class CachedSite(models.Model):
    """A site's colour as last computed: true only for the same version of its facts, until `valid_until`."""

    site = models.OneToOneField("places.Site", on_delete=models.CASCADE, primary_key=True, related_name="+")
    version = models.BigIntegerField(default=-1)
    computed_at = models.DateTimeField(null=True)
    valid_until = models.DateTimeField(null=True)
    grade = models.PositiveSmallIntegerField(default=0)
    index = models.FloatField(default=0.0)
    point_counts = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("remembered colour of a site")
        verbose_name_plural = _("remembered colours of sites")

    def __str__(self) -> str:
        return f"{self.site_id} {self.grade}"


class CachedColour(models.Model):
    """The grade of a risk point or zone as last computed; read only together with its CachedSite."""

    object_id = models.UUIDField(primary_key=True)
    site = models.ForeignKey("places.Site", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=5)
    grade = models.PositiveSmallIntegerField()
    index = models.FloatField(null=True)

    class Meta:
        verbose_name = _("remembered colour")
        verbose_name_plural = _("remembered colours")

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id} {self.grade}"
