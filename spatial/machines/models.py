"""Machines with their papers and records; and what cranes may not reach. What moves is in `moving_models`."""

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from spatial.machines.moving_models import MachineEvent, MachineLatest, MachineTrace, Watch, WatchChange
from spatial.scope import SiteRow

__all__ = ["MachineEvent", "MachineLatest", "MachineTrace", "Watch", "WatchChange"]


class Machine(SiteRow):
    """A machine on a site: what it is, whose it is, where it stands."""

    class Kind(models.TextChoices):
        TOWER_CRANE = "tower_crane", _("Tower crane")
        HOIST = "hoist", _("Construction hoist")
        MOBILE_CRANE = "mobile_crane", _("Mobile crane")
        EXCAVATOR = "excavator", _("Excavator")
        LOADER = "loader", _("Loader")
        TRUCK = "truck", _("Truck")
        PILE_RIG = "pile_rig", _("Piling rig")
        CONCRETE_PUMP = "concrete_pump", _("Concrete pump")
        OTHER = "other", _("Other machine")

    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    maker = models.CharField(_("maker"), max_length=120, blank=True)
    model = models.CharField(_("model"), max_length=60, blank=True)
    factory_number = models.CharField(_("factory number"), max_length=60, blank=True)
    registration_number = models.CharField(_("registration or filing number"), max_length=60, blank=True)
    owner = models.CharField(_("owner"), max_length=120, blank=True)
    lessor = models.CharField(_("lessor"), max_length=120, blank=True)
    anchor = models.OneToOneField(
        "places.Anchor", on_delete=models.PROTECT, null=True, blank=True, related_name="machine"
    )
    devices = models.ManyToManyField("devices.Device", through="MachineDevice", related_name="machines")
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("machine")
        verbose_name_plural = _("machines")
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["site", "code"], name="machine_code_once_per_site")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class MachineDevice(models.Model):
    """Which device tells of which machine; a device tells of one machine only."""

    machine = models.ForeignKey(Machine, on_delete=models.CASCADE, related_name="attached")
    device = models.OneToOneField("devices.Device", on_delete=models.CASCADE, related_name="attached_to")

    class Meta:
        verbose_name = _("attached device")
        verbose_name_plural = _("attached devices")

    def __str__(self) -> str:
        return f"{self.device} · {self.machine}"


class CraneGeometry(models.Model):
    """The measures of a tower crane; heights are above its base, whose own height is that of the machine's anchor.

    `load_chart` holds [radius m, rated load t] by radius; `slew_zero_deg` is the direction from map east in which the
    device says 0.
    """

    machine = models.OneToOneField(Machine, on_delete=models.CASCADE, primary_key=True, related_name="crane")
    jib_m = models.FloatField(_("jib length (m)"))
    counter_jib_m = models.FloatField(_("counter-jib length (m)"))
    jib_height_m = models.FloatField(_("jib height above base (m)"))
    top_height_m = models.FloatField(_("height of the highest part above base (m)"))
    counterweight_drop_m = models.FloatField(_("counterweight below jib (m)"), default=2.0)
    hook_gap_m = models.FloatField(_("shortest rope (m)"), default=2.5)
    mast_half_m = models.FloatField(_("half width of the mast (m)"), default=0.9)
    slew_brake_deg_s2 = models.FloatField(_("slew braking (deg/s²)"), default=1.15)
    trolley_brake_m_s2 = models.FloatField(_("trolley braking (m/s²)"), default=0.3)
    slew_zero_deg = models.FloatField(_("direction of slew zero from map east (deg)"), default=0.0)
    clockwise = models.BooleanField(_("slew counts clockwise"), default=False)
    load_chart = models.JSONField(_("rated load by radius"), default=list, blank=True)

    class Meta:
        verbose_name = _("crane geometry")
        verbose_name_plural = _("crane geometries")
        constraints = [
            models.CheckConstraint(
                name="crane_measures_are_possible",
                condition=models.Q(
                    jib_m__gt=0, counter_jib_m__gte=0, jib_height_m__gt=0, top_height_m__gte=models.F("jib_height_m")
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.machine}: {self.jib_m} m"


class VehicleGeometry(models.Model):
    """The measures of a machine that drives: body, how far its tool reaches, braking (empty: our default)."""

    machine = models.OneToOneField(Machine, on_delete=models.CASCADE, primary_key=True, related_name="vehicle")
    length_m = models.FloatField(_("length (m)"))
    width_m = models.FloatField(_("width (m)"))
    height_m = models.FloatField(_("height (m)"), default=4.0)
    work_radius_m = models.FloatField(_("work radius (m)"), default=0.0)
    braking_m_s2 = models.FloatField(_("braking (m/s²)"), null=True, blank=True)

    class Meta:
        verbose_name = _("vehicle measures")
        verbose_name_plural = _("vehicle measures")

    def __str__(self) -> str:
        return f"{self.machine}: {self.length_m} × {self.width_m} m"


class MachineDocument(models.Model):
    """A paper of a machine, when it was made and until when it holds."""

    class Kind(models.TextChoices):
        PROPERTY = "property", _("Property certificate")
        FILING = "filing", _("Filing")
        USE = "use", _("Use registration")
        INSTALLATION = "installation", _("Installation")
        INSPECTION = "inspection", _("Inspection")
        ACCEPTANCE = "acceptance", _("Acceptance")
        FALL_ARRESTER = "fall_arrester", _("Fall arrester test")
        DROP_TEST = "drop_test", _("Drop test on site")
        INSURANCE = "insurance", _("Insurance")

    machine = models.ForeignKey(Machine, on_delete=models.CASCADE, related_name="documents")
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    number = models.CharField(_("number"), max_length=60, blank=True)
    done_on = models.DateField(_("done on"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["valid_until", "kind"]
        constraints = [models.UniqueConstraint(fields=["machine", "kind"], name="document_kind_once_per_machine")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"


class OperationRecord(SiteRow):
    """One run of a machine by one person: verified or not, what was done, and what the machine itself counted."""

    machine = models.ForeignKey(Machine, on_delete=models.CASCADE, related_name="operations")
    person = models.ForeignKey(
        "people.Person", on_delete=models.PROTECT, null=True, blank=True, related_name="operations"
    )
    started_at = models.DateTimeField(_("began"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    verified = models.BooleanField(_("operator verified"), default=False)
    verified_by = models.CharField(_("verified by"), max_length=60, blank=True)
    work = models.CharField(_("work"), max_length=200, blank=True)
    lifts = models.PositiveIntegerField(_("lifts"), default=0)
    peak_load_t = models.FloatField(_("greatest load (t)"), null=True, blank=True)
    loaded = models.BooleanField(_("load on the hook"), default=False)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("operation record")
        verbose_name_plural = _("operation records")
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["machine"],
                condition=models.Q(ended_at__isnull=True),
                name="one_open_operation_per_machine",
            )
        ]

    def __str__(self) -> str:
        return f"{self.machine} {self.started_at:%Y-%m-%d %H:%M}"


class MachineCheck(SiteRow):
    """A check sheet of a day before use, or a maintenance: what was looked at, and what was found."""

    class Kind(models.TextChoices):
        DAILY = "daily", _("Check before use")
        MAINTENANCE = "maintenance", _("Maintenance")

    machine = models.ForeignKey(Machine, on_delete=models.CASCADE, related_name="checks")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    done_at = models.DateTimeField(_("done at"))
    done_by = models.CharField(_("done by"), max_length=60)
    findings = models.JSONField(_("items that are not in order"), default=list)
    items = models.PositiveSmallIntegerField(_("items looked at"), default=0)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("machine check")
        verbose_name_plural = _("machine checks")
        ordering = ["-done_at"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.machine}"


class SwingBan(SiteRow):
    """A place over which no load may swing; of one crane, or of all (machine empty)."""

    machine = models.ForeignKey(Machine, on_delete=models.CASCADE, null=True, blank=True, related_name="bans")
    name = models.CharField(_("name"), max_length=80)
    outline = models.PolygonField(_("outline"), srid=4490)
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("forbidden swing sector")
        verbose_name_plural = _("forbidden swing sectors")

    def __str__(self) -> str:
        return self.name


class Obstacle(SiteRow):
    """A structure or a power line that cranes must stay away from."""

    name = models.CharField(_("name"), max_length=80)
    outline = models.PolygonField(_("outline"), srid=4490, null=True, blank=True)
    wire = models.LineStringField(_("wire"), srid=4490, dim=3, null=True, blank=True)
    bottom_m = models.FloatField(_("bottom (m, Yellow Sea 1985)"), null=True, blank=True)
    top_m = models.FloatField(_("top (m, Yellow Sea 1985)"), null=True, blank=True)
    voltage_kv = models.FloatField(_("voltage (kV)"), null=True, blank=True)
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("obstacle")
        verbose_name_plural = _("obstacles")
        constraints = [
            models.CheckConstraint(
                name="obstacle_is_a_structure_or_a_wire",
                condition=models.Q(outline__isnull=False, top_m__isnull=False, wire__isnull=True)
                | models.Q(outline__isnull=True, wire__isnull=False, voltage_kv__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.name


class PitEdge(SiteRow):
    """What the rings around a pit need to know: how deep it is, and whether its walls are supported."""

    zone = models.OneToOneField("zones.Zone", on_delete=models.CASCADE, related_name="pit_edge")
    depth_m = models.FloatField(_("depth (m)"))
    supported = models.BooleanField(_("supported"), default=True)

    class Meta:
        verbose_name = _("pit edge")
        verbose_name_plural = _("pit edges")

    def __str__(self) -> str:
        return f"{self.zone} {self.depth_m} m"
