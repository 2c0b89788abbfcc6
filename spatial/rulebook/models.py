"""Editions of the tables that rules read; a record keeps the edition of its day."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from spatial.scope import Row


class Edition(Row):
    """One edition of the rule tables: a pack code, a version, validity, and the tables with source and confidence."""

    pack = models.CharField(_("rule pack"), max_length=40)
    version = models.CharField(_("version"), max_length=20)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    tables = models.JSONField(_("tables"))
    sha256 = models.CharField(_("hash of the tables"), max_length=64)

    class Meta:
        verbose_name = _("rule edition")
        verbose_name_plural = _("rule editions")
        constraints = [models.UniqueConstraint(fields=["pack", "version"], name="edition_once_per_pack")]

    def __str__(self) -> str:
        return f"{self.pack} {self.version}"
