"""Keep an assessment as a dated, numbered snapshot, sign it, and compute it again."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import Max

from spatial.ledger.operations import record_act
from spatial.ledger.rules import canonical_json
from spatial.people.models import Role
from spatial.places.models import Organisation

from .models import Assessment, AssessmentSignature
from .queries import assessment_now, company_roles, method, sites_for
from .rules import assess, check_signature

SIGNERS = {"compile": Role.ENTERPRISE_SAFETY, "approve": Role.ENTERPRISE_HEAD}


class AssessmentRefused(ValueError):
    """An assessment cannot be kept; nothing was changed. The message says why."""


class AssessmentForbidden(AssessmentRefused):
    """The actor has no role in the enterprise that may do this."""


def _act(row: Assessment, verb: str, details: dict[str, Any], *, actor: Any, now: datetime) -> Any:
    return record_act(
        organisation=row.organisation,
        actor=actor,
        verb=verb,
        subject_kind="assessment",
        subject_id=row.pk,
        details={"number": row.number, "content_sha256": row.content_sha256, **details},
        occurred_at=now,
        received_at=now,
    )


@transaction.atomic
def keep_assessment(*, organisation: Organisation, actor: Any, now: datetime) -> Assessment:
    """This function will assess an enterprise over all its sites at `now` and keep that as the next version.

    Raises AssessmentForbidden for who is not of the company's safety department or its head, AssessmentRefused for
    an enterprise without sites.
    """
    if not company_roles(actor, organisation):
        raise AssessmentForbidden("Only the company's safety department or its head keeps an assessment.")
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    sites = sites_for(actor, organisation)
    if not sites:
        raise AssessmentRefused("This enterprise has no site that is not closed; there is nothing to assess.")
    facts, content = assessment_now(organisation, sites, as_of=now)
    text = canonical_json(content).decode()
    newest = Assessment.objects.filter(organisation=organisation).aggregate(number=Max("number"))["number"] or 0
    row = Assessment.objects.create(
        organisation=organisation,
        number=newest + 1,
        as_of=now,
        site_ids=[str(site.pk) for site in sites],
        facts=facts,
        content=text,
        content_sha256=sha256(text.encode()).hexdigest(),
        method=content["method"],
        made_by=actor,
    )
    _act(row, "keep_assessment", {"sites": len(sites), "method": row.method}, actor=actor, now=now)
    return row


@transaction.atomic
def sign_assessment(*, assessment: Assessment, step: str, actor: Any, now: datetime) -> AssessmentSignature:
    """This function will sign a kept assessment: the safety department compiles, then the head approves.

    Raises SigningRefused.
    """
    row = Assessment.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=assessment.pk)
    signed = dict(row.signatures.values_list("step", "signer"))
    may = step in SIGNERS and SIGNERS[step] in company_roles(actor, row.organisation)
    check_signature(step=step, signed=signed, actor=actor.pk, may=may)
    act = _act(row, "sign_assessment", {"step": step}, actor=actor, now=now)
    return AssessmentSignature.objects.create(
        assessment=row,
        step=step,
        signer=actor,
        signer_name=str(actor),
        content_sha256=row.content_sha256,
        act=act,
        signed_at=now,
    )


def recomputed_sha256(assessment: Assessment) -> str:
    """Return the hash of the content computed again from the kept facts; equal to the kept one when nothing moved."""
    return sha256(canonical_json(assess(assessment.facts, method()))).hexdigest()
