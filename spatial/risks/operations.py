"""Create, revise and close risk points: anchored, graded from the edition's tables, with people who answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from spatial.ledger.operations import record_act
from spatial.notices.operations import append_event
from spatial.places.models import Anchor
from spatial.rulebook.models import Edition
from spatial.rulebook.queries import edition_for

from .assessing import Assessment, GradedSource, MeasureGiven, PersonGiven, RiskRefused, SourceGiven, assess
from .models import ControlMeasure, HazardSource, ResponsiblePerson, RiskPoint

__all__ = [
    "MeasureGiven",
    "PersonGiven",
    "RiskRefused",
    "SourceGiven",
    "close_risk_point",
    "create_risk_point",
    "revise_risk_point",
    "set_risk_point_state",
]


def _store_measures(row: HazardSource, measures: Sequence[MeasureGiven]) -> None:
    """Keep the measures that stay (with their ids), remove the others, add the new ones."""
    there = {(measure.kind, measure.text): measure for measure in row.measures.all()}
    wanted = {(measure["kind"], measure["text"]) for measure in measures}
    row.measures.exclude(pk__in=[there[key].pk for key in wanted & set(there)]).delete()
    for measure in measures:
        if (measure["kind"], measure["text"]) not in there:
            ControlMeasure.objects.create(
                organisation_id=row.organisation_id,
                site_id=row.site_id,
                source=row,
                kind=measure["kind"],
                text=measure["text"],
            )


def _store_source(point: RiskPoint, graded: GradedSource, row: HazardSource) -> HazardSource:
    source, after = graded.given, graded.with_controls
    row.name, row.step = source["name"], source.get("step", "")
    row.factor_code, row.accident_type = source.get("factor_code", ""), source.get("accident_type", "")
    row.method, row.scores = source["method"], dict(source["scores"])
    row.value, row.grade = graded.grading.value, graded.grading.grade
    row.residual_scores = dict(source.get("residual_scores") or {}) or None
    row.residual_value = after.value if after else None
    row.residual_grade = graded.residual_grade if after else None
    row.rule_edition = point.rule_edition
    row.save()
    _store_measures(row, source.get("measures", ()))
    return row


def _store_sources(point: RiskPoint, sources: Sequence[GradedSource]) -> None:
    """Store the sources; one of the same name and step stays the same row, so that what points at it stays true."""
    there = {(row.name, row.step): row for row in point.sources.order_by("-id")}
    kept = []
    for graded in sources:
        row = there.pop((graded.given["name"], graded.given.get("step", "")), None) or HazardSource(
            organisation_id=point.organisation_id, site_id=point.site_id, risk_point=point
        )
        kept.append(_store_source(point, graded, row).pk)
    point.sources.exclude(pk__in=kept).delete()


def _store_people(point: RiskPoint, responsible: Sequence[PersonGiven]) -> None:
    point.responsible.all().delete()
    for person in responsible:
        ResponsiblePerson.objects.create(risk_point=point, **person)


def _tell(point: RiskPoint, verb: str, details: dict[str, Any], *, actor: Any | None, now: datetime) -> None:
    record_act(
        organisation=point.site.organisation,
        site=point.site,
        actor=actor,
        verb=verb,
        subject_kind="riskpoint",
        subject_id=point.pk,
        details={"code": point.code, "name": point.name, **details},
        occurred_at=now,
        received_at=now,
        rule_edition=point.rule_edition,
    )
    payload = {"risk_point": str(point.pk), "code": point.code}
    append_event(site=point.site, kind="zone_changed", payload=payload, occurred_at=now)


def _check_place(site: Any, kind: str, anchor: Anchor) -> None:
    if kind not in RiskPoint.Kind.values:
        raise RiskRefused(f"{kind!r} is not a kind of risk point; it is activity or facility.")
    if anchor.site_id != site.pk:
        raise RiskRefused("The anchor is on another site.")


def _apply(point: RiskPoint, assessment: Assessment, edition: Edition, lifted_level: str, now: datetime) -> None:
    point.direct_major = bool(assessment.direct_major_reason)
    point.direct_major_reason = assessment.direct_major_reason
    point.source_grade, point.residual_grade = assessment.source_grade, assessment.residual_grade
    point.lead_level, point.rule_edition, point.known_from = lifted_level, edition, now


@transaction.atomic
def create_risk_point(
    *,
    site: Any,
    code: str,
    name: str,
    kind: str,
    anchor: Anchor,
    sources: Sequence[SourceGiven],
    residual_scores: Mapping[str, float] | None = None,
    residual_grade: int | None = None,
    direct_major_reason: str = "",
    lifted_level: str = "",
    responsible: Sequence[PersonGiven] = (),
    actor: Any | None,
    now: datetime,
) -> RiskPoint:
    """This function will create a risk point with its sources, graded here from the edition its site follows today.

    Raises what `assess` raises, and RiskRefused for a kind that is none or an anchor of another site.
    """
    _check_place(site, kind, anchor)
    edition = edition_for(site, on=now)
    assessment = assess(
        sources=sources,
        residual_scores=residual_scores,
        residual_grade=residual_grade,
        direct_major_reason=direct_major_reason,
        lifted_level=lifted_level,
        responsible=responsible,
        edition=edition,
    )
    point = RiskPoint(organisation_id=site.organisation_id, site=site, code=code, name=name, kind=kind, anchor=anchor)
    _apply(point, assessment, edition, lifted_level, now)
    point.graded_at = now
    point.save(force_insert=True)
    _store_sources(point, assessment.sources)
    _store_people(point, responsible)
    details = {"grade": assessment.inherent_grade, "sources": [s["name"] for s in sources]}
    _tell(point, "create_risk_point", details, actor=actor, now=now)
    return point


@transaction.atomic
def revise_risk_point(
    *,
    point: RiskPoint,
    name: str,
    kind: str,
    anchor: Anchor,
    sources: Sequence[SourceGiven],
    residual_scores: Mapping[str, float] | None = None,
    residual_grade: int | None = None,
    direct_major_reason: str = "",
    judgement_removed_because: str = "",
    lifted_level: str = "",
    responsible: Sequence[PersonGiven] = (),
    state: str = RiskPoint.State.ACTIVE,
    actor: Any | None,
    now: datetime,
) -> RiskPoint:
    """This function will assess a risk point again, whole, by its site's edition of today: how a grade goes down.

    The former content stays known to the database (FormerRiskPoint). A direct judgement is taken back only with a
    reason (`judgement_removed_because`). Raises what `create_risk_point` raises.
    """
    point = RiskPoint.objects.select_for_update(of=("self",)).select_related("site__organisation").get(pk=point.pk)
    _check_place(point.site, kind, anchor)
    if state not in RiskPoint.State.values:
        raise RiskRefused(f"{state!r} is not a state of a risk point.")
    if point.direct_major and not direct_major_reason and not judgement_removed_because.strip():
        raise RiskRefused(f"{point.code} was judged major directly; say why that no longer holds.")
    edition = edition_for(point.site, on=now)
    assessment = assess(
        sources=sources,
        residual_scores=residual_scores,
        residual_grade=residual_grade,
        direct_major_reason=direct_major_reason,
        lifted_level=lifted_level,
        responsible=responsible,
        edition=edition,
    )
    before = {"grade": point.inherent_grade, "residual": point.residual_grade, "state": point.state}
    if (assessment.inherent_grade, assessment.residual_grade) != (point.inherent_grade, point.residual_grade):
        point.graded_at = now
    point.name, point.kind, point.anchor, point.state = name, kind, anchor, state
    _apply(point, assessment, edition, lifted_level, now)
    point.save()
    _store_sources(point, assessment.sources)
    _store_people(point, responsible)
    after = {"grade": assessment.inherent_grade, "residual": assessment.residual_grade, "state": str(state)}
    details = {"from": before, "to": after, "judgement_removed_because": judgement_removed_because}
    _tell(point, "revise_risk_point", details, actor=actor, now=now)
    return point


@transaction.atomic
def set_risk_point_state(*, point: RiskPoint, state: str, reason: str, actor: Any | None, now: datetime) -> RiskPoint:
    """This function will suspend, resume, plan or close a risk point. Raises RiskRefused without a reason."""
    if state not in RiskPoint.State.values:
        raise RiskRefused(f"{state!r} is not a state of a risk point.")
    if not reason.strip():
        raise RiskRefused("Say why the state of the risk point changes.")
    point = RiskPoint.objects.select_for_update(of=("self",)).select_related("site__organisation").get(pk=point.pk)
    before, point.state, point.known_from = point.state, state, now
    point.save(update_fields=["state", "known_from"])
    details = {"from": before, "to": str(state), "reason": reason}
    _tell(point, "set_risk_point_state", details, actor=actor, now=now)
    return point


def close_risk_point(*, point: RiskPoint, reason: str, actor: Any | None, now: datetime) -> RiskPoint:
    """This function will close a risk point (it is on no list any more): it colours nothing from now on."""
    return set_risk_point_state(point=point, state=RiskPoint.State.CLOSED, reason=reason, actor=actor, now=now)
