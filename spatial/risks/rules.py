"""Grading of risk: LEC, LS, direct judgement, and who must answer for it. Pure; tables are arguments.

Sources: Graham-Kinney method and DB37/T 2882-2016 (LEC, LS), spec/domain/01; S0.43 (people at every level).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


class ScoreRefused(ValueError):
    """A score is not a member of its table; the message names it and what is allowed."""


class JudgementUnknown(LookupError):
    """A direct judgement names no predicate of the table."""


@dataclass(frozen=True)
class Grading:
    """The value of a method (D or R) and the grade it falls in."""

    value: float
    grade: int


def _member(scores: Mapping[str, Any], name: str, table: Mapping[str, Any]) -> float:
    allowed = [row["v"] for row in table[name]]
    value = scores.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or value not in allowed:
        raise ScoreRefused(f"{name} must be one of {', '.join(map(str, allowed))}, not {value!r}.")
    return value


def _only(scores: Mapping[str, Any], names: tuple[str, ...]) -> None:
    extra = sorted(set(scores) - set(names))
    if extra:
        raise ScoreRefused(f"{', '.join(extra)} is never accepted: values are computed from {', '.join(names)}.")


def in_band(value: float, band: Mapping[str, Any]) -> bool:
    """Return whether a value (D or R) falls in a band of a table; an open end has no `hi`."""
    above = value >= band["lo"] if band.get("lo_incl", True) else value > band["lo"]
    if band["hi"] is None:
        return above
    return above and (value <= band["hi"] if band.get("hi_incl", True) else value < band["hi"])


def _grade(value: float, bands: Iterable[Mapping[str, Any]]) -> int:
    return next(band["grade"] for band in bands if in_band(value, band))


def grade_lec(scores: Mapping[str, Any], table: Mapping[str, Any]) -> Grading:
    """Return D = L·E·C and its grade (>320 4; 160..320 3; 70..<160 2; below 1). Raises ScoreRefused.

    L, E and C must be members of the pick list; D is never taken from the caller.
    """
    _only(scores, ("L", "E", "C"))
    value = 1.0
    for name in ("L", "E", "C"):
        value *= _member(scores, name, table)
    value = round(value, 6)  # 0.1 * 3 * 7 is 2.1000000000000005 in binary
    return Grading(value, _grade(value, table["bands"]))


def grade_ls(scores: Mapping[str, Any], table: Mapping[str, Any]) -> Grading:
    """Return R = L·S, both 1 to 5, and its grade (20-25 4; 15-16 3; 9-12 2; below 1). Raises ScoreRefused."""
    _only(scores, ("L", "S"))
    value = _member(scores, "L", table) * _member(scores, "S", table)
    return Grading(float(value), _grade(value, table["bands"]))


def grade_source(method: str, scores: Mapping[str, Any], *, lec: Mapping[str, Any], ls: Mapping[str, Any]) -> Grading:
    """Return the grading of a hazard source by its method, "LEC" or "LS". Raises ScoreRefused."""
    if method == "LEC":
        return grade_lec(scores, lec)
    if method == "LS":
        return grade_ls(scores, ls)
    raise ScoreRefused(f"{method!r} is not a method; the methods are LEC and LS.")


def direct_judgement(code: str, table: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the predicate of a direct judgement (DB37/T 2882-2016) by its id. Raises JudgementUnknown.

    DJ-05, the highest band by a method, sets only the inherent grade and is refused here.
    """
    rows = {row["id"]: row for row in table}
    if code not in rows:
        raise JudgementUnknown(f"{code!r} is no direct judgement; the list is {', '.join(rows)}.")
    if code == "DJ-05":
        raise JudgementUnknown("DJ-05 (highest band) only sets the inherent grade; it is never a direct judgement.")
    return rows[code]


class LevelRefused(ValueError):
    """A lead level is unknown, or lower than the grade asks for."""


def lead_level(grade: int, table: Mapping[str, Any], lifted: str = "") -> str:
    """Return the level that leads the control of a grade; a company may lift it, never lower it (spec 01, 1.6).

    Raises LevelRefused.
    """
    ranks = {row["code"]: row["rank"] for row in table["control_levels"]}
    lead = next(row["lead_level"] for row in table["scale"] if row["grade"] == grade)
    if not lifted:
        return lead
    if lifted not in ranks:
        raise LevelRefused(f"{lifted!r} is not a control level; the levels are {', '.join(ranks)}.")
    if ranks[lifted] < ranks[lead]:
        raise LevelRefused(f"Grade {grade} is led by the {lead}; it may be lifted, not lowered to the {lifted}.")
    return lifted


def required_levels(grade: int, table: Mapping[str, Any], lifted: str = "") -> list[str]:
    """Return the levels that must each have a named person: the lead level and all below (S0.43)."""
    ranks = {row["code"]: row["rank"] for row in table["control_levels"]}
    lead = ranks[lead_level(grade, table, lifted)]
    below = [code for code, rank in ranks.items() if rank <= lead]
    return sorted(below, key=lambda code: -ranks[code])


def missing_levels(grade: int, levels: Iterable[str], table: Mapping[str, Any], lifted: str = "") -> list[str]:
    """Return the levels that lack a named person for a risk point of this grade; empty when S0.43 holds."""
    named = set(levels)
    return [level for level in required_levels(grade, table, lifted) if level not in named]


def missing_measures(grade: int, kinds: Iterable[str]) -> list[str]:
    """Return the kinds of measures a source of this grade lacks: 3 and 4 need three kinds (spec 01, 1.7, C)."""
    needed = ("engineering", "management", "emergency") if grade >= 3 else ()
    return [kind for kind in needed if kind not in set(kinds)]
