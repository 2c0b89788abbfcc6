"""Which conditions hold on a site: those of its edition, otherwise what the site set, the narrowest scope first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from spatial.alarms.catalogue import conditions_of_rules, period_of
from spatial.alarms.conditions import Again, Condition, Step, StreamFacts, applies
from spatial.alarms.models import AlarmRule
from spatial.observations.models import Datastream
from spatial.observations.queries import limits_of_stream, silent_after
from spatial.rulebook.queries import edition_for, table


@dataclass(frozen=True)
class SiteConditions:
    """The conditions of a site at a moment: the edition's by key, and what the site set, by key and scope."""

    edition: dict[str, Condition]
    names: dict[str, dict[str, Any]]
    own: dict[tuple[str, UUID | None, UUID | None], Condition]

    def of_stream(self, stream: Datastream, facts: StreamFacts) -> list[Condition]:
        """Return the conditions that look at a datastream, by key."""
        found = []
        for key, given in self.edition.items():
            if given.quantity != stream.quantity:
                continue
            own = (
                self.own.get((key, None, stream.pk))
                or (self.own.get((key, stream.zone_id, None)) if stream.zone_id else None)
                or self.own.get((key, None, None))
            )
            condition = own or given
            if applies(condition, stream.quantity, stream.device.kind, facts) and not _stands_back(condition, facts):
                found.append(condition)
        return found


def _stands_back(condition: Condition, facts: StreamFacts) -> bool:
    """Whether a fixed limit stands back because the datastream's design has its own (F-01: limits by plan)."""
    return condition.key == "F-01/settlement" and facts.design_limit is not None


def site_conditions(site: Any, *, at: datetime) -> SiteConditions:
    """Return the conditions that hold on a site at a moment."""
    rules = table(edition_for(site, on=at), "alarm_rules")["rules"]
    rows = AlarmRule.objects.filter(site=site, replaced_at__isnull=True).prefetch_related("steps")
    return SiteConditions(
        edition=conditions_of_rules(row["id"] for row in rules),
        names={row["id"]: row for row in rules},
        own={(row.key, row.zone_id, row.datastream_id): condition_of_row(row) for row in rows},
    )


def condition_of_row(row: AlarmRule) -> Condition:
    """Return the condition that a stored row says."""
    return Condition(
        key=row.key,
        rule=row.key.split("/")[0],
        quantity=row.quantity,
        aggregate=row.aggregate,  # type: ignore[arg-type]
        basis=row.basis,  # type: ignore[arg-type]
        absolute=row.absolute,
        steps=tuple(Step(step.level, step.operator, step.limit, step.hold_s) for step in row.steps.all()),  # type: ignore[arg-type]
        clearing=row.clearing,  # type: ignore[arg-type]
        clear_limit=row.clear_limit,
        clear_hold_s=row.clear_hold_s,
        periods=tuple(period_of(period) for period in row.periods),
        device_kinds=frozenset(row.device_kinds),
        enabled=row.enabled,
        again=Again(row.again_count, row.again_level) if row.again_count else None,  # type: ignore[arg-type]
    )


def stream_facts(stream: Datastream, zone: ZoneInfo) -> StreamFacts:
    """Return what conditions must know of a datastream; its device must be loaded."""
    limits = limits_of_stream(stream)
    return StreamFacts(limits.accumulated, limits.rate_per_day, silent_after(stream), zone)


def history_of(site: Any, key: str) -> Iterable[AlarmRule]:
    """Return what a site set of a condition, in force or replaced, the newest first."""
    rows = AlarmRule.objects.filter(site=site, key=key).select_related("changed_by", "zone", "datastream__device")
    return rows.prefetch_related("steps").order_by("-valid_from")
