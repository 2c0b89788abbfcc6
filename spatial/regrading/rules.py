"""Grade stored scores by the tables of another edition. Pure: the tables are arguments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from spatial.risks.rules import ScoreRefused, grade_source


@dataclass(frozen=True)
class StoredSource:
    """A hazard source as it was graded: its method, scores, value and grade."""

    name: str
    method: str
    scores: Mapping[str, Any]
    value: float
    grade: int
    residual_scores: Mapping[str, Any] | None = None
    residual_grade: int | None = None


@dataclass(frozen=True)
class StoredPoint:
    """A risk point with its sources as they stand."""

    id: UUID
    site_id: UUID
    code: str
    name: str
    direct_major: bool
    sources: tuple[StoredSource, ...]
    lead_level: str = ""
    lifted_level: str = ""
    residual_grade: int | None = None

    @property
    def grade(self) -> int:
        """The grade it has: 4 by direct judgement, else that of its highest source."""
        return 4 if self.direct_major else max((row.grade for row in self.sources), default=0)

    @property
    def residual(self) -> int:
        """The grade with controls in place; the grade without them where none was given or it is directly judged."""
        return self.grade if self.direct_major or self.residual_grade is None else self.residual_grade


@dataclass(frozen=True)
class SourceChange:
    """A source that falls in another grade; `new` is None where its scores are not in the tables any more."""

    source: StoredSource
    new: int | None


@dataclass(frozen=True)
class PointChange:
    """A risk point whose grade or lead level would be another; `new` is None where it must be assessed anew."""

    point: StoredPoint
    new: int | None
    new_residual: int | None
    sources: tuple[SourceChange, ...]
    new_lead: str


@dataclass
class Regrading:
    """What an edition would make of risk points: how many were looked at, and which would change."""

    points: int = 0
    grades: list[PointChange] = field(default_factory=list)
    leads: list[PointChange] = field(default_factory=list)

    @property
    def counts(self) -> dict[tuple[int, int | None], int]:
        """How many points go from which grade to which, the highest first."""
        found: dict[tuple[int, int | None], int] = {}
        for change in self.grades:
            key = (change.point.grade, change.new)
            found[key] = found.get(key, 0) + 1
        return dict(sorted(found.items(), key=lambda item: (-item[0][0], -(item[0][1] or 0))))

    @property
    def by_site(self) -> dict[UUID, int]:
        """How many points change their grade on each site that has any."""
        found: dict[UUID, int] = {}
        for change in self.grades:
            found[change.point.site_id] = found.get(change.point.site_id, 0) + 1
        return found


class _Tables:
    """The tables of an edition, with what was graded by them already: equal scores are graded once."""

    def __init__(self, tables: Mapping[str, Any]) -> None:
        self.lec, self.ls = tables["lec"], tables["ls"]
        levels = tables["risk_levels"]
        self.lead = {row["grade"]: row["lead_level"] for row in levels["scale"]}
        self.ranks = {row["code"]: row["rank"] for row in levels["control_levels"]}
        self.known: dict[tuple[str, str], int | None] = {}

    def grade(self, method: str, scores: Mapping[str, Any]) -> int | None:
        """Return the grade of scores, or None where they are not in the tables any more."""
        key = (method, repr(sorted(scores.items())))
        if key not in self.known:
            try:
                self.known[key] = grade_source(method, scores, lec=self.lec, ls=self.ls).grade
            except ScoreRefused:
                self.known[key] = None
        return self.known[key]

    def lead_of(self, grade: int | None, lifted: str) -> str:
        """Return who leads a grade: its level, or the higher one it was lifted to."""
        level = self.lead.get(grade or 0, "")
        return lifted if self.ranks.get(lifted, 0) > self.ranks.get(level, 0) else level

    def residual(self, point: StoredPoint, grades: list[int], inherent: int) -> int | None:
        """Return the grade with controls: graded anew where it came from the sources, else as given, never above."""
        if point.direct_major or point.residual_grade is None:
            return inherent
        before = [min(row.grade, row.residual_grade or row.grade) for row in point.sources]
        if not any(row.residual_scores for row in point.sources) or max(before, default=0) != point.residual_grade:
            return min(point.residual_grade, inherent)
        after = []
        for source, grade in zip(point.sources, grades, strict=True):
            controlled = self.grade(source.method, source.residual_scores) if source.residual_scores else grade
            if controlled is None:
                return None
            after.append(min(grade, controlled))
        return max(after)

    def change(self, point: StoredPoint) -> PointChange:
        """Return what becomes of a point."""
        graded = [(source, self.grade(source.method, source.scores)) for source in point.sources]
        moved = tuple(SourceChange(source, new) for source, new in graded if new != source.grade)
        known = [grade for _, grade in graded if grade is not None]
        if len(known) < len(graded) and not point.direct_major:
            return PointChange(point, None, None, moved, "")
        new = 4 if point.direct_major else max(known, default=0)
        return PointChange(point, new, self.residual(point, known, new), moved, self.lead_of(new, point.lifted_level))


def regrade(points: Iterable[StoredPoint], tables: Mapping[str, Any]) -> Regrading:
    """Return which points would have another grade (without or with controls) or another lead level.

    `tables` are `lec`, `ls` and `risk_levels` of an edition. A grade with controls that was given by hand stays, but
    never lies above the grade without them.
    """
    found, result = _Tables(tables), Regrading()
    for point in points:
        result.points += 1
        change = found.change(point)
        if (change.new, change.new_residual) != (point.grade, point.residual):
            result.grades.append(change)
        elif point.lead_level and change.new_lead != point.lead_level:
            result.leads.append(change)
    return result
