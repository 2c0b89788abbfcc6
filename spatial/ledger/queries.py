"""Answers already given, and whether a chain of acts is whole."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from .keys import signing_key
from .models import Act
from .rules import Link, Problem, check_chain


def visible(user: Any) -> QuerySet[Act]:
    """Return the acts on sites that this user may see."""
    return Act.objects.visible_to(user)


def answer_given(*, actor: Any, client_event_id: str) -> dict[str, Any] | None:
    """Return the answer that an actor's client event was given earlier, or None when it is new."""
    if not client_event_id or actor is None:
        return None
    act = Act.objects.filter(actor=actor, client_event_id=client_event_id).values_list("result", flat=True)
    for result in act:
        return result if result is not None else {}
    return None


def act_content(act: Act) -> dict[str, Any]:
    """Return what the hash of an act covers: every field but the three that seal it."""
    where = list(act.location.coords) if act.location else None
    return {
        "id": act.id,
        "organisation": act.organisation_id,
        "site": act.site_id,
        "sequence": act.sequence,
        "actor": act.actor_id,
        "actor_name": act.actor_name,
        "verb": act.verb,
        "subject_kind": act.subject_kind,
        "subject_id": act.subject_id,
        "details": act.details,
        "location": where,
        "rule_edition": act.rule_edition_id,
        "client_event_id": act.client_event_id,
        "result": act.result,
        "occurred_at": act.occurred_at,
        "received_at": act.received_at,
    }


def chain_head(organisation: Any | None) -> tuple[int, str]:
    """Return number and hash of the newest act of an organisation's chain, (0, 64 zeros) for an empty one."""
    head = Act.objects.filter(organisation=organisation).order_by("-sequence").values_list("sequence", "hash")
    return head.first() or (0, "0" * 64)


def verify_chain(organisation: Any | None, *, head: tuple[int, str] | None = None) -> list[Problem]:
    """Return what is wrong with the chain of an organisation (None: the installation's own chain)."""
    acts = Act.objects.filter(organisation=organisation).order_by("sequence")
    links = (
        Link(act.sequence, act_content(act), act.previous_hash, act.hash, act.signature)
        for act in acts.iterator(chunk_size=500)
    )
    return check_chain(links, signing_key().public_key(), head)
