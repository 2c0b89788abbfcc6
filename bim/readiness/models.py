"""The readiness of a revision, and what each check found."""

from __future__ import annotations

from typing import Any

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.utils.translation import gettext_lazy as _

from bim.models import Revision, RevisionRowQuerySet
from spatial.scope import Row, SiteRow


class ReadinessReport(SiteRow):
    """How far a revision can be used; one per revision, computed after its import or when somebody asks.

    `grades` is {safety function: "A", "B", "C" or null}. `problem` says why it failed, or what of a finished one could
    not be judged.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Being checked")
        DONE = "done", _("Checked")
        FAILED = "failed", _("Could not be checked")

    revision = models.OneToOneField(Revision, on_delete=models.CASCADE, related_name="readiness")
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    grades = models.JSONField(_("grades"), default=dict)
    problem = models.CharField(_("problem"), max_length=500, blank=True)
    seconds = models.FloatField(_("seconds"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("readiness of a model")
        verbose_name_plural = _("readiness of models")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return str(self.revision)

    @property
    def under_way(self) -> bool:
        return self.state in (self.State.WAITING, self.State.RUNNING)


class ReadinessCheckQuerySet(RevisionRowQuerySet):
    def visible_to(self, user: Any) -> Any:
        """Return the checks of revisions on sites that this user may see."""
        return self.filter(report__in=ReadinessReport.objects.visible_to(user))


class ReadinessCheck(Row):
    """What one check of a report counted. `elements` has the indexes (`_EID`) of those that failed.

    `outcome` is empty where the check takes part in no grade: it was not judged (`why` has the code of the cause) or
    looked at nothing that has to be there.
    """

    report = models.ForeignKey(ReadinessReport, on_delete=models.CASCADE, related_name="checks")
    position = models.PositiveSmallIntegerField(_("order"))
    identifier = models.CharField(_("check"), max_length=40)
    function = models.CharField(_("safety function"), max_length=20)
    outcome = models.CharField(_("outcome"), max_length=1, blank=True)
    judged = models.BooleanField(_("judged"), default=True)
    why = models.CharField(_("why it was not judged"), max_length=20, blank=True)
    checked = models.PositiveIntegerField(_("looked at"))
    failed = models.PositiveIntegerField(_("failed"))
    elements = ArrayField(models.IntegerField(), default=list, verbose_name=_("elements that failed"))
    figures = models.JSONField(_("figures"), default=dict)

    objects = ReadinessCheckQuerySet.as_manager()

    class Meta:
        verbose_name = _("check of readiness")
        verbose_name_plural = _("checks of readiness")
        ordering = ["report", "position"]
        constraints = [
            models.UniqueConstraint(fields=["report", "identifier"], name="readiness_check_once"),
            models.CheckConstraint(
                name="readiness_failed_of_checked", condition=models.Q(failed__lte=models.F("checked"))
            ),
        ]

    def __str__(self) -> str:
        return self.identifier
