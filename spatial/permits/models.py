"""Work permits: dangerous work at a place within a time window, who applies, watches, enters and approves."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from spatial.scope import SiteRow


class WorkPermit(SiteRow):
    """One permit; its kind is one of `data/permit_kinds.json`. Expired is not stored: time alone makes it so."""

    class State(models.TextChoices):
        REQUESTED = "requested", _("Requested")
        APPROVED = "approved", _("Approved")
        RUNNING = "running", _("Running")
        CLOSED = "closed", _("Closed")
        REFUSED = "refused", _("Refused")

    number = models.CharField(_("number"), max_length=40)
    kind = models.CharField(_("kind"), max_length=32)
    work = models.CharField(_("work"), max_length=200)
    zone = models.ForeignKey("zones.Zone", on_delete=models.PROTECT, null=True, blank=True, related_name="permits")
    anchor = models.ForeignKey("places.Anchor", on_delete=models.PROTECT, null=True, blank=True, related_name="permits")
    place = models.CharField(_("place in words"), max_length=200, blank=True)
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.REQUESTED)
    applicant = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    applicant_name = models.CharField(_("applicant"), max_length=80)
    attendant = models.ForeignKey(
        "people.Person", on_delete=models.PROTECT, null=True, blank=True, related_name="attended_permits"
    )
    measures = models.JSONField(_("measures checked"), default=list)
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    refusal = models.CharField(_("why refused"), max_length=300, blank=True)
    started_at = models.DateTimeField(_("work started"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closing_note = models.CharField(_("note at closing"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("work permit")
        verbose_name_plural = _("work permits")
        constraints = [
            models.UniqueConstraint(fields=["site", "number"], name="permit_number_once_per_site"),
            models.CheckConstraint(
                name="permit_ends_after_start", condition=models.Q(ends_at__gt=models.F("starts_at"))
            ),
        ]
        indexes = [models.Index(fields=["site", "ends_at"], name="permits_of_site_by_end")]

    def __str__(self) -> str:
        return f"{self.number} {self.work}"


class PermitEntrant(SiteRow):
    """A person named on a permit; counted in and out where the kind asks for it."""

    permit = models.ForeignKey(WorkPermit, on_delete=models.CASCADE, related_name="entrants")
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="permits")

    class Meta:
        verbose_name = _("entrant")
        verbose_name_plural = _("entrants")
        constraints = [models.UniqueConstraint(fields=["permit", "person"], name="entrant_once_per_permit")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.permit_id}"


class Passage(SiteRow):
    """An entrant went in or came out, noted by the attendant."""

    entrant = models.ForeignKey(PermitEntrant, on_delete=models.CASCADE, related_name="passages")
    inwards = models.BooleanField(_("inwards"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("passage")
        verbose_name_plural = _("passages")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.entrant_id} {'in' if self.inwards else 'out'} {self.at}"


class GasTest(SiteRow):
    """A gas test of a confined space: values by gas code, and whether all were within the limits of its time."""

    permit = models.ForeignKey(WorkPermit, on_delete=models.CASCADE, related_name="gas_tests")
    taken_at = models.DateTimeField(_("taken at"))
    values = models.JSONField(_("values"))
    passed = models.BooleanField(_("within the limits"))
    tested_by = models.CharField(_("tested by"), max_length=60)

    class Meta:
        verbose_name = _("gas test")
        verbose_name_plural = _("gas tests")
        ordering = ["taken_at"]

    def __str__(self) -> str:
        return f"{self.taken_at} {self.passed}"
