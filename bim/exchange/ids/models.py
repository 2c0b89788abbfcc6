"""IDS documents of a site, their checks of revisions, and a finding for each element that fails a requirement."""

from __future__ import annotations

from typing import Any, Self, cast

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from bim.models import Revision
from spatial.scope import SiteRow, SiteRowQuerySet


class IdsDocument(SiteRow):
    """A kept IDS file. `content` is what it asks (bim.ifc.ids.records.DocumentRecord as plain data)."""

    sha256 = models.CharField(_("SHA-256 of the file"), max_length=64, db_index=True)
    file_name = models.CharField(_("file"), max_length=255)
    file_bytes = models.PositiveIntegerField(_("size (bytes)"), default=0)
    title = models.CharField(_("title"), max_length=300)
    version = models.CharField(_("version"), max_length=100, blank=True)
    ids_version = models.CharField(_("IDS version"), max_length=8)
    specification_count = models.PositiveIntegerField(_("specifications"))
    content = models.JSONField(_("content"))
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("uploaded by"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("IDS document")
        verbose_name_plural = _("IDS documents")
        ordering = ["title", "-created_at"]
        constraints = [models.UniqueConstraint(fields=["site", "sha256"], name="ids_document_once_per_site")]

    def __str__(self) -> str:
        return self.title


class Check(SiteRow):
    """One run of a document over a revision.

    `results` has a row per specification: {"status", "why", "detail", "applicable", "undecided", "requirements":
    [{"text", "kind", "facet", "passed", "failed", "listed"}]}. `came` and `went` count the findings that are new or
    gone since `previous`, the same document's check of the model's nearest earlier revision.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Being checked")
        DONE = "done", _("Checked")
        FAILED = "failed", _("Could not be checked")
        CANCELLED = "cancelled", _("Cancelled")

    UNFINISHED = (State.WAITING, State.RUNNING)
    STANDING = (State.WAITING, State.RUNNING, State.DONE)

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="ids_checks")
    document = models.ForeignKey(IdsDocument, on_delete=models.PROTECT, related_name="checks")
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.WAITING)
    stage = models.CharField(_("stage"), max_length=12, blank=True)
    progress = models.FloatField(_("progress (%)"), default=0.0)
    cancel_requested = models.BooleanField(_("cancel requested"), default=False)
    status = models.CharField(_("result"), max_length=16, blank=True)
    results = models.JSONField(_("results"), default=list)
    specification_counts = models.JSONField(_("specifications by result"), default=dict)
    failed_elements = models.PositiveIntegerField(_("elements that fail"), default=0)
    findings_total = models.PositiveIntegerField(_("findings"), default=0)
    findings_listed = models.PositiveIntegerField(_("findings that are listed"), default=0)
    previous = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    came = models.PositiveIntegerField(_("new findings"), null=True)
    went = models.PositiveIntegerField(_("findings that are gone"), null=True)
    problem = models.JSONField(_("problem"), null=True, blank=True)
    seconds = models.FloatField(_("seconds"), null=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("started by"),
    )  # fmt: skip
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("check by IDS")
        verbose_name_plural = _("checks by IDS")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["revision", "document"], name="ids_check_once_per_revision",
                condition=models.Q(state__in=["waiting", "running", "done"]),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.document} → {self.revision}"

    @property
    def under_way(self) -> bool:
        return self.state in self.UNFINISHED

    @property
    def is_done(self) -> bool:
        return self.state == self.State.DONE


class FindingQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """Return the findings of checks on sites that this user may see."""
        return cast(Self, self.filter(check_row__in=SiteRowQuerySet(Check).visible_to(user)))


class Finding(models.Model):
    """An entity that fails a requirement of a check.

    `specification` and `requirement` are positions in the check's results; `element_index` is `Element.index` of the
    revision, null for what is no element (a type, a material, the project). `identity` is the GlobalId, else class and
    name: what tells whether the same finding was there before.
    """

    id = models.BigAutoField(primary_key=True)
    check_row = models.ForeignKey(Check, on_delete=models.CASCADE, related_name="findings", db_index=False)
    specification = models.PositiveIntegerField(_("specification"))
    requirement = models.PositiveIntegerField(_("requirement"))
    step_id = models.BigIntegerField(_("#id in the file"))
    global_id = models.CharField("GlobalId", max_length=22, blank=True)
    identity = models.CharField(_("identity"), max_length=340)
    ifc_class = models.CharField(_("IFC class"), max_length=64)
    name = models.CharField(_("name"), max_length=255, blank=True)
    element_index = models.IntegerField(_("index in the tiles"), null=True)
    storey_index = models.IntegerField(_("storey from below"), null=True)
    storey_name = models.CharField(_("storey"), max_length=255, blank=True)
    reason = models.CharField(_("reason"), max_length=20)
    actual = models.CharField(_("what the model has"), max_length=300, blank=True)
    expected = models.CharField(_("what was expected"), max_length=300, blank=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        ordering = ["id"]
        indexes = [
            models.Index(fields=["check_row", "specification", "requirement"], name="finding_of_check"),
            models.Index(fields=["check_row", "ifc_class"], name="finding_of_check_by_class"),
            models.Index(fields=["check_row", "identity"], name="finding_of_check_by_identity"),
        ]

    def __str__(self) -> str:
        return f"{self.ifc_class} {self.name}".strip()
