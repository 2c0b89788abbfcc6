"""Who wore which device when."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from spatial.scope import SiteRow


class Issue(SiteRow):
    """A helmet or tag given to a person, from one event time to another; open until it comes back.

    `Device.person` is who wears it now; this is who wore it at any moment, also of the past.
    """

    device = models.ForeignKey("devices.Device", on_delete=models.CASCADE, related_name="issues")
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="issues")
    issued_at = models.DateTimeField(_("issued"))
    returned_at = models.DateTimeField(_("returned"), null=True, blank=True)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    returned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("issue of a device")
        verbose_name_plural = _("issues of devices")
        constraints = [
            models.UniqueConstraint(
                fields=["device"], condition=models.Q(returned_at__isnull=True), name="device_issued_once"
            ),
            models.CheckConstraint(
                name="issue_ends_after_start",
                condition=models.Q(returned_at__isnull=True) | models.Q(returned_at__gt=models.F("issued_at")),
            ),
        ]
        indexes = [models.Index(fields=["device", "issued_at"], name="issues_of_device_by_time")]

    def __str__(self) -> str:
        return f"{self.device_id} {self.person_id} {self.issued_at}"
