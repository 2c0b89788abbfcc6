"""What a revision changed, what became of every anchor with it, and the anchors that wait for a person."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from bim.models import Revision, RevisionRowQuerySet
from spatial.places.models import Anchor
from spatial.scope import Row, SiteRow


class RevisionComparison(Row):
    """A revision against the one before it; `counts` has every kind, `anchors` every outcome.

    `replaced_m` is how far the model's place moved on earth (metres at the model's middle), null where it did not or
    one of the two is unplaced; `shift_m` is the shift in project metres that the whole model shares (a new base
    point), null where there is none.
    """

    revision = models.OneToOneField(Revision, on_delete=models.CASCADE, related_name="comparison")
    previous = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="+")
    counts = models.JSONField(_("changes"))
    anchors = models.JSONField(_("anchors"), default=dict)
    replaced_m = models.FloatField(_("place moved by (m)"), null=True)
    shift_m = models.JSONField(_("shift of the whole model (m)"), null=True)
    seconds = models.FloatField(_("seconds"), default=0.0)

    objects = RevisionRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("comparison of revisions")
        verbose_name_plural = _("comparisons of revisions")

    def __str__(self) -> str:
        return str(self.revision)


class ElementChange(models.Model):
    """One element that is not as it was; kept ones have no row. Indexes are those of `Element` in their revision."""

    class Kind(models.TextChoices):
        ADDED = "added", _("Added")
        REMOVED = "removed", _("Removed")
        MOVED = "moved", _("Moved")
        RESHAPED = "reshaped", _("Reshaped")
        PROPERTIES = "properties", _("Properties changed")

    id = models.BigAutoField(primary_key=True)
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="changes", db_index=False)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    old_index = models.IntegerField(_("index before"), null=True)
    new_index = models.IntegerField(_("index now"), null=True)
    old_global_id = models.CharField(_("GlobalId before"), max_length=22, blank=True)
    new_global_id = models.CharField(_("GlobalId now"), max_length=22, blank=True)
    ifc_class = models.CharField(_("IFC class"), max_length=64)
    name = models.CharField(_("name"), max_length=255, blank=True)
    storey_name = models.CharField(_("storey"), max_length=255, blank=True)
    confidence = models.FloatField(_("confidence"), default=1.0)
    detail = models.JSONField(_("detail"), default=dict)

    objects = RevisionRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of an element")
        verbose_name_plural = _("changes of elements")
        ordering = ["id"]
        indexes = [models.Index(fields=["revision", "kind"], name="change_of_revision_by_kind")]

    def __str__(self) -> str:
        return f"{self.kind} {self.ifc_class} {self.name}".strip()


class AnchorOutcome(SiteRow):
    """What became of one anchor with one revision: exactly one row for every anchor on an element of the model."""

    class Outcome(models.TextChoices):
        KEPT = "kept", _("Stayed on its element")
        FOLLOWED = "followed", _("Followed its element")
        QUEUED = "queued", _("Waits for review")
        GONE = "gone", _("Element is gone")

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="anchor_outcomes")
    anchor = models.ForeignKey(Anchor, on_delete=models.CASCADE, related_name="outcomes")
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices)
    from_global_id = models.CharField(_("GlobalId before"), max_length=22)
    to_global_id = models.CharField(_("GlobalId now"), max_length=22, blank=True)
    confidence = models.FloatField(_("confidence"))
    distance_m = models.FloatField(_("moved by (m)"), default=0.0)
    reason = models.CharField(_("reason"), max_length=32, blank=True)

    class Meta:
        verbose_name = _("outcome of an anchor")
        verbose_name_plural = _("outcomes of anchors")
        ordering = ["revision", "id"]
        constraints = [models.UniqueConstraint(fields=["revision", "anchor"], name="anchor_outcome_once_per_revision")]

    def __str__(self) -> str:
        return f"{self.outcome} {self.from_global_id}"


class AnchorReview(SiteRow):
    """An anchor in doubt: it stays where it is until a person decides.

    `base` is the last revision in which it stood on its element. `candidates` is
    [{"global_id", "ifc_class", "name", "confidence", "reasons"}], best first.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Waits")
        ACCEPTED = "accepted", _("Placed on a candidate")
        GONE = "gone", _("Declared gone")
        RETURNED = "returned", _("Its element came back")

    anchor = models.ForeignKey(Anchor, on_delete=models.CASCADE, related_name="reviews")
    model_id = models.UUIDField(_("model"))
    base = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="+")
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="anchor_reviews")
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    reason = models.CharField(_("reason"), max_length=32, blank=True)
    candidates = models.JSONField(_("candidates"), default=list)
    accepted_global_id = models.CharField(_("accepted GlobalId"), max_length=22, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("decided by"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("anchor to review")
        verbose_name_plural = _("anchors to review")
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["anchor"], condition=models.Q(state="open"), name="one_open_review_per_anchor"
            )
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.anchor}"
