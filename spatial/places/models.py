"""Region > Organisation > Site > Building > Storey > Space; site maps and drawings; files of places; the Anchor."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Self, cast

from django.conf import settings
from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node

from spatial.scope import Row, SiteRow, uuid7, visible_site_ids

STORAGE_SRID = 4490
SINCE_EVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Since when an anchor that never moved stands where it is."""


class Region(MP_Node):
    """An administrative area; boundaries are never shown as authoritative."""

    class Level(models.TextChoices):
        PROVINCE = "province", _("Province")
        CITY = "city", _("City")
        DISTRICT = "district", _("District")
        TOWN = "town", _("Town")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(_("code"), max_length=32, unique=True)
    name = models.CharField(_("name"), max_length=120)
    level = models.CharField(_("level"), max_length=16, choices=Level.choices)
    boundary = models.MultiPolygonField(_("boundary"), srid=STORAGE_SRID, null=True, blank=True)
    boundary_source = models.CharField(_("boundary source"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")

    def __str__(self) -> str:
        return self.name


class Organisation(MP_Node):
    """A company, one of its branches, or an authority."""

    class Kind(models.TextChoices):
        ENTERPRISE = "enterprise", _("Enterprise")
        AUTHORITY = "authority", _("Authority")
        SERVICE = "service", _("Service organisation")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(_("unified social credit code"), max_length=32, blank=True, default="")
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices, default=Kind.ENTERPRISE)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        constraints = [
            models.UniqueConstraint(fields=["code"], condition=~models.Q(code=""), name="organisation_code_once")
        ]

    def __str__(self) -> str:
        return self.name


class SiteQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """Return the sites that this user may see."""
        return cast(Self, self.filter(id__in=visible_site_ids(user)))


class Site(Row):
    """A construction site (a project on the ground) with the coordinate systems everything on it uses."""

    class Phase(models.TextChoices):
        PLANNED = "planned", _("Planned")
        ACTIVE = "active", _("Under construction")
        SUSPENDED = "suspended", _("Work suspended")
        CLOSED = "closed", _("Closed")

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="sites", verbose_name=_("organisation")
    )
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, related_name="sites", verbose_name=_("region"), null=True, blank=True
    )
    phase = models.CharField(_("phase"), max_length=16, choices=Phase.choices, default=Phase.ACTIVE)
    boundary = models.PolygonField(_("boundary"), srid=STORAGE_SRID, null=True, blank=True)
    location = models.PointField(_("location"), srid=STORAGE_SRID, null=True, blank=True)
    projected_srid = models.PositiveIntegerField(_("projected CRS (EPSG)"), default=4547)
    ground_height_m = models.FloatField(_("ground height (m, Yellow Sea 1985)"), default=0.0)
    geoid_offset_m = models.FloatField(_("geoid offset N (m): h = H + N"), default=0.0)
    time_zone = models.CharField(_("time zone"), max_length=40, default="Asia/Shanghai")
    people_count = models.PositiveIntegerField(_("people on site"), default=1)

    objects = SiteQuerySet.as_manager()

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


class Building(SiteRow):
    """A building of a site; ±0.000 of its drawings is `zero_level_m` in Yellow Sea heights."""

    name = models.CharField(_("name"), max_length=120)
    zero_level_m = models.FloatField(_("zero level (m, Yellow Sea 1985)"))
    outline = models.MultiPolygonField(_("outline"), srid=STORAGE_SRID, null=True, blank=True)

    class Meta:
        verbose_name = _("building")
        verbose_name_plural = _("buildings")
        constraints = [models.UniqueConstraint(fields=["site", "name"], name="building_name_once_per_site")]

    def __str__(self) -> str:
        return self.name


class Storey(SiteRow):
    """A storey: floor at `elevation_m` (Yellow Sea 1985), ending where the next one begins."""

    building = models.ForeignKey(Building, on_delete=models.CASCADE, related_name="storeys")
    name = models.CharField(_("name"), max_length=120)
    elevation_m = models.FloatField(_("floor height (m, Yellow Sea 1985)"))
    top_m = models.FloatField(_("top (m, Yellow Sea 1985)"), null=True, blank=True)
    index = models.IntegerField(_("order from below"))

    class Meta:
        verbose_name = _("storey")
        verbose_name_plural = _("storeys")
        ordering = ["building", "elevation_m"]
        constraints = [models.UniqueConstraint(fields=["building", "name"], name="storey_name_once_per_building")]

    def __str__(self) -> str:
        return self.name


class Space(SiteRow):
    """A room or area of a storey, as an IfcSpace is: an outline in plan between two heights.

    A missing end of the height range is the storey's own.
    """

    storey = models.ForeignKey(Storey, on_delete=models.CASCADE, related_name="spaces", verbose_name=_("storey"))
    number = models.CharField(_("number"), max_length=40)
    name = models.CharField(_("name"), max_length=120, blank=True)
    outline = models.MultiPolygonField(_("outline"), srid=STORAGE_SRID, null=True, blank=True)
    bottom_m = models.FloatField(_("bottom (m, Yellow Sea 1985)"), null=True, blank=True)
    top_m = models.FloatField(_("top (m, Yellow Sea 1985)"), null=True, blank=True)
    element_global_id = models.CharField(_("element GlobalId"), max_length=22, blank=True, default="")

    class Meta:
        verbose_name = _("space")
        verbose_name_plural = _("spaces")
        ordering = ["storey", "number"]
        constraints = [models.UniqueConstraint(fields=["storey", "number"], name="space_number_once_per_storey")]

    def __str__(self) -> str:
        return f"{self.number} {self.name}".strip()


class PlaceFile(Row):
    """A file of places or of a drawing that somebody sent: kept from its arrival, over the preview, to its import.

    `datum` is what the coordinates were declared as (EPSG code, GCJ-02 or BD-09); what is stored is EPSG:4490.
    """

    class Kind(models.TextChoices):
        REGIONS = "regions", _("Regions")
        ORGANISATIONS = "organisations", _("Organisations")
        SITES = "sites", _("Sites")
        STRUCTURE = "structure", _("Buildings, storeys and spaces")
        DRAWING = "drawing", _("Line drawing")

    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    file_name = models.CharField(_("file"), max_length=255)
    source_sha256 = models.CharField(_("source file"), max_length=64)
    datum = models.CharField(_("declared coordinates"), max_length=16, blank=True, default="")
    answers = models.JSONField(_("answers"), default=dict)
    imported_at = models.DateTimeField(_("imported"), null=True, blank=True)
    counts = models.JSONField(_("counts"), default=dict)

    class Meta:
        verbose_name = _("file of places")
        verbose_name_plural = _("files of places")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.file_name


class SiteMap(SiteRow):
    """A georeferenced picture of the site (施工总平面图), valid from a day on."""

    name = models.CharField(_("name"), max_length=120)
    source_sha256 = models.CharField(_("source file"), max_length=64)
    image_sha256 = models.CharField(_("web picture"), max_length=64)
    cog_sha256 = models.CharField(_("georeferenced picture (COG)"), max_length=64, blank=True)
    width_px = models.PositiveIntegerField(_("width (px)"))
    height_px = models.PositiveIntegerField(_("height (px)"))
    control_points = models.JSONField(_("control points"), default=list)
    affine = models.JSONField(_("affine: pixel to projected CRS"), default=list)
    residual_rms_m = models.FloatField(_("residual (RMS, m)"))
    outline = models.PolygonField(_("outline"), srid=STORAGE_SRID)
    valid_from = models.DateTimeField(_("valid from"))

    class Meta:
        verbose_name = _("site map")
        verbose_name_plural = _("site maps")
        ordering = ["-valid_from"]

    def __str__(self) -> str:
        return self.name


class SiteDrawing(SiteRow):
    """A plan of lines (DXF or GeoJSON), valid from a day on; its shapes are GeoJSON in EPSG:4490."""

    name = models.CharField(_("name"), max_length=120)
    file_name = models.CharField(_("file"), max_length=255)
    source_sha256 = models.CharField(_("source file"), max_length=64)
    shapes_sha256 = models.CharField(_("shapes"), max_length=64)
    datum = models.CharField(_("declared coordinates"), max_length=16)
    layers = models.JSONField(_("layers"), default=list)
    control_points = models.JSONField(_("control points"), default=list)
    residual_rms_m = models.FloatField(_("residual (RMS, m)"), null=True, blank=True)
    shape_count = models.PositiveIntegerField(_("shapes"))
    outline = models.PolygonField(_("outline"), srid=STORAGE_SRID)
    valid_from = models.DateTimeField(_("valid from"))

    class Meta:
        verbose_name = _("site drawing")
        verbose_name_plural = _("site drawings")
        ordering = ["-valid_from"]

    def __str__(self) -> str:
        return self.name


class Anchor(SiteRow):
    """Where something is: a point, line or polygon with height, on a storey, and on an IFC element if there is one.

    `offset_m` is the position in the element's own box frame (metres from its lower corner), so the anchor moves
    with what it was placed on. The element is named by model id and GlobalId, never by foreign key.
    """

    geometry = models.GeometryField(_("geometry"), srid=STORAGE_SRID, dim=3)
    storey = models.ForeignKey(
        Storey, on_delete=models.SET_NULL, null=True, blank=True, related_name="anchors", verbose_name=_("storey")
    )
    model_id = models.UUIDField(_("model"), null=True, blank=True)
    element_global_id = models.CharField(_("element GlobalId"), max_length=22, blank=True, db_index=True)
    element_name = models.CharField(_("element name when placed"), max_length=255, blank=True)
    offset_m = models.JSONField(_("offset on the element (m)"), null=True, blank=True)
    known_from = models.DateTimeField(_("stands here since"), default=SINCE_EVER, editable=False)

    class Meta:
        verbose_name = _("anchor")
        verbose_name_plural = _("anchors")

    def __str__(self) -> str:
        return self.element_name or f"{self.geometry.geom_type} {self.geometry.centroid.coords}"


class FormerAnchor(models.Model):
    """Where an anchor stood from `known_from` until `known_to`; written by the database when it moves."""

    anchor_id = models.UUIDField()
    geometry = models.GeometryField(srid=STORAGE_SRID, dim=3)
    known_from = models.DateTimeField()
    known_to = models.DateTimeField()

    class Meta:
        verbose_name = _("former anchor")
        verbose_name_plural = _("former anchors")
        indexes = [models.Index(fields=["anchor_id", "known_to"], name="former_places_of_anchor")]

    def __str__(self) -> str:
        return f"{self.anchor_id} until {self.known_to:%Y-%m-%d %H:%M}"
