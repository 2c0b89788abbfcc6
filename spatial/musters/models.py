"""Musters: who was on site when everybody had to leave, who is safe, and who is missing."""

from django.conf import settings
from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from spatial.scope import SiteRow


class Muster(SiteRow):
    """One evacuation, a drill or a real one; at most one of a site runs at a time."""

    drill = models.BooleanField(_("drill"), default=False)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    started_at = models.DateTimeField(_("started at"))
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    note = models.TextField(_("note at the end"), blank=True)

    class Meta:
        verbose_name = _("muster")
        verbose_name_plural = _("musters")
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["site"], condition=models.Q(ended_at__isnull=True), name="one_muster_runs_per_site"
            )
        ]

    def __str__(self) -> str:
        return f"{self.site_id} {self.started_at:%Y-%m-%d %H:%M}"


class MusterEntry(SiteRow):
    """Somebody who was on the roll when the muster began, as they were called then.

    `ticked_*` is a person's word that they are safe. `final_*` is written once, when the muster ends; while it runs
    the places are read from the newest fixes.
    """

    class Source(models.TextChoices):
        FIX = "fix", _("By position")
        ATTENDANCE = "attendance", _("By attendance")
        ADDED = "added", _("Added by hand")

    muster = models.ForeignKey(Muster, on_delete=models.CASCADE, related_name="entries")
    person = models.ForeignKey("people.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    name = models.CharField(_("name"), max_length=60)
    trade = models.CharField(_("trade"), max_length=40, blank=True)
    team = models.CharField(_("team"), max_length=80, blank=True)
    source = models.CharField(_("why on the roll"), max_length=12, choices=Source.choices)
    ticked_at = models.DateTimeField(_("ticked safe at"), null=True, blank=True)
    ticked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ticked_note = models.CharField(_("where or how"), max_length=120, blank=True)
    final_state = models.CharField(_("state at the end"), max_length=12, blank=True)
    final_place = models.CharField(_("last place"), max_length=160, blank=True)
    final_seen_at = models.DateTimeField(_("last seen at"), null=True, blank=True)

    class Meta:
        verbose_name = _("entry of a muster")
        verbose_name_plural = _("entries of musters")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["muster", "person"], name="once_in_a_muster")]

    def __str__(self) -> str:
        return self.name
