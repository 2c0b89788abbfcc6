"""Run case files in the form of zone_algebra_cases.json through the rule and through the SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from .rules import (
    Colour,
    ColourTable,
    PointFact,
    SiteShare,
    TriggerFact,
    inherent,
    point_colour,
    read_table,
    region_grade,
    residual,
    zone_colour,
)
from .set_colours import SetColour, colours_of_cases, region_shares

ZERO = datetime(2000, 1, 1, tzinfo=UTC)
ROUNDING = 0.005 + 1e-9  # the SQL's index and score are not rounded, those of a case are, to two places


class CaseInvalid(ValueError):
    """A case file is not in the form of zone_algebra_cases.json; the message names the case."""


def _moment(seconds: float) -> datetime:
    return ZERO + timedelta(seconds=seconds)


def trigger_fact(row: Mapping[str, Any], number: int) -> TriggerFact:
    """Return a case's trigger; times are seconds after an arbitrary zero."""
    end = row.get("end")
    return TriggerFact(
        id=str(number),
        kind=row["kind"],
        start=_moment(row["start"]),
        end=None if end is None else _moment(end),
        floor=row.get("floor"),
    )


def point_fact(row: Mapping[str, Any]) -> PointFact:
    """Return a case's risk point."""
    return PointFact(
        id=str(row["id"]),
        source_grades=tuple(source["grade"] for source in row["sources"]),
        residual=row.get("residual"),
        direct_major=bool(row.get("direct_major")),
        state=row.get("state", "active"),
    )


def _triggers(rows: Sequence[Mapping[str, Any]]) -> list[TriggerFact]:
    return [trigger_fact(row, number) for number, row in enumerate(rows)]


def run_rule(case: Mapping[str, Any], table: ColourTable) -> dict[str, Any]:
    """Return what the product's rule answers to a case, under the names of its `expect`."""
    if case["type"] == "region":
        grade, score = region_grade([SiteShare(**site) for site in case["sites"]], table)
        return {"grade": grade, "score": score}
    now = _moment(case["now"])
    if case["type"] == "point":
        point = point_fact(case["point"])
        colour = point_colour(point, _triggers(case["triggers"]), table, now)
        return {"inherent": inherent(point), "residual": residual(point), "current": colour.grade}
    by_point = case.get("triggers_by_point", {})
    points = [
        point_colour(point_fact(point), _triggers(by_point.get(point["id"], ())), table, now)
        for point in case["points"]
    ]
    children = [Colour(grade) for grade in case.get("children", ())]
    zone = zone_colour(points, _triggers(case.get("zone_triggers", ())), children, table, now)
    return {"grade": zone.grade, "index": zone.index}


def _set_answer(case: Mapping[str, Any], number: int, colours: Mapping[tuple[str, str], SetColour]) -> dict[str, Any]:
    if case["type"] == "point":
        row = colours[("point", f"{number}/1")]
        return {"inherent": row.inherent, "residual": row.residual, "current": row.grade}
    row = colours[("zone", str(number))]
    return {"grade": row.grade, "index": row.index}


def run_sets(cases: Sequence[Mapping[str, Any]], content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what the SQL answers to all cases: one statement for points and zones, one for regions."""
    colours = {}
    if any(case["type"] != "region" for case in cases):
        colours = {(row.kind, row.id): row for row in colours_of_cases(cases, content)}
    sites = [
        {**site, "region": str(number)}
        for number, case in enumerate(cases, start=1)
        if case["type"] == "region"
        for site in case["sites"]
    ]
    regions = region_shares(sites, content) if sites else {}
    answers = []
    for number, case in enumerate(cases, start=1):
        if case["type"] == "region":
            found = regions.get(str(number))
            answers.append({"grade": found.grade if found else 0, "score": found.score if found else 0.0})
        else:
            answers.append(_set_answer(case, number, colours))
    return answers


def _same(expected: Any, answer: Any, *, rounded: bool) -> bool:
    if isinstance(expected, float) or isinstance(answer, float):
        return answer is not None and abs(expected - answer) <= (1e-9 if rounded else ROUNDING)
    return expected == answer


def check_cases(document: Mapping[str, Any], content: Mapping[str, Any]) -> list[str]:
    """Return a sentence per difference between a case file and the rule, or the SQL; empty when all agree.

    The kinds of the file are compared with the edition's too. Raises CaseInvalid for a case of another form.
    """
    differences = _kind_differences(document.get("kinds", {}), content["kinds"])
    cases, table = document["cases"], read_table(content)
    for number, case in enumerate(cases, start=1):
        if case.get("type") not in ("point", "zone", "region") or "expect" not in case:
            raise CaseInvalid(f"Case {number} is not a point, zone or region case with what is expected.")
    for number, (case, by_sets) in enumerate(zip(cases, run_sets(cases, content), strict=True), start=1):
        for way, answer in (("rule", run_rule(case, table)), ("SQL", by_sets)):
            for name, expected in case["expect"].items():
                if name not in answer or not _same(expected, answer[name], rounded=way == "rule"):
                    said = answer.get(name)
                    label = case.get("name", "")
                    differences.append(f"Case {number} ({label}): {name} by the {way} is {said}, expected {expected}.")
    return differences


def _kind_differences(given: Mapping[str, Any], ours: Mapping[str, Any]) -> list[str]:
    found = []
    for kind, row in given.items():
        for name in ("floor", "lift", "hold_s", "step_s"):
            if kind not in ours or row.get(name) != ours[kind].get(name):
                said = ours.get(kind, {}).get(name)
                found.append(f"Kind {kind}: {name} of the edition is {said}, the file says {row.get(name)}.")
    return found
