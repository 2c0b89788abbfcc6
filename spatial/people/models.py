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


class Employer(SiteRow):
    """A company whose people work on a site: the general contractor, a subcontractor, a labour company."""

    class Kind(models.TextChoices):
        GENERAL = "general", _("General contractor")
        SUBCONTRACTOR = "subcontractor", _("Subcontractor")
        LABOUR = "labour", _("Labour company")
        SUPERVISION = "supervision", _("Supervision company")
        OTHER = "other", _("Other")

    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices, default=Kind.SUBCONTRACTOR)
    credit_code = models.CharField(_("unified social credit code"), max_length=32, blank=True)

    class Meta:
        verbose_name = _("employer")
        verbose_name_plural = _("employers")
        constraints = [models.UniqueConstraint(fields=["site", "name"], name="employer_once_per_site")]

    def __str__(self) -> str:
        return self.name


class Team(SiteRow):
    """A crew on a site."""

    name = models.CharField(_("name"), max_length=80)
    employer = models.ForeignKey(Employer, on_delete=models.SET_NULL, null=True, blank=True, related_name="teams")
    leader_name = models.CharField(_("team leader"), max_length=60, blank=True)

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
    badge = models.CharField(_("badge number"), max_length=40, blank=True)
    employer = models.ForeignKey(Employer, on_delete=models.SET_NULL, null=True, blank=True, related_name="people")
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    entered_on = models.DateField(_("on the site since"), null=True, blank=True)
    left_on = models.DateField(_("left the site on"), null=True, blank=True)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(fields=["site", "badge"], condition=~models.Q(badge=""), name="badge_once_per_site")
        ]

    def __str__(self) -> str:
        return f"{self.full_name} ({self.trade})"


class Shift(SiteRow):
    """Working hours by the clock of the site, for some teams or (with none named) for all."""

    name = models.CharField(_("name"), max_length=40)
    starts = models.TimeField(_("starts"))
    ends = models.TimeField(_("ends"))
    weekdays = models.JSONField(_("weekdays, 1 is Monday"), default=list)
    breaks = models.JSONField(_("breaks"), default=list)
    early_min = models.PositiveSmallIntegerField(_("minutes allowed before"), default=60)
    late_min = models.PositiveSmallIntegerField(_("minutes allowed after"), default=60)
    teams = models.ManyToManyField(Team, blank=True, related_name="shifts", verbose_name=_("teams"))
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        constraints = [models.UniqueConstraint(fields=["site", "name"], name="shift_name_once_per_site")]

    def __str__(self) -> str:
        return f"{self.name} {self.starts:%H:%M}–{self.ends:%H:%M}"


class Certificate(SiteRow):
    """A certificate of a person, of a kind of `data/trades.json`, valid from and until a day (both included)."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="certificates")
    kind = models.CharField(_("kind"), max_length=40)
    number = models.CharField(_("number"), max_length=60)
    issuer = models.CharField(_("issued by"), max_length=120, blank=True)
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"))
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        constraints = [
            models.UniqueConstraint(fields=["person", "kind", "number"], name="certificate_once_per_person"),
            models.CheckConstraint(
                name="certificate_ends_after_start", condition=models.Q(valid_until__gte=models.F("valid_from"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


class CertificateRequirement(Row):
    """A kind of certificate that an organisation requires of a trade, beyond what `data/trades.json` requires.

    It counts on all sites of the organisation and of those below it. `trade` is any word for the trade.
    """

    organisation = models.ForeignKey(
        "places.Organisation", on_delete=models.PROTECT, related_name="certificate_requirements"
    )
    trade = models.CharField(_("trade"), max_length=40)
    kind = models.CharField(_("kind"), max_length=40)
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        verbose_name = _("certificate required of a trade")
        verbose_name_plural = _("certificates required of trades")
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "trade", "kind"], name="certificate_required_once_of_a_trade"
            )
        ]

    def __str__(self) -> str:
        return f"{self.trade} {self.kind}"


class CertificateReminder(SiteRow):
    """That a certificate was reminded of at a level: once each, so a task that runs again says nothing."""

    certificate = models.ForeignKey(Certificate, on_delete=models.CASCADE, related_name="reminders")
    level = models.CharField(_("level"), max_length=8)
    reminded_on = models.DateField(_("reminded on"))

    class Meta:
        verbose_name = _("reminder of a certificate")
        verbose_name_plural = _("reminders of certificates")
        constraints = [
            models.UniqueConstraint(fields=["certificate", "level"], name="certificate_reminded_once_per_level")
        ]

    def __str__(self) -> str:
        return f"{self.certificate_id} {self.level}"


class Education(SiteRow):
    """One level of the three-level safety education of a person."""

    class Level(models.TextChoices):
        COMPANY = "company", _("Company level")
        PROJECT = "project", _("Project level")
        TEAM = "team", _("Team level")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="education")
    level = models.CharField(_("level"), max_length=8, choices=Level.choices)
    held_on = models.DateField(_("held on"))
    hours = models.FloatField(_("hours"), default=0.0)
    teacher = models.CharField(_("teacher"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("safety education")
        verbose_name_plural = _("safety education")
        constraints = [models.UniqueConstraint(fields=["person", "level", "held_on"], name="education_once_a_day")]

    def __str__(self) -> str:
        return f"{self.level} {self.held_on}"


class Briefing(SiteRow):
    """A safety briefing before work: on what, by whom, valid for which days or which permit."""

    work = models.CharField(_("work"), max_length=120)
    content = models.TextField(_("content"), blank=True)
    given_by = models.CharField(_("given by"), max_length=60)
    held_at = models.DateTimeField(_("held at"))
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"))
    permit_id = models.UUIDField(_("work permit"), null=True, blank=True)

    class Meta:
        verbose_name = _("safety briefing")
        verbose_name_plural = _("safety briefings")
        constraints = [
            models.CheckConstraint(
                name="briefing_ends_after_start", condition=models.Q(valid_until__gte=models.F("valid_from"))
            )
        ]

    def __str__(self) -> str:
        return f"{self.work} {self.valid_from}"


class BriefingSignature(SiteRow):
    """That a person was briefed: valid once signed."""

    briefing = models.ForeignKey(Briefing, on_delete=models.CASCADE, related_name="signatures")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="briefings")
    signed_at = models.DateTimeField(_("signed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("signature of a briefing")
        verbose_name_plural = _("signatures of briefings")
        constraints = [models.UniqueConstraint(fields=["briefing", "person"], name="briefed_once")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.signed_at}"
