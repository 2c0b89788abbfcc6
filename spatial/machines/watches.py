"""What the rules of a site remember, in the database: now, and at any moment of the last day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q

from spatial.machines.models import Watch, WatchChange
from spatial.machines.rules import PAIR_RULES, PERSON_RULES, Key, Scope, WatchState


def watches_of(site: Any) -> dict[Key, WatchState]:
    """Return what the rules of a site remember now."""
    rows = Watch.objects.filter(machine__site=site).values_list("machine_id", "rule", "other", "state")
    return {(machine_id, rule, other): _state(state) for machine_id, rule, other, state in rows}


def memories_before(site: Any, at: datetime, scope: Scope) -> dict[Key, WatchState]:
    """Return what the rules in scope remembered just before a moment."""
    rows = WatchChange.objects.filter(scope_filter(scope), machine__site=site, at__lt=at)
    rows = rows.order_by("machine_id", "rule", "other", "-at").distinct("machine_id", "rule", "other")
    found = {(row.machine_id, row.rule, row.other): _state(row.state) for row in rows}
    return {key: state for key, state in found.items() if state != WatchState()}


def scope_filter(scope: Scope) -> Q:
    """Return the condition on rows of a machine, a rule and another that lie in a scope (`Scope.holds`)."""
    people = Q(rule__in=PERSON_RULES, other__in=[str(one) for one in scope.people])
    pairs = Q(rule__in=PAIR_RULES, other__in=[str(one) for one in scope.machines])
    return Q(machine_id__in=list(scope.machines)) | people | pairs


def keep_changes(
    site: Any, scope: Scope | None, since: datetime | None, until: datetime | None,
    changes: Iterable[tuple[Key, datetime, WatchState]],
) -> None:  # fmt: skip
    """Write down changes of memories; those in scope of that time that were there before go."""
    if scope is not None:
        rows = WatchChange.objects.filter(scope_filter(scope), machine__site=site, at__gte=since, at__lte=until)
        rows.delete()
    WatchChange.objects.bulk_create(
        WatchChange(machine_id=key[0], rule=key[1], other=key[2], at=at, state=_json(state))
        for key, at, state in changes
    )


def keep_watches(watches: Mapping[Key, WatchState], keys: Iterable[Key]) -> None:
    """Store memories that changed; one that remembers nothing goes."""
    kept, gone = [], []
    for key in sorted(set(keys), key=str):
        state = watches.get(key, WatchState())
        if state == WatchState():
            gone.append(key)
        else:
            kept.append(_watch(key, state))
    Watch.objects.bulk_create(
        kept, update_conflicts=True, unique_fields=["machine", "rule", "other"], update_fields=["raised", "state"]
    )
    for machine_id, rule, other in gone:
        Watch.objects.filter(machine_id=machine_id, rule=rule, other=other).delete()


def replace_watches(site: Any, scope: Scope, watches: Mapping[Key, WatchState]) -> None:
    """Put memories in the place of all that lie in a scope."""
    Watch.objects.filter(scope_filter(scope), machine__site=site).delete()
    keep_watches(watches, [key for key in watches if scope.holds(key)])


def forget_changes(*, before: datetime) -> int:
    """Delete changes of memories before a moment, but for what a rule remembered then, whatever its age; return how
    many."""
    rows = WatchChange.objects.filter(at__lt=before)
    newer = rows.filter(
        machine=OuterRef("machine"), rule=OuterRef("rule"), other=OuterRef("other"), at__gt=OuterRef("at")
    )
    return int(rows.filter(Q(state=_json(WatchState())) | Exists(newer)).delete()[0])


def _watch(key: Key, state: WatchState) -> Watch:
    return Watch(machine_id=key[0], rule=key[1], other=key[2], raised=state.level is not None, state=_json(state))


def _json(state: WatchState) -> dict[str, Any]:
    return {
        "level": state.level,
        "holds_since": state.holds_since.isoformat() if state.holds_since else None,
        "clear_since": state.clear_since.isoformat() if state.clear_since else None,
    }


def _state(body: Mapping[str, Any]) -> WatchState:
    holds, clear = body.get("holds_since"), body.get("clear_since")
    return WatchState(
        body.get("level"),
        datetime.fromisoformat(holds) if holds else None,
        datetime.fromisoformat(clear) if clear else None,
    )
