"""A public risk point as somebody gives it: what is wrong with it, and its grade. Pure; tables are arguments.

Sources: S3.57 (public risk points); grading by spec/domain/01 through spatial.risks.rules.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from dataclasses import field as made
from datetime import date
from typing import Any

from spatial import crs
from spatial.risks.rules import JudgementUnknown, ScoreRefused, direct_judgement, grade_source

METHODS = ("LEC", "LS", "direct")
SCORES_OF = {"LEC": ("L", "E", "C"), "LS": ("L", "S"), "direct": ()}
DATUMS = ("GCJ-02", "BD-09")
PLAIN_CRS = ("EPSG:4490", "EPSG:4326")
LIMITS = {"code": 40, "name": 160, "responsible_unit": 120, "responsible_person": 60, "phone": 20, "measures": 2000}
REQUIRED = ("code", "name", "kind", "method", "responsible_unit", "responsible_person", "measures")


def gettext_noop(sentence: str) -> str:
    """Mark a sentence for the catalogue: the pages say it in the reader's language."""
    return sentence


@dataclass(frozen=True)
class Problem:
    """Something wrong with one field: a sentence with named places, and what stands there."""

    field: str
    sentence: str
    values: Mapping[str, Any] = made(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.field}: {self.sentence % self.values if self.values else self.sentence}"


@dataclass(frozen=True)
class RiskGiven:
    """The facts of a public risk point as given; grade and value are never accepted."""

    code: str
    name: str
    kind: str
    method: str
    responsible_unit: str
    responsible_person: str
    measures: str
    scores: Mapping[str, float] = made(default_factory=dict)
    direct_reason: str = ""
    phone: str = ""
    next_check_on: date | None = None


@dataclass(frozen=True)
class Graded:
    """The value (none for a direct judgement) and the grade of a point."""

    value: float | None
    grade: int


@dataclass(frozen=True)
class GradingTables:
    """The tables of an edition that grade a point."""

    lec: Mapping[str, Any]
    ls: Mapping[str, Any]
    direct: Any


def grade_of(given: RiskGiven, tables: GradingTables) -> Graded:
    """Return the grade by the method given. Raises ScoreRefused or JudgementUnknown."""
    if given.method == "direct":
        direct_judgement(given.direct_reason, tables.direct)
        return Graded(None, 4)
    grading = grade_source(given.method, given.scores, lec=tables.lec, ls=tables.ls)
    return Graded(grading.value, grading.grade)


def problems_of(given: RiskGiven, tables: GradingTables, kinds: Collection[str]) -> list[Problem]:
    """Return everything that is wrong with a point, by field."""
    found = []
    for name in REQUIRED:
        if not str(getattr(given, name)).strip():
            found.append(Problem(name, gettext_noop("is missing; fill it in")))
    for name, limit in LIMITS.items():
        if len(getattr(given, name)) > limit:
            found.append(
                Problem(name, gettext_noop("is longer than %(limit)s characters; shorten it"), {"limit": limit})
            )
    if given.kind and given.kind not in kinds:
        words = {"value": given.kind, "allowed": ", ".join(sorted(kinds))}
        found.append(Problem("kind", gettext_noop("%(value)s is no kind; possible are %(allowed)s"), words))
    if given.method and given.method not in METHODS:
        words = {"value": given.method, "allowed": ", ".join(METHODS)}
        found.append(Problem("method", gettext_noop("%(value)s is no method; possible are %(allowed)s"), words))
    elif given.method:
        found.extend(_grading_problems(given, tables))
    return found


def _grading_problems(given: RiskGiven, tables: GradingTables) -> list[Problem]:
    if given.method == "direct":
        try:
            direct_judgement(given.direct_reason, tables.direct)
        except JudgementUnknown:
            codes = ", ".join(row["id"] for row in tables.direct if row["id"] != "DJ-05")
            words: dict[str, Any] = {"value": given.direct_reason or "—", "allowed": codes}
            sentence = gettext_noop("%(value)s is no direct judgement; possible are %(allowed)s")
            return [Problem("direct_reason", sentence, words)]
        return []
    table = tables.lec if given.method == "LEC" else tables.ls
    found = []
    for name in SCORES_OF[given.method]:
        allowed = [row["v"] for row in table[name]]
        if given.scores.get(name) not in allowed:
            words = {"value": given.scores.get(name, "—"), "allowed": ", ".join(map(str, allowed))}
            found.append(
                Problem(name, gettext_noop("%(value)s is no value of the table; possible are %(allowed)s"), words)
            )
    for name in sorted(set(given.scores) - set(SCORES_OF[given.method])):
        words = {"method": given.method}
        found.append(Problem(name, gettext_noop("is not a score of the method %(method)s; leave it empty"), words))
    if not found:
        try:
            grade_of(given, tables)
        except ScoreRefused as error:
            found.append(Problem("method", gettext_noop("cannot be graded: %(why)s"), {"why": error}))
    return found


class CrsUnknown(ValueError):
    """A declared CRS is none of those that can be read."""


def read_crs(declared: str) -> str:
    """Return a declared CRS as EPSG:4490, GCJ-02, BD-09 or another EPSG code. Raises CrsUnknown."""
    text = declared.strip().upper()
    if text in ("CGCS2000", "国家2000", ""):
        return "EPSG:4490"
    if text in ("WGS84", "WGS-84", "OGC:CRS84", "CRS84"):
        return "EPSG:4326"
    if text in DATUMS or text in PLAIN_CRS:
        return text
    if text.startswith("EPSG:") and text[5:].isdigit() and crs.is_metric(int(text[5:])):
        return text
    raise CrsUnknown(declared)


def to_storage(x: float, y: float, declared: str) -> tuple[float, float]:
    """Return (lon, lat) in CGCS2000 of a position in a CRS that `read_crs` returned. Raises CrsRefused."""
    if declared in DATUMS:
        return crs.to_cgcs2000(x, y, declared)  # type: ignore[arg-type]
    srid = int(declared[5:])
    if declared in PLAIN_CRS:
        return x, y
    crs.check_east_north(x, y, srid)
    return crs.transform_point(x, y, from_srid=srid, to_srid=crs.STORAGE_SRID)
