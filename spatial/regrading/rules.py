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

    @property
    def grade(self) -> int:
        """The grade it has: 4 by direct judgement, else that of its highest source."""
        return 4 if self.direct_major else max((row.grade for row in self.sources), default=0)


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


def regrade(points: Iterable[StoredPoint], tables: Mapping[str, Any]) -> Regrading:
    """Return which points would have another grade or lead level under `lec`, `ls` and `risk_levels` of an edition."""
    lead = {row["grade"]: row["lead_level"] for row in tables["risk_levels"]["scale"]}
    known: dict[tuple[str, str], int | None] = {}

    def grade_of(source: StoredSource) -> int | None:
        key = (source.method, repr(sorted(source.scores.items())))
        if key not in known:
            try:
                known[key] = grade_source(source.method, source.scores, lec=tables["lec"], ls=tables["ls"]).grade
            except ScoreRefused:
                known[key] = None
        return known[key]

    result = Regrading()
    for point in points:
        result.points += 1
        grades = [(source, grade_of(source)) for source in point.sources]
        moved = tuple(SourceChange(source, new) for source, new in grades if new != source.grade)
        new: int | None = 4
        if not point.direct_major:
            values = [grade for _, grade in grades]
            new = None if None in values else max((grade for grade in values if grade is not None), default=0)
        change = PointChange(point, new, moved, lead.get(new or 0, ""))
        if new != point.grade:
            result.grades.append(change)
        elif point.lead_level and change.new_lead != point.lead_level:
            result.leads.append(change)
    return result
