"""What was sent to helmets, and what came of it: an outbox that a sender empties, with receipts."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from spatial.scope import SiteRow


class Command(SiteRow):
    """A buzz, spoken words or a text to one device or to many at once."""

    class Kind(models.TextChoices):
        BUZZ = "buzz", _("Buzz")
        VOICE = "voice", _("Spoken words")
        TEXT = "text", _("Text")

    class Target(models.TextChoices):
        PERSON = "person", _("One person")
        ZONE = "zone", _("Everybody in a zone")
        SITE = "site", _("Everybody on the site")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    text = models.CharField(_("words"), max_length=200, blank=True)
    target = models.CharField(_("to"), max_length=8, choices=Target.choices)
    target_label = models.CharField(_("to whom"), max_length=160)
    source_kind = models.CharField(_("because of"), max_length=32, blank=True)
    source_id = models.CharField(_("its id"), max_length=64, blank=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ordered_at = models.DateTimeField(_("ordered"))
    expires_at = models.DateTimeField(_("expires"))

    class Meta:
        verbose_name = _("command")
        verbose_name_plural = _("commands")
        indexes = [models.Index(fields=["site", "ordered_at"], name="commands_of_site_by_time")]

    def __str__(self) -> str:
        return f"{self.kind} {self.target_label}"


class Delivery(SiteRow):
    """A command on its way to one device. It is sent again until a receipt comes or it expires."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        SENT = "sent", _("Sent")
        RECEIVED = "received", _("Received")
        PLAYED = "played", _("Played")
        CONFIRMED = "confirmed", _("Confirmed by the wearer")
        EXPIRED = "expired", _("Expired")

    command = models.ForeignKey(Command, on_delete=models.CASCADE, related_name="deliveries")
    device = models.ForeignKey("devices.Device", on_delete=models.CASCADE, related_name="deliveries")
    person = models.ForeignKey(
        "people.Person", on_delete=models.SET_NULL, null=True, blank=True, related_name="deliveries"
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("times sent"), default=0)
    next_try_at = models.DateTimeField(_("next try"))
    expires_at = models.DateTimeField(_("expires"))
    sent_at = models.DateTimeField(_("first sent"), null=True, blank=True)
    received_at = models.DateTimeField(_("received"), null=True, blank=True)
    played_at = models.DateTimeField(_("played"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [models.UniqueConstraint(fields=["command", "device"], name="command_once_per_device")]
        indexes = [
            models.Index(
                fields=["next_try_at"], condition=models.Q(state__in=["queued", "sent"]), name="deliveries_to_send"
            )
        ]

    def __str__(self) -> str:
        return f"{self.device_id} {self.state}"
