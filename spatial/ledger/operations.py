"""Write acts: the only way a row enters the ledger."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.gis.geos import Point
from django.db import connection, transaction

from .keys import signing_key
from .models import Act
from .queries import act_content, answer_given, chain_head
from .rules import act_hash, canonical_json, sign_hash


def _lock(*names: str) -> None:
    """Hold advisory locks with these names, taken in one order, until the transaction ends."""
    digests = (hashlib.sha256(name.encode()).digest() for name in names)
    numbers = sorted(int.from_bytes(digest[:8], "big", signed=True) for digest in digests)
    with connection.cursor() as cursor:
        for number in numbers:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def lock_ledgers(organisation_ids: Iterable[Any]) -> None:
    """This function will hold the chains of organisations until the transaction ends.

    One order for everybody, or two would wait for each other: chains first (of many, all at once), then the rows that
    acts are about, then the stream of events. So an operation on a row that several may want calls this before it
    locks the row, and a transaction of many organisations calls it before its first act.
    """
    _lock(*(f"ledger:{pk or ''}" for pk in set(organisation_ids)))


@transaction.atomic
def claim_client_event(*, actor: Any, client_event_id: str) -> dict[str, Any] | None:
    """This function will make a repeated request wait for the first one, and return the answer that one got.

    Call it first in an operation's transaction. Returns None when the event is new (or carries no id).
    """
    if not client_event_id or actor is None:
        return None
    _lock(f"client-event:{actor.pk}:{client_event_id}")
    return answer_given(actor=actor, client_event_id=client_event_id)


@transaction.atomic
def record_act(
    *,
    organisation: Any | None,
    site: Any | None = None,
    actor: Any | None,
    verb: str,
    subject_kind: str,
    subject_id: Any,
    details: dict[str, Any],
    occurred_at: datetime,
    received_at: datetime,
    location: Point | None = None,
    rule_edition: Any | None = None,
    client_event_id: str = "",
    result: dict[str, Any] | None = None,
) -> Act:
    """This function will append one signed act to an organisation's chain (None: the installation's own chain).

    `location` is a Point in EPSG:4490, height in Yellow Sea metres (0 where it has none). `actor` None is the
    system. Must run in the transaction of the fact it tells of. Raises ValueError for NaN in details.
    """
    _lock(f"ledger:{organisation.pk if organisation else ''}")
    sequence, previous_hash = chain_head(organisation)
    where = location
    if where is not None and not where.hasz:
        where = Point(where.x, where.y, 0.0, srid=where.srid)
    act = Act(
        organisation=organisation,
        site=site,
        sequence=sequence + 1,
        actor=actor,
        actor_name=str(actor)[:80] if actor else "system",
        verb=verb,
        subject_kind=subject_kind,
        subject_id=str(subject_id),
        details=json.loads(canonical_json(details)),
        location=where,
        rule_edition=rule_edition,
        client_event_id=client_event_id if actor else "",
        result=json.loads(canonical_json(result)) if result is not None else None,
        occurred_at=occurred_at,
        received_at=received_at,
        previous_hash=previous_hash,
    )
    act.hash = act_hash(previous_hash, act_content(act))
    act.signature = sign_hash(signing_key(), act.hash)
    act.save(force_insert=True)
    return act
