"""Production-risk assessments of an enterprise (企业生产风险评估): dated, numbered snapshots with signatures."""

from __future__ import annotations

from typing import Any, Self, cast

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from spatial.people.models import Role
from spatial.places.models import Site
from spatial.scope import Row

COMPANY_ROLES = (Role.ENTERPRISE_SAFETY, Role.ENTERPRISE_HEAD)
REGULATORS = (Role.TOWN_REVIEWER, Role.DEPT_REVIEWER, Role.COMMITTEE)


class AssessmentQuerySet(models.QuerySet):
    """Assessments; `visible_to` is the first call of every page."""

    def visible_to(self, user: Any) -> Self:
        """Return the assessments of the user's own company, and those whose sites the user all regulates."""
        if user is None or not user.is_authenticated or not user.is_active:
            return cast(Self, self.none())
        if user.is_superuser:
            return self
        reach, regulated = Q(pk__in=[]), Q(pk__in=[])
        for membership in user.memberships.select_related("organisation", "region"):
            if membership.organisation_id and membership.role in COMPANY_ROLES:
                reach |= Q(organisation__path__startswith=membership.organisation.path)
            elif membership.region_id and membership.role in REGULATORS:
                regulated |= Q(region__path__startswith=membership.region.path)
        sites = [str(pk) for pk in Site.objects.filter(regulated).values_list("pk", flat=True)]
        if sites:
            reach |= Q(site_ids__contained_by=sites) & ~Q(site_ids=[])
        return cast(Self, self.filter(reach))


class Assessment(Row):
    """One assessment: the facts it was computed from, its content as canonical JSON, and the hash of that."""

    organisation = models.ForeignKey("places.Organisation", on_delete=models.PROTECT, related_name="assessments")
    number = models.PositiveIntegerField(_("version"))
    as_of = models.DateTimeField(_("moment of the assessment"))
    site_ids = models.JSONField(_("sites"), default=list)
    facts = models.JSONField(_("facts"))
    content = models.TextField(_("content (canonical JSON)"))
    content_sha256 = models.CharField(_("hash of the content"), max_length=64)
    method = models.CharField(_("method"), max_length=60)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("production-risk assessment")
        verbose_name_plural = _("production-risk assessments")
        ordering = ["organisation", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "number"], name="assessment_number_once_per_enterprise")
        ]

    def __str__(self) -> str:
        return f"{self.organisation} v{self.number}"


class AssessmentSignature(Row):
    """A named person's signature on an assessment: the act in the ledger that it is."""

    class Step(models.TextChoices):
        COMPILE = "compile", _("Compiled by")
        APPROVE = "approve", _("Approved by")

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="signatures")
    step = models.CharField(_("step"), max_length=8, choices=Step.choices)
    signer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    signer_name = models.CharField(_("name"), max_length=80)
    content_sha256 = models.CharField(_("hash of the content"), max_length=64)
    act = models.ForeignKey("ledger.Act", on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(_("signed at"))

    class Meta:
        verbose_name = _("signature of an assessment")
        verbose_name_plural = _("signatures of assessments")
        ordering = ["signed_at"]
        constraints = [models.UniqueConstraint(fields=["assessment", "step"], name="assessment_step_signed_once")]

    def __str__(self) -> str:
        return f"{self.get_step_display()} {self.signer_name}"
