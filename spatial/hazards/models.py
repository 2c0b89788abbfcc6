"""Hazard tickets (隐患), their evidence and their transitions."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from spatial.scope import SiteRow


class Hazard(SiteRow):
    """A finding: a control failed or is missing. `overdue` is derived from `deadline`, never stored."""

    class Level(models.TextChoices):
        GENERAL = "general", _("General")
        MAJOR = "major", _("Major")

    number = models.CharField(_("number"), max_length=60)
    state = models.CharField(_("state"), max_length=20)
    level = models.CharField(_("level"), max_length=8, choices=Level.choices, default=Level.GENERAL)
    description = models.TextField(_("description"))
    category = models.CharField(_("category"), max_length=60, blank=True)
    source = models.CharField(_("source"), max_length=32, default="self_check")
    anchor = models.OneToOneField("places.Anchor", on_delete=models.PROTECT, related_name="hazard")
    risk_point = models.ForeignKey(
        "risks.RiskPoint", on_delete=models.PROTECT, null=True, blank=True, related_name="hazards"
    )
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    rectifier = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    rechecker = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    acceptance_person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    measure = models.TextField(_("measure"), blank=True)
    deadline_class = models.CharField(_("deadline class"), max_length=16, blank=True)
    deadline = models.DateTimeField(_("deadline"), null=True, blank=True)
    first_deadline = models.DateTimeField(_("first deadline"), null=True, blank=True)
    deadline_set_level = models.PositiveSmallIntegerField(_("level that set the deadline"), default=0)
    notice_number = models.CharField(_("rectification notice"), max_length=60, blank=True)
    extension_count = models.PositiveSmallIntegerField(_("extensions"), default=0)
    extension_deadline = models.DateTimeField(_("deadline asked for"), null=True, blank=True)
    extension_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    found_at = models.DateTimeField(_("found at (client)"))
    received_at = models.DateTimeField(_("received at"))
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)
    assigned_at = models.DateTimeField(_("assigned at"), null=True, blank=True)
    rectified_at = models.DateTimeField(_("rectified at"), null=True, blank=True)
    rechecked_at = models.DateTimeField(_("rechecked at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    return_count = models.PositiveSmallIntegerField(_("returns"), default=0)
    recheck_fail_count = models.PositiveSmallIntegerField(_("failed rechecks"), default=0)
    reopen_count = models.PositiveSmallIntegerField(_("reopenings"), default=0)
    rule_edition = models.ForeignKey("rulebook.Edition", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("hazard")
        verbose_name_plural = _("hazards")
        indexes = [
            models.Index(
                fields=["site"],
                condition=~models.Q(state__in=("VOID", "CLOSED", "ARCHIVED", "DRAFT")),
                name="hazard_that_is_open",
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["site", "number"], name="hazard_number_once_per_site"),
            models.CheckConstraint(
                name="rechecker_is_never_the_rectifier",
                condition=models.Q(rectifier__isnull=True)
                | models.Q(rechecker__isnull=True)
                | ~models.Q(rectifier=models.F("rechecker")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.description[:40]}"


class Transition(SiteRow):
    """One step of a ticket by the transition table of spec 03 (ids T01 ...)."""

    hazard = models.ForeignKey(Hazard, on_delete=models.CASCADE, related_name="transitions")
    transition = models.CharField(_("transition"), max_length=4)
    event = models.CharField(_("event"), max_length=32)
    from_state = models.CharField(_("from"), max_length=20, blank=True)
    to_state = models.CharField(_("to"), max_length=20)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    text = models.TextField(_("text"), blank=True)
    details = models.JSONField(_("details"), default=dict)
    occurred_at = models.DateTimeField(_("time of the act (client)"))
    received_at = models.DateTimeField(_("time received (server)"))

    class Meta:
        verbose_name = _("transition")
        verbose_name_plural = _("transitions")
        ordering = ["received_at"]

    def __str__(self) -> str:
        return f"{self.transition} {self.from_state} -> {self.to_state}"


class Photo(SiteRow):
    """Evidence: a stored picture by hash; the same picture is never taken as evidence twice on one site."""

    class Step(models.TextChoices):
        BEFORE = "before", _("Before")
        AFTER = "after", _("After")
        RECHECK = "recheck", _("Recheck")

    hazard = models.ForeignKey(Hazard, on_delete=models.CASCADE, related_name="photos")
    step = models.CharField(_("step"), max_length=8, choices=Step.choices)
    sha256 = models.CharField(_("original"), max_length=64)
    thumbnail_sha256 = models.CharField(_("thumbnail"), max_length=64)
    taken_at = models.DateTimeField(_("taken at"), null=True, blank=True)
    captured = models.BooleanField(_("taken by the app's camera"), default=False)
    flagged = models.CharField(_("flag"), max_length=120, blank=True)
    received_at = models.DateTimeField(_("received at"))

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        constraints = [models.UniqueConstraint(fields=["site", "sha256"], name="photo_is_evidence_once")]

    def __str__(self) -> str:
        return f"{self.step} {self.sha256[:12]}"
