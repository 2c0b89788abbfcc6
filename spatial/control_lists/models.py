"""Versions of a site's graded control lists (风险分级管控清单), their rows, reviews and remarks."""

from __future__ import annotations

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from spatial.risks.models import GRADE_CHOICES, ControlMeasure, HazardSource, ResponsiblePerson, RiskPoint
from spatial.scope import Row, SiteRow


class ListVersion(SiteRow):
    """One version of one of a site's two lists (两清单). Only a published one counts, and only one per list."""

    class Kind(models.TextChoices):
        ACTIVITY = "activity", _("Work activities (JHA)")
        FACILITY = "facility", _("Equipment and facilities (SCL)")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        DEPARTMENT = "department", _("In company department review")
        HEAD = "head", _("With the company head")
        PUBLISHED = "published", _("In force")
        SUPERSEDED = "superseded", _("Replaced by a later version")
        DROPPED = "dropped", _("Draft given up")

    kind = models.CharField(_("list"), max_length=16, choices=Kind.choices)
    number = models.PositiveIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.DRAFT)
    based_on = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(_("reason of this version"), max_length=200, blank=True)
    made_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    published_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reassess_due = models.DateField(_("re-assessment due"), null=True, blank=True)
    source_sha256 = models.CharField(_("Excel file it was read from"), max_length=64, blank=True)
    closing = models.JSONField(_("risk points taken out"), default=list)
    superseded_at = models.DateTimeField(_("replaced"), null=True, blank=True)
    rule_edition = models.ForeignKey("rulebook.Edition", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("control list")
        verbose_name_plural = _("control lists")
        ordering = ["site", "kind", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["site", "kind", "number"], name="list_number_once_per_list"),
            models.UniqueConstraint(
                fields=["site", "kind"], condition=models.Q(state="published"), name="one_list_in_force"
            ),
            models.UniqueConstraint(
                fields=["site", "kind"],
                condition=models.Q(state__in=("draft", "department", "head")),
                name="one_list_under_way",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} v{self.number}"


class ListEntry(SiteRow):
    """A row of a list: one risk point with its official columns, and where it is. Archived with its version."""

    version = models.ForeignKey(ListVersion, on_delete=models.CASCADE, related_name="entries")
    position = models.PositiveIntegerField(_("order"))
    code = models.CharField(_("number"), max_length=40, blank=True)
    name = models.CharField(_("name"), max_length=160, blank=True)
    place_text = models.CharField(_("place or zone"), max_length=160, blank=True)
    columns = models.JSONField(_("official columns"), default=dict)
    lead_level = models.CharField(_("lead level lifted to"), max_length=8, blank=True, choices=ResponsiblePerson.Level)
    people = models.JSONField(_("responsible people"), default=list)
    lowering_reason = models.CharField(_("why a direct judgement no longer holds"), max_length=200, blank=True)
    grade_before = models.PositiveSmallIntegerField(_("grade"), choices=GRADE_CHOICES, null=True, blank=True)
    grade_after = models.PositiveSmallIntegerField(_("grade after controls"), choices=GRADE_CHOICES, null=True,
                                                   blank=True)  # fmt: skip
    risk_point = models.ForeignKey(RiskPoint, on_delete=models.PROTECT, null=True, blank=True,
                                   related_name="list_entries")  # fmt: skip
    geometry = models.GeometryField(_("geometry"), srid=4490, dim=3, null=True, blank=True)
    storey = models.ForeignKey("places.Storey", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    model_id = models.UUIDField(_("model"), null=True, blank=True)
    element_global_id = models.CharField(_("element GlobalId"), max_length=22, blank=True)
    element_name = models.CharField(_("element name when placed"), max_length=255, blank=True)
    offset_m = models.JSONField(_("offset on the element (m)"), null=True, blank=True)
    place_set = models.BooleanField(_("placed in this version"), default=False)
    revision = models.PositiveIntegerField(_("times changed"), default=1)

    class Meta:
        verbose_name = _("row of a control list")
        verbose_name_plural = _("rows of control lists")
        ordering = ["version", "position"]
        indexes = [models.Index(fields=["version", "position"], name="entry_in_order")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class EntrySource(Row):
    """A hazard source of a row, at a step (JHA) or check item (SCL), scored before and after controls."""

    entry = models.ForeignKey(ListEntry, on_delete=models.CASCADE, related_name="sources")
    position = models.PositiveIntegerField(_("order"))
    step_no = models.CharField(_("step or item no."), max_length=20, blank=True)
    step = models.CharField(_("step or check item"), max_length=160, blank=True)
    name = models.CharField(_("hazard source"), max_length=160, blank=True)
    standard = models.CharField(_("standard (clause)"), max_length=300, blank=True)
    deviation = models.CharField(_("deviation and result"), max_length=300, blank=True)
    factor_code = models.CharField(_("factor code (GB/T 13861)"), max_length=8, blank=True)
    accident_type = models.CharField(_("possible accident (GB 6441)"), max_length=40, blank=True)
    method = models.CharField(_("method"), max_length=4, choices=HazardSource.Method.choices, default="LEC")
    before = models.JSONField(_("scores before controls"), default=dict)
    value_before = models.FloatField(_("value before controls"), null=True, blank=True)
    grade_before = models.PositiveSmallIntegerField(_("grade before controls"), choices=GRADE_CHOICES, null=True,
                                                    blank=True)  # fmt: skip
    after = models.JSONField(_("scores after controls"), default=dict)
    value_after = models.FloatField(_("value after controls"), null=True, blank=True)
    grade_after = models.PositiveSmallIntegerField(_("grade after controls"), choices=GRADE_CHOICES, null=True,
                                                   blank=True)  # fmt: skip
    judgement = models.CharField(_("direct judgement"), max_length=8, blank=True)
    measures = models.JSONField(_("existing measures by kind"), default=dict)
    added_measures = models.CharField(_("added measures"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("hazard source of a row")
        verbose_name_plural = _("hazard sources of rows")
        ordering = ["entry", "position"]
        indexes = [models.Index(fields=["entry", "position"], name="source_in_order")]

    def __str__(self) -> str:
        return self.name

    def measure_lines(self) -> list[tuple[str, str]]:
        """Return the measures as (name of kind, text), kinds in their order of preference."""
        return [(str(kind.label), text) for kind in ControlMeasure.Kind for text in self.measures.get(kind.value, [])]


class ReviewStep(Row):
    """One step of a version on its way: who did what when, with the reason, and the signed act of the ledger."""

    class Verb(models.TextChoices):
        SUBMIT = "submit", _("Submitted")
        WITHDRAW = "withdraw", _("Taken back")
        PASS = "pass", _("Passed by the department")
        RETURN = "return", _("Returned")
        PUBLISH = "publish", _("Approved, signed and published")

    version = models.ForeignKey(ListVersion, on_delete=models.CASCADE, related_name="steps")
    verb = models.CharField(_("step"), max_length=16, choices=Verb.choices)
    from_state = models.CharField(_("from"), max_length=16, choices=ListVersion.State.choices)
    actor = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    actor_role = models.CharField(_("role"), max_length=24)
    note = models.CharField(_("opinion or reasons"), max_length=1000, blank=True)
    act_hash = models.CharField(_("hash of the signed act"), max_length=64)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("review step")
        verbose_name_plural = _("review steps")
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.get_verb_display()} {self.at:%Y-%m-%d}"


class Remark(Row):
    """What a reviewer says about a version or one of its rows, and whether it has been dealt with."""

    version = models.ForeignKey(ListVersion, on_delete=models.CASCADE, related_name="remarks")
    row = models.CharField(_("row"), max_length=40, blank=True)
    text = models.CharField(_("remark"), max_length=1000)
    author = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))
    settled_at = models.DateTimeField(_("dealt with"), null=True, blank=True)
    settled_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answer = models.CharField(_("answer"), max_length=1000, blank=True)

    class Meta:
        verbose_name = _("remark")
        verbose_name_plural = _("remarks")
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return self.text[:60]


class SuggestionVerdict(SiteRow):
    """What a person said to a suggestion read from the model: taken into a list, or dismissed with a reason."""

    key = models.CharField(_("suggestion"), max_length=120)
    taken = models.BooleanField(_("taken"))
    entry = models.ForeignKey(ListEntry, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("verdict on a suggestion")
        verbose_name_plural = _("verdicts on suggestions")
        constraints = [models.UniqueConstraint(fields=["site", "key"], name="one_verdict_per_suggestion")]

    def __str__(self) -> str:
        return self.key
