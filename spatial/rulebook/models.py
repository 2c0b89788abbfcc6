"""Editions of the tables that rules read, and which pack is chosen where; a record keeps the edition of its day."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from spatial.scope import Row


class RulePack(Row):
    """A family of editions: the national one, a province's, or one that an organisation keeps for itself."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    title = models.CharField(_("title"), max_length=120)
    organisation = models.ForeignKey(
        "places.Organisation",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("organisation"),
    )

    class Meta:
        verbose_name = _("rule pack")
        verbose_name_plural = _("rule packs")

    def __str__(self) -> str:
        return self.code


class Edition(Row):
    """One edition of the rule tables: a pack code, a version, validity, and the tables with source and confidence.

    An edition with a `base` stores only what it says otherwise; read it by `queries.table`, which puts both together.
    """

    pack = models.CharField(_("rule pack"), max_length=40)
    version = models.CharField(_("version"), max_length=20)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    base = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("inherits")
    )
    tables = models.JSONField(_("tables"))
    differences = models.JSONField(_("differences"), default=list, blank=True)
    sha256 = models.CharField(_("hash of the tables"), max_length=64)

    class Meta:
        verbose_name = _("rule edition")
        verbose_name_plural = _("rule editions")
        constraints = [models.UniqueConstraint(fields=["pack", "version"], name="edition_once_per_pack")]

    def __str__(self) -> str:
        return f"{self.pack} {self.version}"


class PackChoice(Row):
    """From a day on, an organisation (and all below it) or a region follows a pack; None is: what is above again."""

    organisation = models.ForeignKey(
        "places.Organisation",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("organisation"),
    )
    region = models.ForeignKey(
        "places.Region", on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("region")
    )
    pack = models.ForeignKey(
        RulePack, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("rule pack")
    )
    valid_from = models.DateField(_("valid from"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("choice of a rule pack")
        verbose_name_plural = _("choices of rule packs")
        constraints = [
            models.CheckConstraint(
                name="pack_choice_has_one_reach",
                condition=models.Q(organisation__isnull=False, region__isnull=True)
                | models.Q(organisation__isnull=True, region__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation or self.region}: {self.pack or '–'} {self.valid_from}"
