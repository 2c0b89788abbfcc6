"""Risk points, their hazard sources, and the measures that control them."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from spatial.scope import Row, SiteRow

GRADE_CHOICES = [
    (1, _("Low (blue)")),
    (2, _("General (yellow)")),
    (3, _("Considerable (orange)")),
    (4, _("Major (red)")),
]


class RiskPoint(SiteRow):
    """A place, facility or activity that carries risk (风险点, DB37/T 2882-2016), anchored on map or element.

    Holds what is in force. What it was before is kept by the database in FormerRiskPoint, so that any past colour
    can be computed again; `known_from` is when the present content became true.
    """

    class Kind(models.TextChoices):
        ACTIVITY = "activity", _("Work activity")
        FACILITY = "facility", _("Equipment or facility")

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        ACTIVE = "active", _("Active")
        SUSPENDED = "suspended", _("Suspended")
        CLOSED = "closed", _("Closed")

    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=160)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.ACTIVE)
    anchor = models.OneToOneField("places.Anchor", on_delete=models.PROTECT, related_name="risk_point")
    direct_major = models.BooleanField(_("directly judged major"), default=False)
    direct_major_reason = models.CharField(_("reason of the direct judgement"), max_length=200, blank=True)
    source_grade = models.PositiveSmallIntegerField(_("highest grade of its sources"), choices=GRADE_CHOICES)
    residual_grade = models.PositiveSmallIntegerField(_("residual grade"), choices=GRADE_CHOICES, null=True, blank=True)
    lead_level = models.CharField(_("lead level, where lifted"), max_length=8, blank=True)
    graded_at = models.DateTimeField(_("graded"), default=timezone.now, editable=False)
    known_from = models.DateTimeField(_("known from"), default=timezone.now, editable=False)
    rule_edition = models.ForeignKey("rulebook.Edition", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("risk point")
        verbose_name_plural = _("risk points")
        constraints = [models.UniqueConstraint(fields=["site", "code"], name="risk_point_code_once_per_site")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def inherent_grade(self) -> int:
        """The grade without controls: 4 where directly judged, else the highest source (DB37/T 2882-2016)."""
        return 4 if self.direct_major else self.source_grade


class FormerRiskPoint(models.Model):
    """What coloured a risk point from `known_from` until `known_to`; written by the database, never by hand."""

    risk_point_id = models.UUIDField()
    site_id = models.UUIDField()
    anchor_id = models.UUIDField()
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=160)
    state = models.CharField(max_length=16)
    direct_major = models.BooleanField()
    source_grade = models.PositiveSmallIntegerField()
    residual_grade = models.PositiveSmallIntegerField(null=True)
    rule_edition_id = models.UUIDField()
    graded_at = models.DateTimeField()
    known_from = models.DateTimeField()
    known_to = models.DateTimeField()

    class Meta:
        verbose_name = _("former risk point")
        verbose_name_plural = _("former risk points")
        indexes = [
            models.Index(fields=["site_id", "known_to"], name="former_risk_points_of_site"),
            models.Index(fields=["risk_point_id", "known_to"], name="former_content_of_risk_point"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class HazardSource(SiteRow):
    """One root, state or act in a risk point that can cause harm (危险源), with its graded score."""

    class Method(models.TextChoices):
        LEC = "LEC", "LEC"
        LS = "LS", "LS"

    risk_point = models.ForeignKey(RiskPoint, on_delete=models.CASCADE, related_name="sources")
    name = models.CharField(_("name"), max_length=160)
    step = models.CharField(_("step or check item"), max_length=160, blank=True)
    factor_code = models.CharField(_("factor (GB/T 13861)"), max_length=16, blank=True)
    accident_type = models.CharField(_("possible accident (GB 6441)"), max_length=40, blank=True)
    method = models.CharField(_("method"), max_length=4, choices=Method.choices)
    scores = models.JSONField(_("scores (L, E, C or L, S)"))
    value = models.FloatField(_("value (D or R)"))
    grade = models.PositiveSmallIntegerField(_("grade"), choices=GRADE_CHOICES)
    residual_scores = models.JSONField(_("scores with controls"), null=True, blank=True)
    residual_value = models.FloatField(_("value with controls"), null=True, blank=True)
    residual_grade = models.PositiveSmallIntegerField(
        _("grade with controls"), choices=GRADE_CHOICES, null=True, blank=True
    )
    rule_edition = models.ForeignKey("rulebook.Edition", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("hazard source")
        verbose_name_plural = _("hazard sources")
        constraints = [
            models.CheckConstraint(name="source_grade_1_to_4", condition=models.Q(grade__gte=1, grade__lte=4))
        ]

    def __str__(self) -> str:
        return self.name


class ControlMeasure(SiteRow):
    """A measure of one of the five kinds."""

    class Kind(models.TextChoices):
        ENGINEERING = "engineering", _("Engineering")
        MANAGEMENT = "management", _("Management")
        TRAINING = "training", _("Training")
        PPE = "ppe", _("Personal protection")
        EMERGENCY = "emergency", _("Emergency")

    source = models.ForeignKey(HazardSource, on_delete=models.CASCADE, related_name="measures")
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    text = models.CharField(_("measure"), max_length=300)

    class Meta:
        verbose_name = _("control measure")
        verbose_name_plural = _("control measures")

    def __str__(self) -> str:
        return self.text


class ResponsiblePerson(Row):
    """Who answers for a risk point at which level (S0.43: every level has a named person)."""

    class Level(models.TextChoices):
        COMPANY = "company", _("Company")
        PROJECT = "project", _("Project")
        TEAM = "team", _("Team")
        POST = "post", _("Post")

    risk_point = models.ForeignKey(RiskPoint, on_delete=models.CASCADE, related_name="responsible")
    level = models.CharField(_("level"), max_length=8, choices=Level.choices)
    full_name = models.CharField(_("name"), max_length=60)
    phone = models.CharField(_("phone"), max_length=20, blank=True)

    class Meta:
        verbose_name = _("responsible person")
        verbose_name_plural = _("responsible people")
        constraints = [
            models.UniqueConstraint(fields=["risk_point", "level", "full_name"], name="responsible_once_per_level")
        ]

    def __str__(self) -> str:
        return f"{self.full_name} ({self.get_level_display()})"
