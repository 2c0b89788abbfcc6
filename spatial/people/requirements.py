"""Require a certificate of a trade beyond the national table, and drop that again: an organisation's own rule."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from spatial.ledger.operations import record_act
from spatial.rulebook.queries import may_set_rules

from .models import CertificateRequirement
from .queries import certificate_requirements
from .rules import certificate_kinds, certificates_needed

LONGEST_TRADE, LONGEST_SOURCE = 40, 200


class RequirementRefused(ValueError):
    """A certificate cannot be required of a trade so, nor dropped; `code` names the sentence, `values` its parts."""

    def __init__(self, code: str, **values: Any) -> None:
        self.code, self.values = code, values
        super().__init__(f"{code} {values}")


@transaction.atomic
def require_certificate(
    *, organisation: Any, trade: str, kind: str, source: str, actor: Any, now: datetime
) -> CertificateRequirement:
    """This function will require a kind of certificate of a trade on all sites at and below an organisation.

    Raises RequirementRefused for somebody else than its safety department, an empty or too long trade or source, an
    unknown kind, and what is required already, by the table or by an organisation at or above this one.
    """
    trade, source = " ".join(trade.split()), " ".join(source.split())
    if not may_set_rules(actor, organisation):
        raise RequirementRefused("not_yours")
    for name, text, longest in (("trade", trade, LONGEST_TRADE), ("source", source, LONGEST_SOURCE)):
        if not text:
            raise RequirementRefused(f"no_{name}")
        if len(text) > longest:
            raise RequirementRefused("too_long", longest=longest)
    if kind not in certificate_kinds():
        raise RequirementRefused("unknown_kind", kind=kind)
    if kind in certificates_needed(trade, certificate_requirements(organisation).values_list("trade", "kind")):
        raise RequirementRefused("required_already", trade=trade)
    try:
        with transaction.atomic():
            requirement = CertificateRequirement.objects.create(
                organisation=organisation, trade=trade, kind=kind, source=source
            )
    except IntegrityError as error:
        raise RequirementRefused("required_already", trade=trade) from error
    _record(requirement, "require_certificate", actor, now)
    return requirement


@transaction.atomic
def drop_certificate(*, requirement: CertificateRequirement, actor: Any, now: datetime) -> None:
    """This function will drop a requirement. Raises RequirementRefused for somebody else than the safety department."""
    if not may_set_rules(actor, requirement.organisation):
        raise RequirementRefused("not_yours")
    _record(requirement, "drop_certificate", actor, now)
    requirement.delete()


def _record(requirement: CertificateRequirement, verb: str, actor: Any, now: datetime) -> None:
    record_act(
        organisation=requirement.organisation,
        site=None,
        actor=actor,
        verb=verb,
        subject_kind="certificaterequirement",
        subject_id=requirement.pk,
        details={"trade": requirement.trade, "kind": requirement.kind, "source": requirement.source},
        occurred_at=now,
        received_at=now,
    )
