"""Add, revise, close and import public risk points; graded here from the edition that the region follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction
from django.utils import timezone

from spatial.ledger.operations import record_act
from spatial.places.models import Region
from spatial.rulebook.models import Edition

from .models import PublicRisk
from .queries import FACTS, facts_of, may_write, tables_for
from .rules import GradingTables, Problem, RiskGiven, gettext_noop, grade_of, problems_of

MAX_VERTICES = 5_000


class PublicRiskRefused(ValueError):
    """Public risk points cannot be stored as given; nothing was changed. `problems` are by row (from 1) and field."""

    def __init__(self, problems: Sequence[tuple[int, Problem]]) -> None:
        super().__init__("\n".join(f"Row {row}, {problem}" if row else str(problem) for row, problem in problems))
        self.problems = list(problems)


class PublicRiskForbidden(PermissionError):
    """The actor does not regulate the region."""


@dataclass(frozen=True)
class Placed:
    """A point as given, with its region and its geometry in EPSG:4490; `row` is where it stood in a file."""

    region: Region
    given: RiskGiven
    geometry: GEOSGeometry
    source_crs: str
    row: int = 0


def place_problems(geometry: GEOSGeometry) -> list[Problem]:
    """Return what is wrong with a geometry: empty, broken, too fine, or not in China."""
    if geometry.empty:
        return [Problem("geometry", gettext_noop("is empty; give a place"))]
    if not geometry.valid:
        return [Problem("geometry", gettext_noop("is not valid: %(why)s"), {"why": geometry.valid_reason})]
    if geometry.num_coords > MAX_VERTICES:
        return [Problem("geometry", gettext_noop("has more than %(limit)s vertices"), {"limit": MAX_VERTICES})]
    west, south, east, north = geometry.extent
    if not (73 <= west <= east <= 136 and 3 <= south <= north <= 54):
        words = {"x": f"{west:.5f}", "y": f"{south:.5f}"}
        return [Problem("geometry", gettext_noop("%(x)s, %(y)s is not in China; check axis order and CRS"), words)]
    return []


def outside(region: Region, geometry: GEOSGeometry) -> bool:
    """Return whether a geometry lies outside the region's boundary (which is for orientation only)."""
    return region.boundary is not None and not region.boundary.intersects(geometry)


def _act(point: PublicRisk, verb: str, details: dict[str, Any], *, actor: Any, now: datetime) -> None:
    record_act(
        organisation=None,
        actor=actor,
        verb=verb,
        subject_kind="publicrisk",
        subject_id=point.pk,
        details={"region": point.region.code, "code": point.code, **details},
        occurred_at=now,
        received_at=now,
        location=point.geometry.centroid,
        rule_edition=point.rule_edition,
    )


Rules = tuple[Edition, GradingTables]


def _rules(region: Region, now: datetime) -> Rules:
    return tables_for(region, on=timezone.localdate(now))


def _check(placed: Placed, rules: Rules) -> list[tuple[int, Problem]]:
    _, tables = rules
    found = problems_of(placed.given, tables, PublicRisk.Kind.values)
    return [(placed.row, problem) for problem in [*found, *place_problems(placed.geometry)]]


def _store(point: PublicRisk, placed: Placed, rules: Rules) -> PublicRisk:
    edition, tables = rules
    graded = grade_of(placed.given, tables)
    for name in FACTS:
        value = getattr(placed.given, name)
        setattr(point, name, dict(value) if name == "scores" else value)
    point.region, point.geometry, point.source_crs = placed.region, placed.geometry, placed.source_crs
    point.value, point.grade, point.rule_edition = graded.value, graded.grade, edition
    point.save()
    return point


@transaction.atomic
def add_public_risk(
    *, placed: Placed, photo_sha256: str = "", rules: Rules | None = None, actor: Any, now: datetime
) -> PublicRisk:
    """This function will add a public risk point, graded by the rules that its region follows (read when not given).

    Raises PublicRiskRefused by field, or PublicRiskForbidden.
    """
    if not may_write(actor, placed.region):
        raise PublicRiskForbidden("Only the regulators of this region keep its public risk points.")
    rules = rules or _rules(placed.region, now)
    problems = _check(placed, rules)
    Region.objects.select_for_update(no_key=True).get(pk=placed.region.pk)
    if PublicRisk.objects.filter(region=placed.region, code=placed.given.code).exists():
        sentence = gettext_noop("%(value)s is taken in this region; choose another")
        problems.append((placed.row, Problem("code", sentence, {"value": placed.given.code})))
    if problems:
        raise PublicRiskRefused(problems)
    point = _store(PublicRisk(photo_sha256=photo_sha256), placed, rules)
    _act(point, "add_public_risk", {"name": point.name, "grade": point.grade}, actor=actor, now=now)
    return point


@transaction.atomic
def revise_public_risk(
    *,
    point: PublicRisk,
    placed: Placed,
    photo_sha256: str | None = None,
    rules: Rules | None = None,
    actor: Any,
    now: datetime,
) -> PublicRisk:
    """This function will change a point's facts and grade it again; the act tells what changed. A closed one opens."""
    point = PublicRisk.objects.select_for_update(of=("self",)).select_related("region").get(pk=point.pk)
    if not (may_write(actor, point.region) and may_write(actor, placed.region)):
        raise PublicRiskForbidden("Only the regulators of this region keep its public risk points.")
    rules = rules or _rules(placed.region, now)
    problems = _check(placed, rules)
    same = PublicRisk.objects.filter(region=placed.region, code=placed.given.code).exclude(pk=point.pk)
    if same.exists():
        sentence = gettext_noop("%(value)s is taken in this region; choose another")
        problems.append((placed.row, Problem("code", sentence, {"value": placed.given.code})))
    if problems:
        raise PublicRiskRefused(problems)
    before = {**facts_of(point), "grade": point.grade, "place": point.geometry.wkt}
    point.closed_at, point.closed_reason = None, ""
    if photo_sha256 is not None:
        point.photo_sha256 = photo_sha256
    point = _store(point, placed, rules)
    after = {**facts_of(point), "grade": point.grade, "place": point.geometry.wkt}
    changed = {name: [str(before[name]), str(after[name])] for name in after if before[name] != after[name]}
    _act(point, "revise_public_risk", {"changed": changed}, actor=actor, now=now)
    return point


@transaction.atomic
def close_public_risk(*, point: PublicRisk, reason: str, actor: Any, now: datetime) -> PublicRisk:
    """This function will close a point that is no risk any more; it stays in the record. Raises PublicRiskRefused."""
    point = PublicRisk.objects.select_for_update(of=("self",)).select_related("region").get(pk=point.pk)
    if not may_write(actor, point.region):
        raise PublicRiskForbidden("Only the regulators of this region keep its public risk points.")
    if not reason.strip():
        raise PublicRiskRefused([(0, Problem("reason", gettext_noop("is missing; say why the risk is gone")))])
    if point.closed_at:
        return point
    point.closed_at, point.closed_reason = now, reason.strip()[:200]
    point.save(update_fields=["closed_at", "closed_reason"])
    _act(point, "close_public_risk", {"reason": point.closed_reason}, actor=actor, now=now)
    return point


@dataclass(frozen=True)
class Outcome:
    """What an import does, or would do: how many points are new, changed, and the same."""

    new: int
    changed: int
    same: int


def _rules_of(rows: Sequence[Placed], now: datetime) -> dict[Any, tuple[Edition, GradingTables, Region]]:
    regions = {row.region.pk: row.region for row in rows}
    return {key: (*_rules(region, now), region) for key, region in regions.items()}


def _known(rows: Sequence[Placed]) -> dict[tuple[Any, str], PublicRisk]:
    points = PublicRisk.objects.filter(region__in={row.region for row in rows}).select_related("region")
    return {(point.region_id, point.code): point for point in points}


def _is_same(point: PublicRisk, row: Placed) -> bool:
    given = {name: getattr(row.given, name) for name in FACTS} | {"scores": dict(row.given.scores)}
    near = point.geometry.geom_type == row.geometry.geom_type and point.geometry.equals_exact(row.geometry, 1e-9)
    return point.closed_at is None and near and facts_of(point) == given


def preview_import(rows: Sequence[Placed], *, actor: Any, now: datetime) -> tuple[Outcome, list[tuple[int, Problem]]]:
    """Return what an import would do, and every problem by row and field; nothing is written."""
    rules = _rules_of(rows, now)
    regulated = {region for region in rules if may_write(actor, rules[region][2])}
    problems = [problem for row in rows for problem in _check(row, rules[row.region.pk][:2])]
    seen: dict[tuple[Any, str], int] = {}
    for row in rows:
        key = (row.region.pk, row.given.code)
        if key in seen:
            words = {"value": row.given.code, "row": seen[key]}
            sentence = gettext_noop("%(value)s stands in row %(row)s already; each code once")
            problems.append((row.row, Problem("code", sentence, words)))
        seen.setdefault(key, row.row)
        if row.region.pk not in regulated:
            words = {"value": row.region.name}
            problems.append((row.row, Problem("region", gettext_noop("%(value)s is not yours to regulate"), words)))
    known = _known(rows)
    counts = {"new": 0, "changed": 0, "same": 0}
    for row in rows:
        point = known.get((row.region.pk, row.given.code))
        counts["new" if point is None else "same" if _is_same(point, row) else "changed"] += 1
    return Outcome(**counts), sorted(problems, key=lambda item: item[0])


@transaction.atomic
def import_public_risks(*, rows: Sequence[Placed], actor: Any, now: datetime) -> Outcome:
    """This function will add and revise points from a file, all or nothing. Raises PublicRiskRefused by row."""
    outcome, problems = preview_import(rows, actor=actor, now=now)
    if problems:
        raise PublicRiskRefused(problems)
    known, rules = _known(rows), _rules_of(rows, now)
    for row in rows:
        edition, tables, _ = rules[row.region.pk]
        point = known.get((row.region.pk, row.given.code))
        if point is None:
            add_public_risk(placed=row, rules=(edition, tables), actor=actor, now=now)
        elif not _is_same(point, row):
            revise_public_risk(point=point, placed=row, rules=(edition, tables), actor=actor, now=now)
    return outcome
