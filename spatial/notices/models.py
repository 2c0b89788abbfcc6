"""The durable stream that open pages follow, written in the transaction of the fact it tells of."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from spatial.scope import SiteRowQuerySet


class Event(models.Model):
    """One thing that happened on a site. Ids become visible in rising order, so `id > cursor` misses nothing."""

    id = models.BigAutoField(primary_key=True)
    organisation = models.ForeignKey("places.Organisation", on_delete=models.CASCADE, related_name="+")
    site = models.ForeignKey("places.Site", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(_("kind"), max_length=40)
    payload = models.JSONField(_("payload"))
    occurred_at = models.DateTimeField(_("occurred at"))
    received_at = models.DateTimeField(_("received at"), auto_now_add=True)

    objects = SiteRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["id"]
        indexes = [models.Index(fields=["site", "id"], name="event_of_site_since")]

    def __str__(self) -> str:
        return f"{self.id} {self.kind}"
