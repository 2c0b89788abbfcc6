"""What was last known of each machine, what its rules remember and found, and the trace of what was judged."""

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from spatial.scope import SiteRow, SiteRowQuerySet


class MachineLatest(models.Model):
    """The newest thing known of a machine, by event time; older news never overwrites it.

    `values` holds the newest value of each quantity, `motion` the pose or place with its speeds that follows from them.
    """

    machine = models.OneToOneField(
        "machines.Machine", on_delete=models.CASCADE, primary_key=True, related_name="latest"
    )
    site = models.ForeignKey("places.Site", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(_("event time"))
    received_at = models.DateTimeField(_("received at"))
    values = models.JSONField(_("values"), default=dict)
    motion = models.JSONField(_("motion"), default=dict)

    objects = SiteRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("newest machine state")
        verbose_name_plural = _("newest machine states")

    def __str__(self) -> str:
        return f"{self.machine_id} {self.at}"


class Watch(models.Model):
    """The memory of one rule about one machine and one other: a person, a machine, a place, or nothing."""

    machine = models.ForeignKey("machines.Machine", on_delete=models.CASCADE, related_name="watches")
    rule = models.CharField(_("rule"), max_length=8)
    other = models.CharField(_("other"), max_length=40, blank=True)
    raised = models.BooleanField(_("raised"), default=False)
    state = models.JSONField(_("state"), default=dict)

    class Meta:
        verbose_name = _("watch")
        verbose_name_plural = _("watches")
        constraints = [models.UniqueConstraint(fields=["machine", "rule", "other"], name="watch_once")]

    def __str__(self) -> str:
        return f"{self.rule} {self.machine_id} {self.other}"


class WatchChange(models.Model):
    """The memory of a rule from a moment on; kept for a day, so that late news can be judged in its place."""

    machine = models.ForeignKey("machines.Machine", on_delete=models.CASCADE, related_name="+")
    rule = models.CharField(_("rule"), max_length=8)
    other = models.CharField(_("other"), max_length=40, blank=True)
    at = models.DateTimeField(_("event time"))
    state = models.JSONField(_("state"), default=dict)

    class Meta:
        verbose_name = _("change of a watch")
        verbose_name_plural = _("changes of watches")
        constraints = [models.UniqueConstraint(fields=["machine", "rule", "other", "at"], name="watch_change_once")]
        indexes = [models.Index(fields=["other", "at"], name="watch_changes_of_other")]

    def __str__(self) -> str:
        return f"{self.rule} {self.machine_id} {self.other} {self.at}"


class MachineTrace(models.Model):
    """The news of one batch about machines and the people near them, as it was judged; kept for a day.

    `after` holds the states of all machines when everything up to `after_at` was judged; both are emptied when later
    news changes them.
    """

    site = models.ForeignKey("places.Site", on_delete=models.CASCADE, related_name="+")
    first_at = models.DateTimeField(_("first event time"))
    last_at = models.DateTimeField(_("last event time"))
    body = models.BinaryField(_("news"))
    after_at = models.DateTimeField(_("states known at"), null=True)
    after = models.JSONField(_("states"), default=list)

    objects = models.Manager()

    class Meta:
        verbose_name = _("trace of machines")
        verbose_name_plural = _("traces of machines")
        indexes = [
            models.Index(fields=["site", "last_at"], name="machine_traces_by_time"),
            models.Index(fields=["site", "after_at"], name="machine_traces_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.site_id} {self.last_at}"


class MachineEvent(SiteRow):
    """A rule about a machine began to hold, got worse, or ended; with the numbers it was decided by.

    `late` says that news which came late brought it about; one that later news disproved is kept, withdrawn.
    """

    class Kind(models.TextChoices):
        RAISED = "raised", _("has begun")
        WORSENED = "worsened", _("got worse")
        CLEARED = "cleared", _("has ended")

    machine = models.ForeignKey("machines.Machine", on_delete=models.CASCADE, related_name="events")
    rule = models.CharField(_("rule"), max_length=8)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    level = models.CharField(_("level"), max_length=8)
    other = models.CharField(_("other"), max_length=40, blank=True)
    other_name = models.CharField(_("name of the other"), max_length=120, blank=True)
    at = models.DateTimeField(_("event time"))
    received_at = models.DateTimeField(_("received at"))
    numbers = models.JSONField(_("numbers"), default=dict)
    late = models.BooleanField(_("late"), default=False)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    class Meta:
        verbose_name = _("machine event")
        verbose_name_plural = _("machine events")
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(fields=["machine", "rule", "other", "kind", "at"], name="machine_event_once")
        ]
        indexes = [models.Index(fields=["site", "at"], name="machine_events_by_time")]

    def __str__(self) -> str:
        return f"{self.rule} {self.kind} {self.at}"
