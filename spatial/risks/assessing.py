"""What is given of a risk point, checked and graded by the tables of one edition, before anything is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict

from spatial.rulebook.models import Edition
from spatial.rulebook.queries import table

from .models import ControlMeasure
from .rules import Grading, direct_judgement, grade_source, lead_level, missing_levels


class RiskRefused(ValueError):
    """A risk point cannot be stored as given; the message says why."""


class MeasureGiven(TypedDict):
    """A control measure: its kind (engineering, management, training, ppe, emergency) and text."""

    kind: str
    text: str


class SourceGiven(TypedDict):
    """A hazard source with the scores of its method, before and with controls; grades are never accepted."""

    name: str
    step: NotRequired[str]
    factor_code: NotRequired[str]
    accident_type: NotRequired[str]
    method: str
    scores: Mapping[str, float]
    residual_scores: NotRequired[Mapping[str, float] | None]
    measures: NotRequired[Sequence[MeasureGiven]]


class PersonGiven(TypedDict):
    """Who answers for a risk point at one level."""

    level: str
    full_name: str
    phone: NotRequired[str]


@dataclass(frozen=True)
class GradedSource:
    """A source as given, with its grading before and (where scored) with controls."""

    given: SourceGiven
    grading: Grading
    with_controls: Grading | None

    @property
    def residual_grade(self) -> int:
        """The grade with controls, never above the one without."""
        return min(self.grading.grade, self.with_controls.grade) if self.with_controls else self.grading.grade


@dataclass(frozen=True)
class Assessment:
    """A risk point graded: the highest source, the residual grade, and the level that leads."""

    sources: tuple[GradedSource, ...]
    source_grade: int
    residual_grade: int | None
    direct_major_reason: str
    lead_level: str

    @property
    def inherent_grade(self) -> int:
        """The grade without controls: 4 where directly judged."""
        return 4 if self.direct_major_reason else self.source_grade


def _graded(source: SourceGiven, edition: Edition) -> GradedSource:
    lec, ls = table(edition, "lec"), table(edition, "ls")
    for measure in source.get("measures", ()):
        if measure["kind"] not in ControlMeasure.Kind.values:
            raise RiskRefused(f"{measure['kind']!r} is not a kind of measure.")
    after = source.get("residual_scores")
    return GradedSource(
        source,
        grade_source(source["method"], source["scores"], lec=lec, ls=ls),
        grade_source(source["method"], after, lec=lec, ls=ls) if after else None,
    )


def _residual(
    sources: Sequence[GradedSource], scores: Mapping[str, Any] | None, grade: int | None, edition: Edition
) -> int | None:
    """Return the residual grade: of the point's own scores, a given grade, else of its sources; None if unknown."""
    if scores is not None:
        method = "LEC" if "E" in scores else "LS"
        grade = grade_source(method, scores, lec=table(edition, "lec"), ls=table(edition, "ls")).grade
    if grade is None:
        if not any(source.with_controls for source in sources):
            return None
        return max(source.residual_grade for source in sources)
    if grade not in (1, 2, 3, 4):
        raise RiskRefused(f"A residual grade is 1 to 4, not {grade!r}.")
    return min(grade, max(source.grading.grade for source in sources))


def assess(
    *,
    sources: Sequence[SourceGiven],
    residual_scores: Mapping[str, float] | None = None,
    residual_grade: int | None = None,
    direct_major_reason: str = "",
    lifted_level: str = "",
    responsible: Sequence[PersonGiven] = (),
    edition: Edition,
) -> Assessment:
    """This function will grade a risk point by an edition's tables: the highest source, or 4 by direct judgement.

    `direct_major_reason` is the id of a direct judgement (DJ-01 ...), `lifted_level` a lead level above the grade's
    own. Every level at or below the lead level needs a named person (S0.43). Raises RiskRefused, ScoreRefused,
    LevelRefused or JudgementUnknown.
    """
    if not sources:
        raise RiskRefused("A risk point needs at least one hazard source.")
    if direct_major_reason:
        direct_judgement(direct_major_reason, table(edition, "direct_judgement"))
    graded = tuple(_graded(source, edition) for source in sources)
    top = max(source.grading.grade for source in graded)
    grade = 4 if direct_major_reason else top
    levels = table(edition, "risk_levels")
    missing = missing_levels(grade, (p["level"] for p in responsible), levels, lifted_level)
    if missing:
        raise RiskRefused(f"Grade {grade} needs a named person at level {', '.join(missing)} (S0.43).")
    return Assessment(
        sources=graded,
        source_grade=top,
        residual_grade=_residual(graded, residual_scores, residual_grade, edition),
        direct_major_reason=direct_major_reason,
        lead_level=lead_level(grade, levels, lifted_level),
    )
