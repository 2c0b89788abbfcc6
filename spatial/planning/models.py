"""Planning of dual prevention on a site (策划准备): the leading group, its documents with signatures, and training."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from spatial.scope import SiteRow


class GroupMember(SiteRow):
    """A seat in the leading group (领导小组) or the named person in charge (专人负责); ended, never deleted."""

    class Duty(models.TextChoices):
        LEADER = "leader", _("Leader of the group")
        DEPUTY = "deputy", _("Deputy leader")
        MEMBER = "member", _("Member")
        OFFICER = "officer", _("Person in charge")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    duty = models.CharField(_("duty"), max_length=12, choices=Duty.choices)
    task = models.CharField(_("task in the group"), max_length=200, blank=True)
    since = models.DateField(_("since"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("member of the leading group")
        verbose_name_plural = _("leading group")
        constraints = [
            models.UniqueConstraint(
                fields=["site", "duty", "user"],
                condition=models.Q(ended_at__isnull=True),
                name="group_duty_once_per_person",
            ),
            models.UniqueConstraint(
                fields=["site"],
                condition=models.Q(ended_at__isnull=True, duty="leader"),
                name="group_has_one_leader",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_duty_display()})"


class DocumentVersion(SiteRow):
    """One version of a planning document of a kind. Its text and facts are frozen by the first signature."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        COMPILED = "compiled", _("Compiled")
        REVIEWED = "reviewed", _("Reviewed")
        APPROVED = "approved", _("Approved")
        ISSUED = "issued", _("Issued")
        REPLACED = "replaced", _("Replaced")

    kind = models.CharField(_("kind"), max_length=32)
    number = models.PositiveIntegerField(_("version"))
    document_number = models.CharField(_("document number"), max_length=80)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.DRAFT)
    title = models.CharField(_("title"), max_length=160)
    text = models.TextField(_("text"))
    template = models.CharField(_("template"), max_length=40)
    facts = models.JSONField(_("facts when compiled"), default=dict)
    content_sha256 = models.CharField(_("hash of the content"), max_length=64, blank=True)
    leader = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    issued_on = models.DateField(_("issued on"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)

    class Meta:
        verbose_name = _("planning document")
        verbose_name_plural = _("planning documents")
        ordering = ["site", "kind", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["site", "kind", "number"], name="planning_version_once_per_kind"),
            models.UniqueConstraint(
                fields=["site", "kind"],
                condition=models.Q(state__in=["draft", "compiled", "reviewed", "approved"]),
                name="planning_one_pending_version",
            ),
            models.UniqueConstraint(
                fields=["site", "kind"], condition=models.Q(state="issued"), name="planning_one_issued_version"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document_number} {self.title}"


class DocumentSignature(SiteRow):
    """A named person's signature on a version: the act in the ledger that it is, and the hash it stands under."""

    class Step(models.TextChoices):
        COMPILE = "compile", _("Compiled by")
        REVIEW = "review", _("Reviewed by")
        APPROVE = "approve", _("Approved by")
        ISSUE = "issue", _("Issued by")

    version = models.ForeignKey(DocumentVersion, on_delete=models.CASCADE, related_name="signatures")
    step = models.CharField(_("step"), max_length=8, choices=Step.choices)
    signer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    signer_name = models.CharField(_("name"), max_length=80)
    signer_role = models.CharField(_("role"), max_length=24)
    content_sha256 = models.CharField(_("hash of the content"), max_length=64)
    act = models.ForeignKey("ledger.Act", on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(_("signed at"))
    voided_at = models.DateTimeField(_("void since"), null=True, blank=True)

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        ordering = ["signed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "step"],
                condition=models.Q(voided_at__isnull=True),
                name="planning_step_signed_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()} {self.signer_name}"


class TrainingSession(SiteRow):
    """A training that was held, for one of the three levels (分层次全员培训), with how many took part."""

    class Level(models.TextChoices):
        MANAGEMENT = "management", _("Management of the project")
        TEAM = "team", _("Team leaders")
        WORKER = "worker", _("Workers")

    level = models.CharField(_("level"), max_length=12, choices=Level.choices)
    topic = models.CharField(_("topic"), max_length=160)
    held_on = models.DateField(_("held on"))
    attended = models.PositiveIntegerField(_("people trained"))
    trainer = models.CharField(_("trainer"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("training session")
        verbose_name_plural = _("training sessions")
        ordering = ["-held_on"]
        constraints = [models.CheckConstraint(name="training_had_people", condition=models.Q(attended__gte=1))]

    def __str__(self) -> str:
        return f"{self.held_on} {self.topic}"
