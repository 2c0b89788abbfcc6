"""Units that hold dangerous substances (GB 18218-2018), what they hold, and each judgement of them."""

from __future__ import annotations

from django.conf import settings
from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from spatial.scope import SiteRow


class HazardUnit(SiteRow):
    """A production or storage unit (单元): cut off by valves, by a dyke or by its own store; its place is a zone."""

    class Kind(models.TextChoices):
        PRODUCTION = "production", _("Production unit")
        STORAGE = "storage", _("Storage unit")

    class Standing(models.TextChoices):
        BELOW = "below", _("Below the critical amount")
        NEAR = "near", _("Close to the critical amount")
        SOURCE = "source", _("Major hazard installation")

    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    zone = models.OneToOneField("zones.Zone", on_delete=models.PROTECT, related_name="hazard_unit")
    exposed_people = models.PositiveIntegerField(_("people within 500 m outside the boundary"), default=0)
    responsible_name = models.CharField(_("responsible person"), max_length=60)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    devices = models.ManyToManyField(
        "devices.Device", blank=True, related_name="hazard_units", verbose_name=_("sensors and cameras")
    )
    standing = models.CharField(_("standing"), max_length=8, choices=Standing.choices, default=Standing.BELOW)
    level = models.PositiveSmallIntegerField(_("level"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("unit with dangerous substances")
        verbose_name_plural = _("units with dangerous substances")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["site", "code"], name="hazard_unit_code_once_per_site"),
            models.CheckConstraint(
                name="hazard_unit_has_a_level_when_it_is_a_source",
                condition=models.Q(standing="source", level__gte=1, level__lte=4)
                | (~models.Q(standing="source") & models.Q(level__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class UnitSubstance(SiteRow):
    """A substance that a unit holds: its critical amount and factor with their source, and the amount of now."""

    unit = models.ForeignKey(HazardUnit, on_delete=models.CASCADE, related_name="substances")
    name = models.CharField(_("substance"), max_length=80)
    critical_t = models.DecimalField(_("critical amount Q (t)"), max_digits=9, decimal_places=3)
    beta = models.DecimalField(_("factor β"), max_digits=5, decimal_places=2)
    source = models.CharField(_("source of Q and β"), max_length=200)
    design_t = models.DecimalField(_("largest amount by design (t)"), max_digits=12, decimal_places=3)
    amount_t = models.DecimalField(_("amount now (t)"), max_digits=12, decimal_places=3, default=0)
    amount_at = models.DateTimeField(_("measured or entered at"), null=True, blank=True)
    stream = models.ForeignKey(
        "observations.Datastream", on_delete=models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("measurement that the amount follows"),
    )  # fmt: skip
    factor = models.DecimalField(_("tonnes per unit measured"), max_digits=12, decimal_places=6, null=True, blank=True)

    class Meta:
        verbose_name = _("substance of a unit")
        verbose_name_plural = _("substances of units")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "name"], name="unit_substance_once"),
            models.CheckConstraint(
                name="unit_substance_amounts_are_not_negative",
                condition=models.Q(critical_t__gt=0, beta__gt=0, design_t__gte=0, amount_t__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class StockRecord(SiteRow):
    """An amount entered by a person or told by a device; never changed afterwards."""

    substance = models.ForeignKey(UnitSubstance, on_delete=models.CASCADE, related_name="records")
    amount_t = models.DecimalField(_("amount (t)"), max_digits=12, decimal_places=3)
    at = models.DateTimeField(_("event time"))
    received_at = models.DateTimeField(_("received at"))
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    device = models.ForeignKey("devices.Device", on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("stock record")
        verbose_name_plural = _("stock records")
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["substance", "at"], name="stock_of_substance_by_time")]

    def __str__(self) -> str:
        return f"{self.substance} {self.amount_t} t"


class Identification(SiteRow):
    """A signed judgement of a unit at its largest amounts by design, with everything it was computed from."""

    unit = models.ForeignKey(HazardUnit, on_delete=models.CASCADE, related_name="identifications")
    judged_at = models.DateTimeField(_("judged at"))
    judged_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    facts = models.JSONField(_("facts"))
    s = models.FloatField("S")
    alpha = models.FloatField("α")
    r = models.FloatField("R", null=True)
    level = models.PositiveSmallIntegerField(_("level"), null=True)
    standing = models.CharField(_("standing"), max_length=8, choices=HazardUnit.Standing.choices)

    class Meta:
        verbose_name = _("identification")
        verbose_name_plural = _("identifications")
        ordering = ["-judged_at"]

    def __str__(self) -> str:
        return f"{self.unit} {self.judged_at:%Y-%m-%d}"
