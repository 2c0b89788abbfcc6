"""Alarms and their life, the conditions that a site changed, and what the watch remembers."""

from django.conf import settings
from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from spatial.scope import SiteRow

_USER = settings.AUTH_USER_MODEL


def _user() -> models.ForeignKey:
    return models.ForeignKey(_USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")


class Alarm(SiteRow):
    """One alarm of one rule about one subject; it is active until `cleared_at` and done with at `closed_at`.

    A late alarm (its fact was older than 60 s at receipt) stands in the record, without sound and live colour. One
    that a later fact disproved is kept and marked. `subject` says what it is about: one alarm per site and subject is
    active; `repeats` counts how often its fact came again.
    """

    class Level(models.TextChoices):
        BLUE = "blue", _("Blue")
        YELLOW = "yellow", _("Yellow")
        ORANGE = "orange", _("Orange")
        RED = "red", _("Red")

    rule = models.CharField(_("rule"), max_length=8)
    level = models.CharField(_("level"), max_length=8, choices=Level.choices)
    title = models.CharField(_("title"), max_length=200)
    title_en = models.CharField(_("title in English"), max_length=200, blank=True, default="")
    subject = models.CharField(_("subject"), max_length=240)
    zone = models.ForeignKey("zones.Zone", on_delete=models.CASCADE, null=True, blank=True, related_name="alarms")
    device = models.ForeignKey("devices.Device", on_delete=models.CASCADE, null=True, blank=True, related_name="alarms")
    datastream = models.ForeignKey(
        "observations.Datastream", on_delete=models.CASCADE, null=True, blank=True, related_name="alarms"
    )
    risk_point = models.ForeignKey(
        "risks.RiskPoint", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    condition = models.CharField(_("condition"), max_length=80, blank=True)
    value = models.FloatField(_("value"), null=True, blank=True)
    person_name = models.CharField(_("person"), max_length=60, blank=True)
    storey = models.ForeignKey("places.Storey", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    location = models.PointField(_("location"), srid=4490, dim=3, null=True, blank=True)
    raised_at = models.DateTimeField(_("event time"))
    received_at = models.DateTimeField(_("received at"))
    late = models.BooleanField(_("late"), default=False)
    repeats = models.PositiveIntegerField(_("repeats"), default=0)
    cleared_at = models.DateTimeField(_("cleared at"), null=True, blank=True)
    cleared_by = _user()
    acknowledged_at = models.DateTimeField(_("acknowledged at"), null=True, blank=True)
    acknowledged_by = _user()
    handled_at = models.DateTimeField(_("handled at"), null=True, blank=True)
    handled_by = _user()
    handling = models.TextField(_("what was done"), blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    closed_by = _user()
    false_reason = models.CharField(_("why it was a false alarm"), max_length=24, blank=True)
    false_note = models.CharField(_("note on the false alarm"), max_length=200, blank=True)
    disproved_at = models.DateTimeField(_("disproved at"), null=True, blank=True)
    reminders = models.PositiveIntegerField(_("reminders"), default=0)
    remind_at = models.DateTimeField(_("next reminder"), null=True, blank=True)
    escalated_to = models.PositiveSmallIntegerField(_("escalated to step"), default=0)
    escalate_at = models.DateTimeField(_("next escalation"), null=True, blank=True)
    draft_considered = models.BooleanField(_("a hazard draft was considered"), default=False)
    rule_edition = models.ForeignKey("rulebook.Edition", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("alarm")
        verbose_name_plural = _("alarms")
        ordering = ["-raised_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "subject"],
                condition=models.Q(cleared_at__isnull=True),
                name="one_active_alarm_per_subject",
            )
        ]
        indexes = [
            models.Index(fields=["site", "raised_at"], name="alarm_of_site_by_time"),
            models.Index(fields=["datastream", "condition", "raised_at"], name="alarm_of_stream_by_time"),
            models.Index(
                fields=["remind_at"], condition=models.Q(remind_at__isnull=False), name="alarm_to_be_reminded_of"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class AlarmPhoto(SiteRow):
    """A photo of how an alarm was handled."""

    alarm = models.ForeignKey(Alarm, on_delete=models.CASCADE, related_name="photos")
    sha256 = models.CharField(_("photo"), max_length=64)
    taken_by = _user()

    class Meta:
        verbose_name = _("alarm photo")
        verbose_name_plural = _("alarm photos")
        constraints = [models.UniqueConstraint(fields=["alarm", "sha256"], name="photo_of_alarm_once")]

    def __str__(self) -> str:
        return self.sha256[:12]


class AlarmNotice(SiteRow):
    """A user was told of an alarm by a step of its escalation; `seen_at` is when they opened or acknowledged it."""

    alarm = models.ForeignKey(Alarm, on_delete=models.CASCADE, related_name="notices")
    user = models.ForeignKey(_USER, on_delete=models.CASCADE, related_name="alarm_notices")
    role = models.CharField(_("role"), max_length=24)
    step = models.PositiveSmallIntegerField(_("step"))
    sent_at = models.DateTimeField(_("sent at"))
    seen_at = models.DateTimeField(_("seen at"), null=True, blank=True)

    class Meta:
        verbose_name = _("alarm notice")
        verbose_name_plural = _("alarm notices")
        constraints = [models.UniqueConstraint(fields=["alarm", "user", "step"], name="alarm_notice_once_per_step")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.step}"


class HazardDraft(SiteRow):
    """A hazard that alarms speak for: somebody completes it with photos (`hazard`), or dismisses it with a reason."""

    class Cause(models.TextChoices):
        NOT_CLEARED = "not_cleared", _("A red alarm was not cleared in time")
        REPEATED = "repeated", _("The same alarm came again in one shift")

    alarm = models.OneToOneField(Alarm, on_delete=models.CASCADE, related_name="draft")
    cause = models.CharField(_("cause"), max_length=16, choices=Cause.choices)
    risk_point = models.ForeignKey(
        "risks.RiskPoint", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    description = models.TextField(_("description"))
    description_en = models.TextField(_("description in English"), blank=True, default="")
    opened_at = models.DateTimeField(_("opened at"))
    hazard = models.OneToOneField(
        "hazards.Hazard", on_delete=models.PROTECT, null=True, blank=True, related_name="alarm_draft"
    )
    dismissed_at = models.DateTimeField(_("dismissed at"), null=True, blank=True)
    dismissed_by = _user()
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("hazard draft")
        verbose_name_plural = _("hazard drafts")
        ordering = ["-opened_at"]

    def __str__(self) -> str:
        return self.description[:60]


class AlarmRule(SiteRow):
    """A condition as a site set it otherwise than its edition, from `valid_from` until `replaced_at`.

    It holds for the whole site, for one zone, or for one datastream; the narrowest one counts. Rows are never
    changed: a change replaces the row, going back to the edition's values replaces it by none.
    """

    key = models.CharField(_("condition"), max_length=80)
    zone = models.ForeignKey("zones.Zone", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    datastream = models.ForeignKey(
        "observations.Datastream", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    quantity = models.CharField(_("quantity"), max_length=40)
    aggregate = models.CharField(_("looks at"), max_length=16)
    basis = models.CharField(_("in"), max_length=8)
    absolute = models.BooleanField(_("size only"), default=False)
    clearing = models.CharField(_("cleared by"), max_length=8)
    clear_limit = models.FloatField(_("clear limit"), null=True, blank=True)
    clear_hold_s = models.FloatField(_("clear hold (s)"), default=0)
    periods = models.JSONField(_("active periods"), default=list, blank=True)
    device_kinds = models.JSONField(_("kinds of device"), default=list, blank=True)
    enabled = models.BooleanField(_("in use"), default=True)
    again_count = models.PositiveSmallIntegerField(_("alarms of a day"), null=True, blank=True)
    again_level = models.CharField(_("level from then on"), max_length=8, blank=True)
    valid_from = models.DateTimeField(_("valid from"))
    replaced_at = models.DateTimeField(_("replaced at"), null=True, blank=True)
    changed_by = _user()
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    rule_edition = models.ForeignKey("rulebook.Edition", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("alarm rule")
        verbose_name_plural = _("alarm rules")
        ordering = ["key", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "key", "zone", "datastream"],
                condition=models.Q(replaced_at__isnull=True),
                nulls_distinct=False,
                name="one_alarm_rule_in_force",
            ),
            models.CheckConstraint(
                name="alarm_rule_has_one_scope",
                condition=models.Q(zone__isnull=True) | models.Q(datastream__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.key


class AlarmRuleStep(models.Model):
    """A limit of an alarm rule and the level that it brings."""

    id = models.BigAutoField(primary_key=True)
    alarm_rule = models.ForeignKey(AlarmRule, on_delete=models.CASCADE, related_name="steps")
    level = models.CharField(_("level"), max_length=8, choices=Alarm.Level.choices)
    operator = models.CharField(_("operator"), max_length=2)
    limit = models.FloatField(_("limit"))
    hold_s = models.FloatField(_("hold (s)"), default=0)

    class Meta:
        verbose_name = _("step of an alarm rule")
        verbose_name_plural = _("steps of an alarm rule")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["alarm_rule", "level"], name="alarm_rule_step_once_per_level")]

    def __str__(self) -> str:
        return f"{self.level} {self.operator} {self.limit:g}"


class ConditionMemory(models.Model):
    """What the evaluator remembers of a condition on a datastream between readings; no row is nothing."""

    id = models.BigAutoField(primary_key=True)
    datastream = models.ForeignKey("observations.Datastream", on_delete=models.CASCADE, related_name="+")
    key = models.CharField(_("condition"), max_length=80)
    state = models.JSONField(_("state"))

    class Meta:
        verbose_name = _("memory of a condition")
        verbose_name_plural = _("memories of conditions")
        constraints = [models.UniqueConstraint(fields=["datastream", "key"], name="condition_memory_once")]

    def __str__(self) -> str:
        return self.key


class Silence(models.Model):
    """The last packet of a device after which its silence was looked at, so that each silence is looked at once."""

    device = models.OneToOneField("devices.Device", on_delete=models.CASCADE, primary_key=True, related_name="+")
    last_packet_at = models.DateTimeField(_("last packet"))

    class Meta:
        verbose_name = _("silence of a device")
        verbose_name_plural = _("silences of devices")

    def __str__(self) -> str:
        return f"{self.device_id} {self.last_packet_at}"


class DeviceSignal(SiteRow):
    """What a device said of its wearer: SOS, fall, no motion, taken off ...; `ended` says that it is over."""

    device = models.ForeignKey("devices.Device", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(_("kind"), max_length=16)
    time = models.DateTimeField(_("event time"))
    received_at = models.DateTimeField(_("received at"))
    ended = models.BooleanField(_("is over"), default=False)

    class Meta:
        verbose_name = _("signal of a device")
        verbose_name_plural = _("signals of devices")
        constraints = [models.UniqueConstraint(fields=["device", "kind", "time", "ended"], name="device_signal_once")]
        indexes = [models.Index(fields=["kind", "device", "time"], name="signal_by_kind_and_device")]

    def __str__(self) -> str:
        return f"{self.kind} {self.time}"
