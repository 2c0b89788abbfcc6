"""Ask a certificate of a trade beyond the national table, and no longer ask it: an organisation's own rule."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from spatial.ledger.operations import record_act

from .models import AskedCertificate
from .queries import asked_certificates, may_ask_certificates
from .rules import certificate_kinds, certificates_needed

LONGEST_TRADE, LONGEST_SOURCE = 40, 200


class AskRefused(ValueError):
    """A certificate cannot be asked of a trade so; `code` names the sentence, `values` its parts."""

    def __init__(self, code: str, **values: Any) -> None:
        self.code, self.values = code, values
        super().__init__(f"{code} {values}")


@transaction.atomic
def ask_certificate(
    *, organisation: Any, trade: str, kind: str, source: str, actor: Any, now: datetime
) -> AskedCertificate:
    """This function will ask a kind of certificate of a trade on all sites at and below an organisation.

    Raises AskRefused for somebody else than its safety department, an empty or too long trade or source, an unknown
    kind, and what is asked already, by the table or by an organisation at or above this one.
    """
    trade, source = " ".join(trade.split()), " ".join(source.split())
    if not may_ask_certificates(actor, organisation):
        raise AskRefused("not_yours")
    for name, text, longest in (("trade", trade, LONGEST_TRADE), ("source", source, LONGEST_SOURCE)):
        if not text:
            raise AskRefused(f"no_{name}")
        if len(text) > longest:
            raise AskRefused("too_long", longest=longest)
    if kind not in certificate_kinds():
        raise AskRefused("unknown_kind", kind=kind)
    if kind in certificates_needed(trade, asked_certificates(organisation).values_list("trade", "kind")):
        raise AskRefused("asked_already", trade=trade)
    try:
        with transaction.atomic():
            row = AskedCertificate.objects.create(organisation=organisation, trade=trade, kind=kind, source=source)
    except IntegrityError as error:
        raise AskRefused("asked_already", trade=trade) from error
    _record(row, "ask_certificate", actor, now)
    return row


@transaction.atomic
def stop_asking(*, row: AskedCertificate, actor: Any, now: datetime) -> None:
    """This function will no longer ask it. Raises AskRefused for somebody else than the safety department."""
    if not may_ask_certificates(actor, row.organisation):
        raise AskRefused("not_yours")
    _record(row, "stop_asking_certificate", actor, now)
    row.delete()


def _record(row: AskedCertificate, verb: str, actor: Any, now: datetime) -> None:
    record_act(
        organisation=row.organisation,
        site=None,
        actor=actor,
        verb=verb,
        subject_kind="askedcertificate",
        subject_id=row.pk,
        details={"trade": row.trade, "kind": row.kind, "source": row.source},
        occurred_at=now,
        received_at=now,
    )
