"""Public risk points (公共风险点): places outside any enterprise that a town's regulator keeps watch on."""

from __future__ import annotations

from typing import Any, Self, cast

from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from spatial.people.models import Role
from spatial.places.models import STORAGE_SRID
from spatial.scope import Row

REGULATORS = (Role.TOWN_REVIEWER, Role.DEPT_REVIEWER, Role.COMMITTEE)
GRADE_CHOICES = [
    (1, _("Low (blue)")),
    (2, _("General (yellow)")),
    (3, _("Considerable (orange)")),
    (4, _("Major (red)")),
]


class PublicRiskQuerySet(models.QuerySet):
    """Public risk points; `visible_to` is the first call of every page and answer."""

    def visible_to(self, user: Any) -> Self:
        """Return the points in the regions that this user regulates, and below; none for anybody else."""
        if user is None or not user.is_authenticated or not user.is_active:
            return cast(Self, self.none())
        if user.is_superuser:
            return self
        reach = Q(pk__in=[])
        for membership in user.memberships.filter(region__isnull=False, role__in=REGULATORS).select_related("region"):
            reach |= Q(region__path__startswith=membership.region.path)
        return cast(Self, self.filter(reach))


class PublicRisk(Row):
    """One public risk point of a region (usually a town): where, what, how it is graded, and who answers for it."""

    class Kind(models.TextChoices):
        ROAD = "road", _("Road or junction")
        BRIDGE = "bridge", _("Bridge or tunnel")
        WATER = "water", _("River, pond or reservoir")
        SLOPE = "slope", _("Slope or landslide")
        FLOODING = "flooding", _("Low place that floods")
        GAS = "gas", _("Gas or pipeline")
        POWER = "power", _("Power line")
        CROWD = "crowd", _("Crowded place")
        BUILDING = "building", _("Old or unsafe building")
        MANHOLE = "manhole", _("Manhole or excavation in the street")
        OTHER = "other", _("Other")

    class Method(models.TextChoices):
        LEC = "LEC", "LEC"
        LS = "LS", "LS"
        DIRECT = "direct", _("Direct judgement")

    region = models.ForeignKey("places.Region", on_delete=models.PROTECT, related_name="public_risks")
    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=160)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    geometry = models.GeometryField(_("geometry"), srid=STORAGE_SRID)
    source_crs = models.CharField(_("declared CRS"), max_length=20)
    method = models.CharField(_("method"), max_length=8, choices=Method.choices)
    scores = models.JSONField(_("scores (L, E, C or L, S)"), default=dict)
    direct_reason = models.CharField(_("direct judgement"), max_length=8, blank=True)
    value = models.FloatField(_("value (D or R)"), null=True, blank=True)
    grade = models.PositiveSmallIntegerField(_("grade"), choices=GRADE_CHOICES)
    rule_edition = models.ForeignKey("rulebook.Edition", on_delete=models.PROTECT, related_name="+")
    responsible_unit = models.CharField(_("responsible unit"), max_length=120)
    responsible_person = models.CharField(_("responsible person"), max_length=60)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    measures = models.TextField(_("measures"))
    photo_sha256 = models.CharField(_("photo"), max_length=64, blank=True)
    next_check_on = models.DateField(_("next check"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    closed_reason = models.CharField(_("why it was closed"), max_length=200, blank=True)

    objects = PublicRiskQuerySet.as_manager()

    class Meta:
        verbose_name = _("public risk point")
        verbose_name_plural = _("public risk points")
        ordering = ["region", "code"]
        constraints = [
            models.UniqueConstraint(fields=["region", "code"], name="public_risk_code_once_per_region"),
            models.CheckConstraint(name="public_risk_grade_1_to_4", condition=Q(grade__gte=1, grade__lte=4)),
        ]
        indexes = [models.Index(fields=["region", "grade"], name="public_risk_of_region_by_grade")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"
