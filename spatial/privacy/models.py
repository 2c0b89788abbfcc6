"""What is kept of where people were: the tenant's policy, who was told, who looked, and what was only counted."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from spatial.scope import Row, SiteRow


class Policy(Row):
    """One version of a tenant's rules and notice; the highest version is in force, older ones stay."""

    organisation = models.ForeignKey("places.Organisation", on_delete=models.PROTECT, related_name="privacy_policies")
    version = models.PositiveIntegerField(_("version"))
    notice = models.TextField(_("notice to workers"))
    only_on_shift = models.BooleanField(_("only on shift"), default=True)
    only_inside = models.BooleanField(_("only inside the site"), default=True)
    retention_days = models.PositiveIntegerField(_("days that positions are kept"), default=90)
    published_at = models.DateTimeField(_("published"))

    class Meta:
        verbose_name = _("privacy policy")
        verbose_name_plural = _("privacy policies")
        constraints = [
            models.UniqueConstraint(fields=["organisation", "version"], name="policy_version_once"),
            models.CheckConstraint(name="positions_are_kept_a_day", condition=models.Q(retention_days__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.version}"


class Consent(SiteRow):
    """That a person has read a version of the notice and agreed."""

    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="consents")
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="consents")
    given_at = models.DateTimeField(_("given"))

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [models.UniqueConstraint(fields=["person", "policy"], name="consent_once_per_version")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.given_at}"


class TrackLook(SiteRow):
    """Somebody looked at where a person (none named: everybody on the site) was, and said what for."""

    person = models.ForeignKey(
        "people.Person", on_delete=models.CASCADE, null=True, blank=True, related_name="track_looks"
    )
    viewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(_("purpose"), max_length=300)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    looked_at = models.DateTimeField(_("looked at"))

    class Meta:
        verbose_name = _("look at a track")
        verbose_name_plural = _("looks at tracks")
        indexes = [models.Index(fields=["site", "looked_at"], name="looks_of_site_by_time")]

    def __str__(self) -> str:
        return f"{self.viewer_id} {self.person_id} {self.looked_at}"


class Untracked(models.Model):
    """How many positions of an hour on a site were not kept, and why; neither person nor place."""

    id = models.BigAutoField(primary_key=True)
    site = models.ForeignKey("places.Site", on_delete=models.CASCADE, related_name="+")
    hour = models.DateTimeField(_("hour"))
    outside = models.PositiveIntegerField(_("outside the site"), default=0)
    off_shift = models.PositiveIntegerField(_("off shift"), default=0)

    class Meta:
        verbose_name = _("positions not kept")
        verbose_name_plural = _("positions not kept")
        constraints = [models.UniqueConstraint(fields=["site", "hour"], name="untracked_once_per_hour")]

    def __str__(self) -> str:
        return f"{self.site_id} {self.hour}"


class HourCount(models.Model):
    """What stays of positions after their time: how many people and positions an hour had, by zone (none: the
    whole site)."""

    id = models.BigAutoField(primary_key=True)
    site = models.ForeignKey("places.Site", on_delete=models.CASCADE, related_name="+")
    zone = models.ForeignKey("zones.Zone", on_delete=models.CASCADE, null=True, related_name="+")
    hour = models.DateTimeField(_("hour"))
    devices = models.PositiveIntegerField(_("devices"))
    positions = models.PositiveIntegerField(_("positions"))

    class Meta:
        verbose_name = _("count of an hour")
        verbose_name_plural = _("counts of hours")
        constraints = [
            models.UniqueConstraint(fields=["site", "zone", "hour"], name="hour_count_once", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return f"{self.site_id} {self.zone_id} {self.hour}"
