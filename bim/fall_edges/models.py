"""Fall edges and openings (临边洞口) of a revision, and what a person decided about each."""

from __future__ import annotations

from django.conf import settings
from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from bim.models import Revision, Storey
from spatial.scope import SiteRow


class FallEdge(SiteRow):
    """An unprotected edge or an opening. Lengths in metres; `points_m` are project metres, `geometry` the same in
    longitude, latitude (EPSG:4490) and Yellow Sea height, null while the revision is unplaced.

    Of an opening `length_m` is the unguarded part of its perimeter. A proposal is decided once: made into a risk
    point, or dismissed with a reason; the next revision keeps that for what is the same.
    """

    class Kind(models.TextChoices):
        EDGE = "edge", _("Fall edge")
        OPENING = "opening", _("Opening")

    class Decision(models.TextChoices):
        OPEN = "open", _("Proposed")
        RISK_POINT = "risk_point", _("Risk point")
        DISMISSED = "dismissed", _("Dismissed")

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="fall_edges")
    storey = models.ForeignKey(Storey, on_delete=models.SET_NULL, null=True, blank=True, related_name="fall_edges")
    number = models.PositiveIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    host_global_ids = models.JSONField(_("elements it belongs to (GlobalId)"), default=list)
    drop_m = models.FloatField(_("drop (m)"))
    length_m = models.FloatField(_("unguarded length (m)"))
    area_m2 = models.FloatField(_("open area (m²)"), null=True)
    perimeter_m = models.FloatField(_("perimeter (m)"), null=True)
    short_side_m = models.FloatField(_("short side (m)"), null=True)
    points_m = models.JSONField(_("points in the model (m)"))
    geometry = models.GeometryField(_("geometry"), srid=4490, dim=3, null=True)
    decision = models.CharField(_("decision"), max_length=10, choices=Decision.choices, default=Decision.OPEN)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    risk_point = models.ForeignKey(
        "risks.RiskPoint", on_delete=models.SET_NULL, null=True, blank=True, related_name="fall_edges",
        verbose_name=_("risk point"),
    )  # fmt: skip
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("decided by"),
    )  # fmt: skip
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    class Meta:
        verbose_name = _("fall edge or opening")
        verbose_name_plural = _("fall edges and openings")
        ordering = ["revision", "number"]
        constraints = [
            models.UniqueConstraint(fields=["revision", "number"], name="fall_edge_number_once"),
            models.CheckConstraint(name="fall_edge_length_positive", condition=models.Q(length_m__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"


class Survey(SiteRow):
    """That a revision's edges were computed: how long it took, or why it could not be done.

    `plan` holds what a plan shows around the findings (`plans.py`): {"floors": [...], "protected": [...]}, in project
    metres; {} for revisions that were searched before it was kept.
    """

    revision = models.OneToOneField(Revision, on_delete=models.CASCADE, related_name="edge_survey")
    seconds = models.FloatField(_("seconds"), default=0.0)
    problem = models.CharField(_("why it could not be done"), max_length=500, blank=True)
    plan = models.JSONField(_("floors and protected edges (m)"), default=dict)

    class Meta:
        verbose_name = _("search for fall edges")
        verbose_name_plural = _("searches for fall edges")

    def __str__(self) -> str:
        return str(self.revision)
