"""A placement by hand whose import came to nothing does not hold: the next file would fail by it again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from spatial.ledger.operations import record_act

from .models import HandPlacement, Revision


def withdraw_if_unused(*, revision: Revision, actor: Any | None, now: datetime) -> None:
    """This function will withdraw the placement of a refused or cancelled revision that no import has ever carried.

    Part of the caller's transaction.
    """
    if revision.hand_placement_id is None:
        return
    held = HandPlacement.objects.select_for_update().filter(pk=revision.hand_placement_id, withdrawn_at=None).first()
    if held is None or Revision.objects.filter(hand_placement=held, state__in=Revision.IMPORTED_STATES).exists():
        return
    held.withdrawn_at, held.withdrawn_by = now, actor
    held.save(update_fields=["withdrawn_at", "withdrawn_by"])
    record_act(
        organisation=revision.site.organisation, site=revision.site, actor=actor, verb="withdraw_place_of_model",
        subject_kind="revision", subject_id=revision.pk, occurred_at=now, received_at=now,
        details={"hand_placement": held.number, "srid": held.srid, "because": str(revision.state)},
    )  # fmt: skip
