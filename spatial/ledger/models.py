"""Acts: who did what, when and where, signed and hash-chained per organisation."""

from django.conf import settings
from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from spatial.scope import Row, SiteRowQuerySet


class Act(Row):
    """One act. Rows are only ever added: the application's database role can neither change nor delete them.

    Each organisation has its own chain; acts of the installation itself (accounts, regions) have none.
    """

    organisation = models.ForeignKey(
        "places.Organisation", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    site = models.ForeignKey("places.Site", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    sequence = models.BigIntegerField(_("number in the organisation's chain"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="acts", null=True, blank=True
    )
    actor_name = models.CharField(_("who"), max_length=80)
    verb = models.CharField(_("what"), max_length=60)
    subject_kind = models.CharField(_("kind of subject"), max_length=60)
    subject_id = models.CharField(_("subject"), max_length=64)
    details = models.JSONField(_("details"), default=dict)
    location = models.PointField(_("where"), srid=4490, dim=3, null=True, blank=True)
    rule_edition = models.ForeignKey(
        "rulebook.Edition", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    client_event_id = models.CharField(_("client event id"), max_length=64, blank=True)
    result = models.JSONField(_("answer given"), null=True, blank=True)
    occurred_at = models.DateTimeField(_("time of the act (client)"))
    received_at = models.DateTimeField(_("time received (server)"))
    previous_hash = models.CharField(_("hash of the act before"), max_length=64)
    hash = models.CharField(_("hash"), max_length=64)
    signature = models.CharField(_("signature (Ed25519)"), max_length=128)

    objects = SiteRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("act")
        verbose_name_plural = _("acts")
        ordering = ["organisation", "sequence"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "sequence"], name="act_number_once_per_chain", nulls_distinct=False
            ),
            models.UniqueConstraint(
                fields=["actor", "client_event_id"],
                condition=~models.Q(client_event_id=""),
                name="client_event_changes_things_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.verb} {self.subject_kind}"
