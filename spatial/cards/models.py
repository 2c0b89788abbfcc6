"""What hangs on a site's walls: issued notice cards, posts, the site's choices about them, and print jobs."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from spatial.scope import SiteRow


class WallSettings(SiteRow):
    """A site's choices: whether a live card opens without login, and whom to call in an emergency."""

    open_without_login = models.BooleanField(_("live cards open without login"), default=False)
    emergency_name = models.CharField(_("emergency contact"), max_length=60, blank=True)
    emergency_phone = models.CharField(_("emergency phone"), max_length=20, blank=True)

    class Meta:
        verbose_name = _("settings of cards")
        verbose_name_plural = _("settings of cards")
        constraints = [models.UniqueConstraint(fields=["site"], name="wall_settings_once_per_site")]

    def __str__(self) -> str:
        return str(self.site)


class NoticeCard(SiteRow):
    """An issued risk notice card (风险告知卡); its token is the address of the live card until it is reissued."""

    risk_point = models.ForeignKey("risks.RiskPoint", on_delete=models.CASCADE, related_name="notice_cards")
    number = models.PositiveIntegerField(_("issue"))
    token = models.CharField(_("token"), max_length=43, unique=True)
    issued_at = models.DateTimeField(_("issued"))
    issued_by = models.CharField(_("issued by"), max_length=80)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("notice card")
        verbose_name_plural = _("notice cards")
        constraints = [
            models.UniqueConstraint(fields=["risk_point", "number"], name="notice_card_issue_once"),
            models.UniqueConstraint(
                fields=["risk_point"], condition=models.Q(revoked_at__isnull=True), name="notice_card_one_valid"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.risk_point} #{self.number}"


class Post(SiteRow):
    """A post (岗位) of a site: a trade with whom it answers to and the risk points that its people meet."""

    name = models.CharField(_("name"), max_length=80)
    trade = models.CharField(_("trade"), max_length=40)
    leader_name = models.CharField(_("leader"), max_length=60, blank=True)
    leader_phone = models.CharField(_("phone"), max_length=20, blank=True)
    risk_points = models.ManyToManyField("risks.RiskPoint", blank=True, related_name="posts")

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["site", "name"], name="post_name_once_per_site")]

    def __str__(self) -> str:
        return self.name


class PrintJob(SiteRow):
    """The cards and boards of a whole site as one PDF, made by a worker."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting for a worker")
        RUNNING = "running", _("Printing")
        DONE = "done", _("Finished")
        CANCELLED = "cancelled", _("Cancelled")
        FAILED = "failed", _("Failed")

    UNFINISHED = (State.QUEUED, State.RUNNING)

    requested_by = models.ForeignKey("people.User", on_delete=models.SET_NULL, null=True, related_name="+")
    language = models.CharField(_("language"), max_length=10)
    base_url = models.CharField(_("address of this server"), max_length=200)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.QUEUED)
    total = models.PositiveIntegerField(_("pages"), default=0)
    done = models.PositiveIntegerField(_("pages done"), default=0)
    cancel_requested = models.BooleanField(_("cancel requested"), default=False)
    starts = models.PositiveSmallIntegerField(_("times begun"), default=0)
    pdf_sha256 = models.CharField(_("PDF"), max_length=64, blank=True)
    pdf_bytes = models.PositiveBigIntegerField(_("size (bytes)"), default=0)
    problem = models.CharField(_("problem"), max_length=300, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("print job")
        verbose_name_plural = _("print jobs")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["site"],
                condition=models.Q(state__in=("queued", "running")),
                name="print_job_one_under_way_per_site",
            )
        ]

    def __str__(self) -> str:
        return f"{self.site} {self.get_state_display()}"
