"""Decide on an anchor in doubt: it stands on a candidate, its element is gone, or it waits on."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db import transaction

from bim.queries import current_revision
from spatial.ledger.operations import record_act
from spatial.people.models import Role
from spatial.people.queries import roles_on
from spatial.places.models import Anchor, Site

from . import queries
from .following import put_on, tell_lost
from .models import AnchorReview

REVIEWERS: Final = frozenset(
    {Role.BIM_ENGINEER, Role.PROJECT_MANAGER, Role.SITE_SAFETY, Role.ENTERPRISE_SAFETY, Role.SUPERVISION_ENGINEER}
)


def may_review(user: Any, site: Site) -> bool:
    """Return whether a user may decide on anchors in doubt: who may import models, and the safety roles."""
    return bool(user.is_superuser or roles_on(user, site) & REVIEWERS)


class ReviewRefused(ValueError):
    """A decision that cannot be carried out; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@transaction.atomic
def accept_candidate(*, review: AnchorReview, global_id: str, actor: Any, now: datetime) -> AnchorReview:
    """This function will put an anchor onto one of its candidates, moved as the element moved since it stood on it.

    Raises ReviewRefused where it was decided before, or the candidate is none of its own or not in the newest revision.
    """
    row, anchor = _open(review, actor)
    chosen = next((one for one in row.candidates if one["global_id"] == global_id), None)
    if chosen is None:
        raise ReviewRefused("no_candidate")
    revision = current_revision(row.revision.model)
    targets = queries.read_snapshot(revision, [global_id]).bodies if revision else []
    if revision is None or not targets:
        raise ReviewRefused("not_there")
    bodies = queries.read_snapshot(row.base, [anchor.element_global_id]).bodies
    if not bodies:
        raise ReviewRefused("not_there")
    put_on(
        anchor=anchor, before=queries.candidate_of(row.base), after=queries.candidate_of(revision), body=bodies[0],
        target=targets[0], why="accept_element", revision=revision, confidence=chosen["confidence"], actor=actor,
        now=now,
    )  # fmt: skip
    row.state, row.accepted_global_id = AnchorReview.State.ACCEPTED, global_id
    return _decided(row, actor, now)


@transaction.atomic
def declare_gone(*, review: AnchorReview, actor: Any, now: datetime) -> AnchorReview:
    """This function will end the wait of an anchor whose element is gone, and report it to its owner.

    The anchor stays where it is. Raises ReviewRefused where it was decided before.
    """
    row, anchor = _open(review, actor)
    row.state = AnchorReview.State.GONE
    decided = _decided(row, actor, now)
    tell_lost(anchor=anchor, revision=row.revision, actor=actor, now=now)
    return decided


@transaction.atomic
def keep_waiting(*, review: AnchorReview, actor: Any, now: datetime) -> AnchorReview:
    """This function will note that somebody looked at an anchor in doubt and left it waiting."""
    row, anchor = _open(review, actor)
    _act(row, anchor, "keep_anchor_waiting", actor, now)
    return row


def _open(review: AnchorReview, actor: Any) -> tuple[AnchorReview, Anchor]:
    """Return the review and its anchor, locked. Raises ReviewRefused where it is decided or the actor may not."""
    if not may_review(actor, review.site):
        raise ReviewRefused("forbidden")
    row = AnchorReview.objects.select_for_update().get(pk=review.pk)
    if row.state != AnchorReview.State.OPEN:
        raise ReviewRefused("decided")
    return row, Anchor.objects.select_for_update(of=("self",)).select_related("site__organisation").get(
        pk=row.anchor_id
    )


def _decided(row: AnchorReview, actor: Any, now: datetime) -> AnchorReview:
    row.decided_by, row.decided_at = actor, now
    row.save(update_fields=["state", "accepted_global_id", "decided_by", "decided_at"])
    _act(row, row.anchor, "review_anchor", actor, now)
    return row


def _act(row: AnchorReview, anchor: Anchor, verb: str, actor: Any, now: datetime) -> None:
    record_act(
        organisation=anchor.site.organisation, site=anchor.site, actor=actor, verb=verb, subject_kind="anchor",
        subject_id=anchor.pk, occurred_at=now, received_at=now,
        details={"state": str(row.state), "to_global_id": row.accepted_global_id, "revision": str(row.revision_id)},
    )  # fmt: skip
