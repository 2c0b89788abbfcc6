"""Create risk points: anchored, graded from the edition's tables, with people who answer for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NotRequired, TypedDict

from django.db import transaction

from spatial.ledger.operations import record_act
from spatial.notices.operations import append_event
from spatial.places.models import Anchor
from spatial.rulebook.models import Edition
from spatial.rulebook.queries import current_edition, table

from .models import ControlMeasure, HazardSource, ResponsiblePerson, RiskPoint
from .rules import Grading, direct_judgement, grade_source, missing_levels


class RiskRefused(ValueError):
    """A risk point cannot be stored as given; the message says why."""


class MeasureGiven(TypedDict):
    """A control measure: its kind (engineering, management, training, ppe, emergency) and text."""

    kind: str
    text: str


class SourceGiven(TypedDict):
    """A hazard source with the scores of its method; value and grade are never accepted."""

    name: str
    accident_type: NotRequired[str]
    method: str
    scores: Mapping[str, float]
    measures: NotRequired[Sequence[MeasureGiven]]


class PersonGiven(TypedDict):
    """Who answers for a risk point at one level."""

    level: str
    full_name: str
    phone: NotRequired[str]


def _graded(source: SourceGiven, edition: Edition) -> Grading:
    lec, ls = table(edition, "lec"), table(edition, "ls")
    return grade_source(source["method"], source["scores"], lec=lec, ls=ls)


def _store_source(point: RiskPoint, source: SourceGiven, grading: Grading) -> None:
    row = HazardSource.objects.create(
        organisation_id=point.organisation_id,
        site_id=point.site_id,
        risk_point=point,
        name=source["name"],
        accident_type=source.get("accident_type", ""),
        method=source["method"],
        scores=dict(source["scores"]),
        value=grading.value,
        grade=grading.grade,
        rule_edition=point.rule_edition,
    )
    for measure in source.get("measures", ()):
        if measure["kind"] not in ControlMeasure.Kind.values:
            raise RiskRefused(f"{measure['kind']!r} is not a kind of measure.")
        ControlMeasure.objects.create(
            organisation_id=point.organisation_id, site_id=point.site_id, source=row, **measure
        )


def _residual(
    gradings: list[Grading], scores: Mapping[str, Any] | None, grade: int | None, edition: Edition
) -> int | None:
    """Return the residual grade: graded from scores when given, never above the highest source."""
    if scores is not None:
        method = "LEC" if "E" in scores else "LS"
        lec, ls = table(edition, "lec"), table(edition, "ls")
        grade = grade_source(method, scores, lec=lec, ls=ls).grade
    if grade is None:
        return None
    if grade not in (1, 2, 3, 4):
        raise RiskRefused(f"A residual grade is 1 to 4, not {grade!r}.")
    return min(grade, max(grading.grade for grading in gradings))


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
    responsible: Sequence[PersonGiven] = (),
    actor: Any | None,
    now: datetime,
) -> RiskPoint:
    """This function will create a risk point with its sources, graded here from the edition valid today.

    `direct_major_reason` is the id of a direct judgement (DJ-01 ...). Every level at or below the lead level of
    the grade needs a named person (S0.43). Raises RiskRefused, ScoreRefused or JudgementUnknown.
    """
    if kind not in RiskPoint.Kind.values:
        raise RiskRefused(f"{kind!r} is not a kind of risk point; it is activity or facility.")
    if anchor.site_id != site.pk:
        raise RiskRefused("The anchor is on another site.")
    if not sources:
        raise RiskRefused("A risk point needs at least one hazard source.")
    edition = current_edition(on=now.date())
    if direct_major_reason:
        direct_judgement(direct_major_reason, table(edition, "direct_judgement"))
    gradings = [_graded(source, edition) for source in sources]
    grade = 4 if direct_major_reason else max(grading.grade for grading in gradings)
    missing = missing_levels(grade, (p["level"] for p in responsible), table(edition, "risk_levels"))
    if missing:
        raise RiskRefused(f"Grade {grade} needs a named person at level {', '.join(missing)} (S0.43).")
    point = RiskPoint.objects.create(
        organisation_id=site.organisation_id,
        site=site,
        code=code,
        name=name,
        kind=kind,
        anchor=anchor,
        direct_major=bool(direct_major_reason),
        direct_major_reason=direct_major_reason,
        residual_grade=_residual(gradings, residual_scores, residual_grade, edition),
        rule_edition=edition,
    )
    for source, grading in zip(sources, gradings, strict=True):
        _store_source(point, source, grading)
    for person in responsible:
        ResponsiblePerson.objects.create(risk_point=point, **person)
    record_act(
        organisation=site.organisation,
        site=site,
        actor=actor,
        verb="create_risk_point",
        subject_kind="riskpoint",
        subject_id=point.pk,
        details={"code": code, "name": name, "grade": grade, "sources": [s["name"] for s in sources]},
        occurred_at=now,
        received_at=now,
        rule_edition=edition,
    )
    payload = {"risk_point": str(point.pk), "code": code}
    append_event(site=site, kind="zone_changed", payload=payload, occurred_at=now)
    return point
