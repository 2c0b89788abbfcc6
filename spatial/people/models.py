"""Accounts, and what each may do where."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from spatial.scope import Row, SiteRow, uuid7


class User(AbstractUser):
    """One person, one account (人机捆绑); shared accounts do not exist."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    full_name = models.CharField(_("full name"), max_length=60, blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    language = models.CharField(_("language"), max_length=10, default="zh-hans")

    class Meta(AbstractUser.Meta):
        verbose_name = _("account")  # type: ignore[assignment]
        verbose_name_plural = _("accounts")  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.full_name or self.username


class Role(models.TextChoices):
    """Roles of the hazard workflow (spec 03) plus the BIM engineer."""

    WORKER = "worker", _("Worker")
    SITE_SAFETY = "site_safety", _("Safety officer")
    PROJECT_MANAGER = "project_manager", _("Project manager")
    BIM_ENGINEER = "bim_engineer", _("BIM engineer")
    ENTERPRISE_SAFETY = "enterprise_safety", _("Company safety department")
    ENTERPRISE_HEAD = "enterprise_head", _("Company head")
    SUPERVISION_ENGINEER = "supervision_engineer", _("Supervision engineer")
    TOWN_REVIEWER = "town_reviewer", _("Town reviewer")
    DEPT_REVIEWER = "dept_reviewer", _("Department reviewer")
    COMMITTEE = "committee", _("Safety committee")


class Membership(Row):
    """A role of a user on one site, in one organisation (and all below it), or in one region (and all below it)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=24, choices=Role.choices)
    organisation = models.ForeignKey(
        "places.Organisation", on_delete=models.CASCADE, null=True, blank=True, related_name="memberships"
    )
    site = models.ForeignKey("places.Site", on_delete=models.CASCADE, null=True, blank=True, related_name="memberships")
    region = models.ForeignKey(
        "places.Region", on_delete=models.CASCADE, null=True, blank=True, related_name="memberships"
    )

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.CheckConstraint(
                name="membership_has_exactly_one_reach",
                condition=(
                    models.Q(organisation__isnull=False, site__isnull=True, region__isnull=True)
                    | models.Q(organisation__isnull=True, site__isnull=False, region__isnull=True)
                    | models.Q(organisation__isnull=True, site__isnull=True, region__isnull=False)
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"


class Team(SiteRow):
    """A crew on a site."""

    name = models.CharField(_("name"), max_length=80)

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")

    def __str__(self) -> str:
        return self.name


class Person(SiteRow):
    """Somebody who works on a site; may carry a helmet, may have an account."""

    full_name = models.CharField(_("full name"), max_length=60)
    trade = models.CharField(_("trade"), max_length=40)
    team = models.ForeignKey(Team, on_delete=models.SET_NULL, null=True, blank=True, related_name="people")
    user = models.OneToOneField(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="person")

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return f"{self.full_name} ({self.trade})"
