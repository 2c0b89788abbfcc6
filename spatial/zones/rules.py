"""The colour of risk points, zones, sites and regions: pure, with now and the table of kinds as arguments.

Source: spec/domain/02 (zone colour algebra, C); a risk point is its highest source (DB37/T 2882-2016, B).
Grades: 4 major (red), 3 considerable (orange), 2 general (yellow), 1 low (blue), 0 nothing to show (grey).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

RISK_POINT = "RISK_POINT"
SHOWN_STATES = ("active", "suspended")
Id = Any  # a UUID of a row, or a name in a case file


class KindUnknown(LookupError):
    """A trigger's kind is not in the table of the edition."""


@dataclass(frozen=True)
class KindRule:
    """What a kind of trigger does: its floor, its lift (by group), and how it fades after its end."""

    floor: int
    lift_group: str | None = None
    hold: timedelta = timedelta()
    step: timedelta = timedelta()
    expires_after: timedelta | None = None

    @property
    def tail(self) -> timedelta:
        """How long after its end a trigger of this kind can still show."""
        return self.hold + 4 * self.step


@dataclass(frozen=True)
class ColourTable:
    """The table of an edition: kinds of triggers, the cap of lifts, weights of index and region."""

    kinds: Mapping[str, KindRule]
    lift_cap: int
    index_weights: Mapping[int, float]
    region_values: Mapping[int, float]
    region_bands: tuple[tuple[float, int], ...]
    supervised_overdue_at_least: int
    fatal_30d: int

    def rule(self, kind: str) -> KindRule:
        """Return the rule of a kind. Raises KindUnknown."""
        try:
            return self.kinds[kind]
        except KeyError as error:
            raise KindUnknown(f"{kind} is not a kind of trigger in this edition.") from error


@dataclass(frozen=True)
class PointFact:
    """A risk point as the colour sees it."""

    id: Id
    source_grades: tuple[int, ...]
    residual: int | None = None
    direct_major: bool = False
    state: str = "active"
    label: str = ""
    edition: str = ""
    since: datetime | None = None


@dataclass(frozen=True)
class TriggerFact:
    """A trigger as the colour sees it: from `start` until `end` (None: goes on)."""

    id: Id
    kind: str
    start: datetime
    end: datetime | None = None
    floor: int | None = None
    source_kind: str = ""
    source_id: str = ""
    label: str = ""
    edition: str = ""


@dataclass(frozen=True)
class Reason:
    """Why a colour is what it is: a risk point's own grade, or a trigger and what it contributes now."""

    kind: str
    grade: int
    lifts: bool = False
    trigger_id: Id | None = None
    risk_point_id: Id | None = None
    source_kind: str = ""
    source_id: str = ""
    label: str = ""
    since: datetime | None = None
    edition: str = ""


@dataclass(frozen=True)
class Colour:
    """A grade with its order inside the grade (0 to 100), its reasons, and when time alone changes it."""

    grade: int
    index: float = 0.0
    reasons: tuple[Reason, ...] = ()
    next_change_at: datetime | None = None


def read_table(content: Mapping[str, Any]) -> ColourTable:
    """Return the table of an edition (`zone_triggers` of the rulebook) in the form this module computes with."""

    def kind(row: Mapping[str, Any]) -> KindRule:
        expires = row.get("expires_after_s")
        return KindRule(
            floor=row["floor"],
            lift_group=row.get("lift_group"),
            hold=timedelta(seconds=row["hold_s"]),
            step=timedelta(seconds=row["step_s"]),
            expires_after=None if expires is None else timedelta(seconds=expires),
        )

    region = content["region"]
    return ColourTable(
        kinds={name: kind(row) for name, row in content["kinds"].items()},
        lift_cap=content["lift_cap"],
        index_weights={int(grade): weight for grade, weight in content["index_weights"].items()},
        region_values={int(grade): value for grade, value in region["values"].items()},
        region_bands=tuple((band["from"], band["grade"]) for band in region["bands"]),
        supervised_overdue_at_least=region["supervised_overdue_at_least"],
        fatal_30d=region["fatal_30d"],
    )


def inherent(point: PointFact) -> int:
    """Return the grade without controls: the highest source, 4 where directly judged (DB37/T 2882-2016)."""
    return 4 if point.direct_major else max(point.source_grades, default=0)


def residual(point: PointFact) -> int:
    """Return the grade with controls in place; never above inherent, 4 while a directly judged point is active."""
    top = inherent(point)
    if point.direct_major and point.state == "active":
        return 4
    return top if point.residual is None else min(point.residual, top)


def effective_floor(trigger: TriggerFact, rule: KindRule, now: datetime) -> int:
    """Return the floor that a trigger sets now: full until its end and hold, then one grade less each step."""
    floor = rule.floor if trigger.floor is None else trigger.floor
    if now < trigger.start:
        return 0
    if rule.expires_after is not None and now >= trigger.start + rule.expires_after:
        return 0
    if trigger.end is None or now < trigger.end + rule.hold:
        return floor
    if not rule.step or rule.expires_after is not None:
        return 0
    return max(0, floor - 1 - (now - trigger.end - rule.hold) // rule.step)


def lifts(trigger: TriggerFact, rule: KindRule, now: datetime) -> bool:
    """Return whether a trigger lifts its risk point now (lifts end at once)."""
    return rule.lift_group is not None and trigger.start <= now and (trigger.end is None or now < trigger.end)


def _moments(trigger: TriggerFact, rule: KindRule) -> Iterator[datetime]:
    """Yield in rising order of kind, not of time, every moment at which a trigger's effect could change."""
    yield trigger.start
    if rule.expires_after is not None:
        yield trigger.start + rule.expires_after
    if trigger.end is not None:
        yield trigger.end
        yield trigger.end + rule.hold
        if rule.step:
            for number in range(1, 4):
                yield trigger.end + rule.hold + number * rule.step


def _next_change(trigger: TriggerFact, rule: KindRule, now: datetime, *, may_lift: bool) -> datetime | None:
    """Return the first moment after now at which time alone changes what this trigger contributes."""

    def effect(moment: datetime) -> tuple[int, bool]:
        return effective_floor(trigger, rule, moment), may_lift and lifts(trigger, rule, moment)

    present = effect(now)
    later = sorted(moment for moment in _moments(trigger, rule) if moment > now)
    return next((moment for moment in later if effect(moment) != present), None)


def _earliest(moments: Iterable[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def _order(reason: Reason) -> tuple[Any, ...]:
    return (-reason.grade, reason.kind == RISK_POINT, str(reason.since or ""), reason.kind, str(reason.trigger_id))


def _sorted_reasons(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    return tuple(sorted(set(reasons), key=lambda reason: (*_order(reason), str(reason.risk_point_id))))


def _trigger_reason(trigger: TriggerFact, grade: int, *, lifting: bool, point_id: Id | None) -> Reason:
    return Reason(
        kind=trigger.kind,
        grade=grade,
        lifts=lifting,
        trigger_id=trigger.id,
        risk_point_id=point_id,
        source_kind=trigger.source_kind,
        source_id=trigger.source_id,
        label=trigger.label,
        since=trigger.start,
        edition=trigger.edition,
    )


def point_colour(point: PointFact, triggers: Sequence[TriggerFact], table: ColourTable, now: datetime) -> Colour:
    """Return the current colour of a risk point: min(4, max(residual + lift, highest floor)); planned: grey.

    `lift` counts the different lift kinds now active, at most `table.lift_cap`.
    """
    if point.state not in SHOWN_STATES:
        return Colour(0)
    base = residual(point)
    ruled = [(trigger, table.rule(trigger.kind)) for trigger in triggers]
    groups = {rule.lift_group for trigger, rule in ruled if lifts(trigger, rule, now)}
    lifted = min(4, base + min(table.lift_cap, len(groups))) if base else 0
    floors = [(trigger, rule, effective_floor(trigger, rule, now)) for trigger, rule in ruled]
    grade = min(4, max([lifted, *(floor for _, _, floor in floors)]))
    reasons = []
    if base:
        reasons.append(
            Reason(
                RISK_POINT,
                base,
                risk_point_id=point.id,
                source_kind="risk_point",
                source_id=str(point.id),
                label=point.label,
                since=point.since,
                edition=point.edition,
            )
        )
    for trigger, rule, floor in floors:
        lifting = bool(base) and lifts(trigger, rule, now)
        if floor or lifting:
            shown = max(floor, lifted if lifting else 0)
            reasons.append(_trigger_reason(trigger, shown, lifting=lifting, point_id=point.id))
    later = (_next_change(trigger, rule, now, may_lift=bool(base)) for trigger, rule in ruled)
    return Colour(grade, zone_index([grade], table), _sorted_reasons(reasons), _earliest(later))


def zone_colour(
    points: Sequence[Colour],
    triggers: Sequence[TriggerFact],
    children: Sequence[Colour],
    table: ColourTable,
    now: datetime,
) -> Colour:
    """Return the colour of a zone or a site: the highest of its points, its triggers' floors and its children.

    The index orders places of one colour by their points only and never changes the colour. Reasons are every
    trigger that counts now, and the points that have the place's own grade.
    """
    ruled = [(trigger, table.rule(trigger.kind)) for trigger in triggers]
    floors = [(trigger, effective_floor(trigger, rule, now)) for trigger, rule in ruled]
    parts = [*points, *children]
    grade = max([part.grade for part in parts] + [min(4, floor) for _, floor in floors], default=0)
    reasons = [_trigger_reason(trigger, floor, lifting=False, point_id=None) for trigger, floor in floors if floor]
    for part in parts:
        reasons += [r for r in part.reasons if r.kind != RISK_POINT or part.grade == grade]
    later = [_next_change(trigger, rule, now, may_lift=False) for trigger, rule in ruled]
    later += [part.next_change_at for part in parts]
    index = zone_index([point.grade for point in points], table)
    return Colour(grade, index, _sorted_reasons(reasons), _earliest(later))


def zone_index(grades: Iterable[int], table: ColourTable) -> float:
    """Return 100·(1 - Π(1 - w(C))), 0 to 100, rounded to two places: the order of places of one colour."""
    product = 1.0
    for grade in sorted(grades):
        product *= 1 - table.index_weights[grade]
    return round(100 * (1 - product), 2)


@dataclass(frozen=True)
class SiteShare:
    """A site's part in its region: its grade, its weight (people on site) and the two facts that force a colour."""

    grade: int
    weight: float = 1.0
    supervised_overdue: bool = False
    fatal_30d: bool = False


def region_grade(sites: Iterable[SiteShare], table: ColourTable) -> tuple[int, float]:
    """Return (grade, score) of a region: the weighted share of its sites' grades (spec 02, 2.4).

    Sites with grade 0 do not count. A maximum would paint every district red.
    """
    shown = [site for site in sites if site.grade]
    if not shown:
        return 0, 0.0
    values = table.region_values
    score = 100 * sum(s.weight * values[s.grade] for s in shown) / sum(s.weight for s in shown)
    grade = next(grade for start, grade in table.region_bands if score >= start)
    if any(site.supervised_overdue for site in shown):
        grade = max(grade, table.supervised_overdue_at_least)
    if any(site.fatal_30d for site in shown):
        grade = table.fatal_30d
    return grade, round(score, 2)
