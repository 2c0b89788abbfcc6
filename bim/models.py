"""Models of a site, their revisions, storeys and elements: what an import leaves in the database."""

from __future__ import annotations

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.utils.translation import gettext_lazy as _

from spatial.scope import Row, SiteRow, SiteRowQuerySet


class Model(SiteRow):
    """A building model of a site (one discipline or building); each upload under its name is a revision."""

    name = models.CharField(_("name"), max_length=200)

    class Meta:
        verbose_name = _("model")
        verbose_name_plural = _("models")
        ordering = ["site", "name"]
        constraints = [models.UniqueConstraint(fields=["site", "name"], name="model_name_once_per_site")]

    def __str__(self) -> str:
        return self.name


class Revision(SiteRow):
    """One uploaded file of a model and what became of it; the verdict is the object that the import prints."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Being imported")
        IMPORTED = "imported", _("Imported")
        IMPORTED_WITH_GAPS = "imported_with_gaps", _("Imported with gaps")
        REFUSED = "refused", _("Refused")
        CANCELLED = "cancelled", _("Cancelled")

    IMPORTED_STATES = (State.IMPORTED, State.IMPORTED_WITH_GAPS)

    model = models.ForeignKey(Model, on_delete=models.CASCADE, related_name="revisions", verbose_name=_("model"))
    number = models.PositiveIntegerField(_("number"))
    file_name = models.CharField(_("file"), max_length=255)
    file_sha256 = models.CharField(_("SHA-256 of the file"), max_length=64, db_index=True)
    file_bytes = models.PositiveBigIntegerField(_("size (bytes)"), default=0)
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.QUEUED)
    stage = models.CharField(_("stage"), max_length=20, blank=True)
    progress = models.FloatField(_("progress (%)"), default=0.0)
    seconds_left = models.FloatField(_("seconds left"), null=True, blank=True)
    cancel_requested = models.BooleanField(_("cancel requested"), default=False)
    verdict = models.JSONField(_("verdict"), null=True, blank=True)
    schema = models.CharField(_("schema"), max_length=40, blank=True)
    georeference = models.JSONField(_("georeference"), null=True, blank=True)
    placed = models.BooleanField(_("placed"), default=False)
    hand_placement = models.ForeignKey(
        "HandPlacement", on_delete=models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("placement by hand"),
    )  # fmt: skip
    tile_bytes = models.PositiveBigIntegerField(_("tiles (bytes)"), default=0)
    starts = models.PositiveSmallIntegerField(_("times begun"), default=0)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("uploaded by"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering = ["model", "-number"]
        constraints = [models.UniqueConstraint(fields=["model", "number"], name="revision_number_once_per_model")]

    def __str__(self) -> str:
        return f"{self.model} #{self.number}"

    @property
    def is_imported(self) -> bool:
        return self.state in self.IMPORTED_STATES


class HandPlacement(SiteRow):
    """Where a person has put a model by pairs of points; the newest one that is not withdrawn holds for the model.

    `pairs` is [{"model": [x, y, z], "map": [E, N, H or null]}] in project metres and metres of EPSG:`srid`; `matrix`
    (16 numbers, row by row) takes project metres to E, N, H; `residuals_m` has one length per pair.
    """

    model = models.ForeignKey(Model, on_delete=models.CASCADE, related_name="hand_placements", verbose_name=_("model"))
    number = models.PositiveIntegerField(_("number"))
    srid = models.PositiveIntegerField(_("projected CRS (EPSG)"))
    pairs = models.JSONField(_("pairs of points"))
    matrix = models.JSONField(_("matrix: project metres to E, N, H"))
    residuals_m = models.JSONField(_("residuals (m)"))
    rms_m = models.FloatField(_("residual (RMS, m)"), null=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("made by")
    )
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("withdrawn by"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("placement by hand")
        verbose_name_plural = _("placements by hand")
        ordering = ["model", "-number"]
        constraints = [models.UniqueConstraint(fields=["model", "number"], name="hand_placement_number_once")]

    def __str__(self) -> str:
        return f"{self.model} #{self.number}"


class RevisionRowQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Return the rows of revisions on sites that this user may see."""
        return self.filter(revision__in=SiteRowQuerySet(Revision).visible_to(user))


class Storey(Row):
    """An IfcBuildingStorey of a revision. `elevation_m` is its floor in Yellow Sea metres, null while unplaced."""

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="storeys")
    index = models.IntegerField(_("order from below"))
    global_id = models.CharField("GlobalId", max_length=22)
    name = models.CharField(_("name"), max_length=255)
    building_name = models.CharField(_("building"), max_length=120, blank=True)
    model_elevation_m = models.FloatField(_("elevation in the model (m)"))
    elevation_m = models.FloatField(_("floor height (m, Yellow Sea 1985)"), null=True)

    objects = RevisionRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("storey of a model")
        verbose_name_plural = _("storeys of models")
        ordering = ["revision", "index"]
        constraints = [models.UniqueConstraint(fields=["revision", "index"], name="model_storey_index_once")]

    def __str__(self) -> str:
        return self.name


class Element(models.Model):
    """An IfcElement or spatial element of a revision; `index` is its id in the tiles (`_EID`).

    The local box is in the tileset's own frame (east, north, up; metres), `model_box_m` (least x, y, z, greatest x, y,
    z) in the model's own coordinates in metres, whatever its place; `placement_m` is the element's object placement in
    the same coordinates (three rows of four). `shape_key` is the hash of what the shape was made from (representation,
    openings, unit; not GlobalId, not placement) behind its kind and a colon, `engine` the mesher that made it.
    Footprint (EPSG:4490) and heights (Yellow Sea metres) are null while the revision is unplaced. Rows are written by
    binary COPY and never changed.
    """

    id = models.BigAutoField(primary_key=True)
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="elements", db_index=False)
    index = models.IntegerField(_("index in the tiles"))
    global_id = models.CharField("GlobalId", max_length=22)
    ifc_class = models.CharField(_("IFC class"), max_length=64)
    name = models.CharField(_("name"), max_length=255, blank=True)
    predefined_type = models.CharField(_("predefined type"), max_length=64, blank=True)
    type_name = models.CharField(_("type"), max_length=255, blank=True)
    storey = models.ForeignKey(Storey, on_delete=models.SET_NULL, null=True, blank=True, related_name="elements")
    properties = models.JSONField(_("properties"), default=dict)
    materials = models.JSONField(_("materials"), default=list)
    classifications = models.JSONField(_("classifications"), default=list)
    groups = models.JSONField(_("groups and zones"), default=list)
    footprint = models.MultiPolygonField(_("footprint"), srid=4490, null=True)
    box_min_z_m = models.FloatField(_("lowest point (m, Yellow Sea 1985)"), null=True)
    box_max_z_m = models.FloatField(_("highest point (m, Yellow Sea 1985)"), null=True)
    local_min_x_m = models.FloatField(null=True)
    local_min_y_m = models.FloatField(null=True)
    local_min_z_m = models.FloatField(null=True)
    local_max_x_m = models.FloatField(null=True)
    local_max_y_m = models.FloatField(null=True)
    local_max_z_m = models.FloatField(null=True)
    placement_m = ArrayField(models.FloatField(), size=12, null=True, verbose_name=_("object placement (m)"))
    model_box_m = ArrayField(models.FloatField(), size=6, null=True, verbose_name=_("box in the model (m)"))
    area_m2 = models.FloatField(_("surface (m²)"), null=True)
    volume_m3 = models.FloatField(_("volume (m³)"), null=True)
    shape_key = models.CharField(_("key of the shape"), max_length=64, blank=True)
    engine = models.CharField(_("mesher"), max_length=20, blank=True)
    meshed = models.BooleanField(_("has a shape"), default=False)
    gap_reason = models.CharField(_("why it has no shape"), max_length=500, blank=True)

    objects = RevisionRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("element")
        verbose_name_plural = _("elements")
        ordering = ["revision", "index"]
        constraints = [models.UniqueConstraint(fields=["revision", "index"], name="element_index_once_per_revision")]
        indexes = [
            models.Index(fields=["revision", "global_id"], name="element_of_revision_by_gid"),
            models.Index(fields=["revision", "ifc_class"], name="element_of_revision_by_class"),
        ]

    def __str__(self) -> str:
        return f"{self.ifc_class} {self.name}".strip()

    @property
    def local_box(self) -> tuple[float, ...] | None:
        """Return (min x, min y, min z, max x, max y, max z) in the tileset's frame, None without a shape."""
        names = [f"local_{corner}_{axis}_m" for corner in ("min", "max") for axis in "xyz"]
        values = tuple(getattr(self, name) for name in names)
        return None if values[0] is None else values
