"""The production-risk assessment of an enterprise: numbers and conclusions from plain facts. Pure; no clock.

The same facts give the same content. Conclusions are codes with numbers, made by the rules of `data/method.json`;
the pages say them in the reader's language. Sources: S1.14; grades and index by spec/domain/01 and 02.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

GRADES = (4, 3, 2, 1)
KINDS = ("activity", "facility")
LEVELS = ("company", "project", "team", "post")
OVERDUE = ("HAZ_GENERAL_OVERDUE", "HAZ_GENERAL_OVERDUE7")
MAJOR_OPEN = ("HAZ_MAJOR_OPEN",)
MISSED = ("CONTROL_MISSED",)
NEEDED_MEASURES = ("engineering", "management", "emergency")
STEPS = ("compile", "approve")


class SiteFacts(TypedDict):
    """A site at the moment of the assessment; `grade` and `index` by the colour algebra."""

    code: str
    name: str
    region: str
    people: int
    grade: int
    index: float
    lists_in_force: int
    edition: str


class SourceFacts(TypedDict):
    """A hazard source: its accident type, grade, and measures as (kind, text)."""

    name: str
    accident: str
    grade: int
    measures: list[list[str]]


class PointFacts(TypedDict):
    """An active risk point with its sources, its people as (level, name), and the levels that must have one."""

    site: str
    code: str
    name: str
    kind: str
    grade: int
    direct: str
    levels: list[str]
    people: list[list[str]]
    sources: list[SourceFacts]


class RaisingFacts(TypedDict):
    """A trigger that holds now: its kind, what it is called, since when (ISO), and its source."""

    site: str
    kind: str
    label: str
    since: str
    source_kind: str
    source_id: str


class MonthFacts(TypedDict):
    """The end of a month (or the moment itself): risk points known then by grade, lists published and hazards in it."""

    month: str
    points: dict[str, int]
    published: int
    found: int
    closed: int


class Facts(TypedDict):
    """Everything an assessment is computed from."""

    enterprise: str
    as_of: str
    sites: list[SiteFacts]
    points: list[PointFacts]
    raising: list[RaisingFacts]
    open_hazards: int
    months: list[MonthFacts]


@dataclass(frozen=True)
class Method:
    """The numbers of the method: months of the trend, how many sites and accident types come first."""

    name: str
    trend_compare_months: int
    trend_least_months: int
    first_sites: int
    first_accidents: int


class SigningRefused(ValueError):
    """An assessment cannot be signed so; nothing was changed. The message says why."""


def check_signature(*, step: str, signed: Mapping[str, Any], actor: Any, may: bool) -> None:
    """Refuse a signature out of order, twice, by the compiler as approver, or without role. Raises SigningRefused."""
    if step not in STEPS:
        raise SigningRefused(f"{step!r} is no step; the order is {', '.join(STEPS)}.")
    if step in signed:
        raise SigningRefused("This step is signed already.")
    if step == "approve" and "compile" not in signed:
        raise SigningRefused("The safety department signs before the head approves.")
    if step == "approve" and signed["compile"] == actor:
        raise SigningRefused("Who compiled an assessment does not approve it.")
    if not may:
        raise SigningRefused("You have no role in this enterprise that may sign here.")


def _by_grade(grades: Iterable[int]) -> dict[str, int]:
    counts = Counter(grades)
    return {str(grade): counts[grade] for grade in GRADES}


def missing_of(point: PointFacts) -> list[str]:
    """Return what the control of a point lacks: levels without a person, and kinds of measures of graver sources."""
    named = {level for level, _name in point["people"]}
    lacking = [f"level:{level}" for level in point["levels"] if level not in named]
    for source in point["sources"]:
        if source["grade"] >= 3:
            kinds = {kind for kind, _text in source["measures"]}
            lacking += [f"measure:{kind}" for kind in NEEDED_MEASURES if kind not in kinds]
    return list(dict.fromkeys(lacking))


def _table(points: Sequence[PointFacts], key: Any, names: Sequence[str]) -> list[dict[str, Any]]:
    rows = []
    for name in names:
        grades = [point["grade"] for point in points if key(point) == name]
        rows.append({"name": name, "counts": _by_grade(grades), "total": len(grades)})
    return rows


def _accidents(points: Sequence[PointFacts]) -> list[dict[str, Any]]:
    grades: dict[str, list[int]] = {}
    for point in points:
        for source in point["sources"]:
            grades.setdefault(source["accident"] or "", []).append(source["grade"])
    rows = [{"name": name, "counts": _by_grade(values), "total": len(values)} for name, values in grades.items()]
    return sorted(rows, key=lambda row: (-_grave(row["counts"]), -row["total"], row["name"]))


def _grave(counts: Mapping[str, int]) -> int:
    return counts["4"] + counts["3"]


def _site_rows(facts: Facts) -> list[dict[str, Any]]:
    rows = []
    for site in facts["sites"]:
        grades = [point["grade"] for point in facts["points"] if point["site"] == site["code"]]
        mine = [row["kind"] for row in facts["raising"] if row["site"] == site["code"]]
        overdue, missed = sum(kind in OVERDUE for kind in mine), sum(kind in MISSED for kind in mine)
        major = sum(kind in MAJOR_OPEN for kind in mine)
        rows.append(
            {
                **site,
                "counts": _by_grade(grades),
                "points": len(grades),
                "overdue": overdue,
                "major_open": major,
                "missed": missed,
                "raising": overdue + major + missed,
            }
        )
    return sorted(rows, key=lambda row: (-row["grade"], -row["index"], -row["raising"], row["code"]))


def _index(sites: Sequence[Mapping[str, Any]]) -> float:
    people = sum(site["people"] for site in sites)
    return round(sum(site["index"] * site["people"] for site in sites) / people, 2) if people else 0.0


def _trend(months: Sequence[MonthFacts], method: Method) -> dict[str, Any]:
    """Return how the number of major risk points moved; months before the first known point carry no data."""
    known = [month for month in months if sum(month["points"].values())]
    if len(known) < method.trend_least_months:
        return {"code": "trend_unknown", "values": {"months": len(known)}}
    before = known[-min(len(known), method.trend_compare_months + 1)]
    now = known[-1]
    change = now["points"]["4"] - before["points"]["4"]
    code = "trend_up" if change > 0 else "trend_down" if change < 0 else "trend_same"
    values = {
        "from_month": before["month"],
        "to_month": now["month"],
        "before": before["points"]["4"],
        "now": now["points"]["4"],
    }
    return {"code": code, "values": values}


def _conclusions(content: Mapping[str, Any], facts: Facts, method: Method) -> list[dict[str, Any]]:
    totals, sites, major = content["totals"], content["sites"], content["major"]
    if not sites:
        return [{"code": "nothing", "values": {}}]
    counts = totals["counts"]
    values = {
        "sites": len(sites),
        "points": totals["points"],
        **{f"grade_{grade}": counts[str(grade)] for grade in GRADES},
    }
    found: list[dict[str, Any]] = [
        {"code": "counts", "values": values},
        {"code": "level", "values": {"grade": totals["grade"], "index": totals["index"]}},
    ]
    grave = [row for row in content["accidents"] if row["name"] and _grave(row["counts"])][: method.first_accidents]
    if grave:
        names = [[row["name"], _grave(row["counts"])] for row in grave]
        found.append({"code": "accidents", "values": {"names": names}})
    lacking = [row for row in major if row["missing"]]
    if not major:
        found.append({"code": "no_major", "values": {}})
    else:
        code = "major_gaps" if lacking else "major_whole"
        found.append({"code": code, "values": {"major": len(major), "lacking": len(lacking)}})
    raising = {name: totals[name] for name in ("overdue", "major_open", "missed")}
    code = "raising" if any(raising.values()) else "nothing_raises"
    found.append({"code": code, "values": {**raising, "sites": sum(site["raising"] > 0 for site in sites)}})
    found.append(_trend(facts["months"], method))
    unlisted = [site["name"] for site in sites if not site["lists_in_force"]]
    if unlisted:
        found.append({"code": "unlisted", "values": {"count": len(unlisted), "names": unlisted[:10]}})
    first = [site["name"] for site in sites if site["grade"] >= 3 or site["raising"]][: method.first_sites]
    if first:
        found.append({"code": "first_sites", "values": {"names": first}})
    return found


def assess(facts: Facts, method: Method) -> dict[str, Any]:
    """Return the content of an assessment: totals, tables, sites, major risks, what raises risk now, conclusions."""
    points, sites = facts["points"], _site_rows(facts)
    major = [
        {**point, "missing": missing_of(point)}
        for point in sorted(points, key=lambda row: (row["site"], row["code"]))
        if point["grade"] == 4
    ]
    content: dict[str, Any] = {
        "method": method.name,
        "enterprise": facts["enterprise"],
        "as_of": facts["as_of"],
        "totals": {
            "sites": len(sites),
            "people": sum(site["people"] for site in sites),
            "points": len(points),
            "sources": sum(len(point["sources"]) for point in points),
            "counts": _by_grade(point["grade"] for point in points),
            "grade": max((site["grade"] for site in sites), default=0),
            "index": _index(sites),
            "open_hazards": facts["open_hazards"],
            **{name: sum(site[name] for site in sites) for name in ("overdue", "major_open", "missed")},
        },
        "kinds": _table(points, lambda point: point["kind"], KINDS),
        "levels": _table(points, lambda point: point["levels"][0] if point["levels"] else "", LEVELS),
        "accidents": _accidents(points),
        "sites": sites,
        "major": major,
        "raising": [row for row in facts["raising"] if row["kind"] in (*OVERDUE, *MAJOR_OPEN, *MISSED)],
        "months": facts["months"],
    }
    content["conclusions"] = _conclusions(content, facts, method)
    return content
