"""Patrols of controls: routes over risk points, and each time a stop is due or was done."""

from django.conf import settings
from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from spatial.scope import SiteRow


class Level(models.TextChoices):
    """Who patrols (spec/domain/01, 1.6)."""

    COMPANY = "company", _("Company")
    PROJECT = "project", _("Project")
    TEAM = "team", _("Team")
    POST = "post", _("Post")


class Period(models.TextChoices):
    """How often, by the calendar of the site."""

    SHIFT = "shift", _("every shift")
    DAY = "day", _("every day")
    WEEK = "week", _("every week")
    MONTH = "month", _("every month")


class PatrolRoute(SiteRow):
    """What one responsible person patrols at one level and period: an ordered walk over risk points (S3.58)."""

    level = models.CharField(_("level"), max_length=8, choices=Level.choices)
    period = models.CharField(_("period"), max_length=8, choices=Period.choices)
    responsible_name = models.CharField(_("responsible person"), max_length=60)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("account"),
    )
    length_m = models.FloatField(_("length of the walk (m)"), default=0.0)
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("patrol route")
        verbose_name_plural = _("patrol routes")
        constraints = [
            models.UniqueConstraint(
                fields=["site", "level", "period", "responsible_name"], name="patrol_route_once_per_person"
            )
        ]

    def __str__(self) -> str:
        return f"{self.responsible_name} · {self.get_level_display()} · {self.get_period_display()}"


class PatrolStop(SiteRow):
    """A risk point on a route, at its place in the walk."""

    route = models.ForeignKey(PatrolRoute, on_delete=models.CASCADE, related_name="stops")
    risk_point = models.ForeignKey("risks.RiskPoint", on_delete=models.CASCADE, related_name="patrol_stops")
    position = models.PositiveIntegerField(_("place in the walk"))
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("patrol stop")
        verbose_name_plural = _("patrol stops")
        constraints = [models.UniqueConstraint(fields=["route", "risk_point"], name="risk_point_once_per_route")]

    def __str__(self) -> str:
        return f"{self.position} {self.risk_point}"


class Patrol(SiteRow):
    """One due check of a stop: open until it is done or withdrawn; done, it is a record that stays (S3.59).

    It is due at the end of its period. Not done one more period later, `missed_from`, it colours its risk point by
    a trigger that was written when the patrol was scheduled.
    """

    class Outcome(models.TextChoices):
        GOOD = "good", _("Controls in place")
        FINDING = "finding", _("Finding")

    stop = models.ForeignKey(PatrolStop, on_delete=models.CASCADE, related_name="patrols")
    risk_point = models.ForeignKey("risks.RiskPoint", on_delete=models.CASCADE, related_name="patrols")
    opens_at = models.DateTimeField(_("opens"))
    due_at = models.DateTimeField(_("due"))
    missed_from = models.DateTimeField(_("missed from"))
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    done_by_name = models.CharField(_("done by"), max_length=80, blank=True)
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome.choices, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    location = models.PointField(_("where it was done"), srid=4490, null=True, blank=True)
    accuracy_m = models.FloatField(_("accuracy (m)"), null=True, blank=True)
    distance_m = models.FloatField(_("distance from the risk point (m)"), null=True, blank=True)
    by_code = models.BooleanField(_("code scanned"), default=False)
    photo_sha256 = models.CharField(_("photo"), max_length=64, blank=True)
    hazard_id = models.UUIDField(_("reported hazard"), null=True, blank=True)
    rule_edition = models.ForeignKey("rulebook.Edition", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("patrol")
        verbose_name_plural = _("patrols")
        constraints = [
            models.UniqueConstraint(
                fields=["stop"],
                condition=models.Q(done_at__isnull=True, withdrawn_at__isnull=True),
                name="one_open_patrol_per_stop",
            ),
            models.CheckConstraint(
                name="patrol_opens_is_due_is_missed",
                condition=models.Q(opens_at__lt=models.F("due_at"), due_at__lt=models.F("missed_from")),
            ),
        ]
        indexes = [
            models.Index(fields=["site", "done_at"], name="patrols_of_site_by_done"),
            models.Index(fields=["site", "due_at"], name="patrols_of_site_by_due"),
        ]

    def __str__(self) -> str:
        return f"{self.risk_point} {self.due_at:%Y-%m-%d %H:%M}"
