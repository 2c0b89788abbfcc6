"""Devices with their add-ons, calibrations and papers; how foreign ones speak; the messages that were refused."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from spatial.scope import SiteRow


class Device(SiteRow):
    """A helmet, tag, machine, sensor, gateway, camera or terminal."""

    class Kind(models.TextChoices):
        HELMET = "helmet", _("Smart helmet")
        CAMERA = "camera", _("Camera")
        CRANE = "crane", _("Tower crane")
        HOIST = "hoist", _("Hoist")
        SENSOR = "sensor", _("Sensor")
        VEHICLE = "vehicle", _("Vehicle")
        TAG = "tag", _("Tag")
        GATEWAY = "gateway", _("Gateway")
        TERMINAL = "terminal", _("Terminal")

    class Protocol(models.TextChoices):
        TWINWALL = "twinwall", _("Twinwall (JSON or binary)")
        SENSORTHINGS = "sensorthings", _("SensorThings")
        MAPPED = "mapped", _("Own JSON, mapped")
        JT808 = "jt808", _("JT/T 808")
        SILENT = "silent", _("sends nothing")

    class Datum(models.TextChoices):
        WGS84 = "WGS84", "WGS84"
        CGCS2000 = "CGCS2000", "CGCS2000"
        GCJ02 = "GCJ-02", "GCJ-02"

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    person = models.ForeignKey(
        "people.Person", on_delete=models.SET_NULL, null=True, blank=True, related_name="devices"
    )
    anchor = models.OneToOneField(
        "places.Anchor", on_delete=models.PROTECT, null=True, blank=True, related_name="device"
    )
    credential_hash = models.CharField(_("broker credential (hash)"), max_length=200, blank=True)
    report_interval_s = models.PositiveIntegerField(_("report interval (s)"), default=5)
    active = models.BooleanField(_("in use"), default=True)
    maker = models.CharField(_("maker"), max_length=80, blank=True)
    model = models.CharField(_("model"), max_length=80, blank=True)
    serial_number = models.CharField(_("serial number"), max_length=80, blank=True)
    firmware = models.CharField(_("firmware"), max_length=60, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    protocol = models.CharField(_("protocol"), max_length=16, choices=Protocol.choices, default=Protocol.TWINWALL)
    datum = models.CharField(_("datum"), max_length=10, choices=Datum.choices, default=Datum.WGS84)
    mapping = models.ForeignKey(
        "MappingVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="devices"
    )
    terminal_number = models.CharField(_("terminal number (JT/T 808)"), max_length=20, blank=True)
    may_register_until = models.DateTimeField(_("may register until (JT/T 808)"), null=True, blank=True)
    retired_at = models.DateTimeField(_("out of use since"), null=True, blank=True)

    class Meta:
        verbose_name = _("device")
        verbose_name_plural = _("devices")
        constraints = [
            models.UniqueConstraint(
                fields=["terminal_number"], condition=~models.Q(terminal_number=""), name="terminal_number_once"
            ),
            models.UniqueConstraint(
                fields=["maker", "serial_number"], condition=~models.Q(serial_number=""), name="serial_number_once"
            ),
        ]
        indexes = [models.Index(fields=["site", "active", "kind"], name="devices_of_site")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class AddOn(SiteRow):
    """A part that its user chose for a device (S0.24): what it measures, in which unit, on which channel."""

    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="add_ons")
    kind = models.CharField(_("add-on"), max_length=32)
    quantity = models.CharField(_("quantity"), max_length=40, blank=True)
    unit = models.CharField(_("unit"), max_length=16, blank=True)
    channel = models.CharField(_("channel"), max_length=40, blank=True)
    serial_number = models.CharField(_("serial number"), max_length=80, blank=True)
    removed_at = models.DateTimeField(_("taken off"), null=True, blank=True)

    class Meta:
        verbose_name = _("add-on")
        verbose_name_plural = _("add-ons")
        ordering = ["kind", "quantity", "channel"]
        constraints = [
            models.UniqueConstraint(
                fields=["device", "kind", "quantity", "channel"],
                condition=models.Q(removed_at__isnull=True),
                name="add_on_once_per_channel",
            )
        ]

    def __str__(self) -> str:
        return " ".join(part for part in (self.kind, self.quantity, self.channel) if part)


class Calibration(SiteRow):
    """What a laboratory found: true value = raw value times `scale` plus `offset`, from `done_on` on."""

    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="calibrations")
    quantity = models.CharField(_("quantity"), max_length=40)
    channel = models.CharField(_("channel"), max_length=40, blank=True)
    scale = models.FloatField(_("scale"), default=1.0)
    offset = models.FloatField(_("offset"), default=0.0)
    done_on = models.DateField(_("calibrated on"))
    due_on = models.DateField(_("due on"))
    certificate_number = models.CharField(_("certificate number"), max_length=80)
    laboratory = models.CharField(_("laboratory"), max_length=120, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    class Meta:
        verbose_name = _("calibration")
        verbose_name_plural = _("calibrations")
        ordering = ["quantity", "channel", "-done_on"]
        indexes = [models.Index(fields=["device", "quantity", "channel", "-done_on"], name="calibration_in_force")]
        constraints = [
            models.CheckConstraint(
                name="calibration_due_after_done", condition=models.Q(due_on__gt=models.F("done_on"))
            ),
            models.CheckConstraint(name="calibration_scale_not_zero", condition=~models.Q(scale=0.0)),
        ]

    def __str__(self) -> str:
        return f"{self.device.code} {self.quantity} {self.done_on}"


class Paper(SiteRow):
    """A certificate, inspection, filing or insurance of a device, with its last day; a newer one replaces it."""

    class Kind(models.TextChoices):
        INSPECTION = "inspection", _("Inspection report")
        CERTIFICATE = "certificate", _("Product certificate")
        FILING = "filing", _("Filing of ownership")
        USE_PERMIT = "use_permit", _("Registration of use")
        INSURANCE = "insurance", _("Insurance")
        EXPLOSION = "explosion", _("Explosion-proof certificate")

    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="papers")
    kind = models.CharField(_("paper"), max_length=16, choices=Kind.choices)
    number = models.CharField(_("number"), max_length=80)
    issued_by = models.CharField(_("issued by"), max_length=120, blank=True)
    issued_on = models.DateField(_("issued on"))
    expires_on = models.DateField(_("last day"))
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    class Meta:
        verbose_name = _("paper of a device")
        verbose_name_plural = _("papers of devices")
        ordering = ["kind", "-expires_on"]
        indexes = [models.Index(fields=["site", "expires_on"], name="papers_by_last_day")]
        constraints = [
            models.CheckConstraint(
                name="paper_ends_after_issue", condition=models.Q(expires_on__gte=models.F("issued_on"))
            )
        ]

    def __str__(self) -> str:
        return f"{self.device.code} {self.get_kind_display()} {self.number}"


class Reminder(SiteRow):
    """That a paper or calibration was reminded of at a level: once each, so a task that runs again says nothing."""

    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="reminders")
    subject_id = models.UUIDField(_("paper or calibration"))
    level = models.CharField(_("level"), max_length=8)
    reminded_on = models.DateField(_("reminded on"))

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints = [models.UniqueConstraint(fields=["subject_id", "level"], name="reminded_once_per_level")]

    def __str__(self) -> str:
        return f"{self.subject_id} {self.level}"


class Sighting(models.Model):
    """When a device was last heard of, written at most every few seconds: receive time, event time, battery.

    `delays_ms` holds receive minus event time of the last messages, the newest first: their median is the clock offset.
    """

    device = models.OneToOneField(Device, on_delete=models.CASCADE, primary_key=True, related_name="sighting")
    received_at = models.DateTimeField(_("last message"))
    event_at = models.DateTimeField(_("event time of the last message"), null=True)
    boot_id = models.CharField(_("boot"), max_length=40, blank=True)
    battery_percent = models.PositiveSmallIntegerField(_("battery (%)"), null=True)
    delays_ms = ArrayField(models.IntegerField(), verbose_name=_("delays (ms)"), default=list)

    class Meta:
        verbose_name = _("sighting")
        verbose_name_plural = _("sightings")

    def __str__(self) -> str:
        return f"{self.device_id} {self.received_at}"


class StreamBinding(SiteRow):
    """A SensorThings datastream of a sender: which device and quantity its observations are of."""

    sender = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="datastreams")
    stream_id = models.CharField(_("datastream id"), max_length=80)
    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="bound_datastreams")
    quantity = models.CharField(_("quantity"), max_length=40, blank=True)
    channel = models.CharField(_("channel"), max_length=40, blank=True)
    scale = models.FloatField(_("scale"), default=1.0)

    class Meta:
        verbose_name = _("binding of a datastream")
        verbose_name_plural = _("bindings of datastreams")
        ordering = ["stream_id"]
        constraints = [models.UniqueConstraint(fields=["sender", "stream_id"], name="datastream_once_per_sender")]

    def __str__(self) -> str:
        return f"{self.sender.code} {self.stream_id}"


class Mapping(SiteRow):
    """How payloads of one make of devices are read; what it says is in its versions."""

    name = models.CharField(_("name"), max_length=80)

    class Meta:
        verbose_name = _("mapping")
        verbose_name_plural = _("mappings")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["site", "name"], name="mapping_name_once_per_site")]

    def __str__(self) -> str:
        return self.name


class MappingVersion(SiteRow):
    """One version of a mapping, which never changes; a device names the version that reads it."""

    mapping = models.ForeignKey(Mapping, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    body = models.JSONField(_("mapping"))
    example = models.TextField(_("example payload"), blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("version of a mapping")
        verbose_name_plural = _("versions of mappings")
        ordering = ["mapping", "-number"]
        constraints = [models.UniqueConstraint(fields=["mapping", "number"], name="mapping_version_once")]

    def __str__(self) -> str:
        return f"{self.mapping} · {self.number}"


class RefusedMessage(models.Model):
    """A message that could not be used, kept with the reason so that somebody can look at it."""

    id = models.BigAutoField(primary_key=True)
    topic = models.CharField(_("topic"), max_length=200)
    device_code = models.CharField(_("device"), max_length=40, blank=True, db_index=True)
    site = models.ForeignKey("places.Site", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    payload = models.BinaryField(_("payload"))
    reason = models.CharField(_("reason"), max_length=300)
    received_at = models.DateTimeField(_("received at"))
    repeats = models.PositiveIntegerField(_("further ones like it, counted and not kept"), default=0)
    last_received_at = models.DateTimeField(_("last one received at"), null=True)

    class Meta:
        verbose_name = _("refused message")
        verbose_name_plural = _("refused messages")
        ordering = ["-id"]
        indexes = [models.Index(fields=["site", "-id"], name="refusals_of_site")]

    def __str__(self) -> str:
        return f"{self.device_code}: {self.reason}"


class BackfillFile(SiteRow):
    """A file of held-back fixes of a device on its way: checked whole, shown, then taken in pieces.

    `facts` is what the check found, `faults` the lines that are wrong as [line, reason].
    """

    class State(models.TextChoices):
        CHECKING = "checking", _("being checked")
        FAULTY = "faulty", _("has faults")
        READY = "ready", _("waits for your word")
        WAITING = "waiting", _("waits for its turn")
        RUNNING = "running", _("being taken")
        DONE = "done", _("taken")
        CANCELLED = "cancelled", _("cancelled")
        FAILED = "failed", _("failed")

    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="backfill_files")
    file_name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField("SHA-256", max_length=64)
    size_bytes = models.PositiveIntegerField(_("size (bytes)"))
    kind = models.CharField(_("kind of file"), max_length=8)
    frame = models.CharField(_("coordinates"), max_length=60)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.CHECKING)
    facts = models.JSONField(_("what it holds"), default=dict)
    faults = models.JSONField(_("faults"), default=list)
    taken = models.PositiveIntegerField(_("fixes taken"), null=True)
    duplicate = models.PositiveIntegerField(_("fixes taken before"), null=True)
    reason = models.CharField(_("why not"), max_length=300, blank=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("file of held-back fixes")
        verbose_name_plural = _("files of held-back fixes")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["site", "-created_at"], name="backfill_files_of_site")]

    def __str__(self) -> str:
        return f"{self.device.code} {self.file_name}"
