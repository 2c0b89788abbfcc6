"""Set conditions of a site otherwise than its edition, and go back to the edition's values."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from spatial.alarms.catalogue import ConditionRefused, faults_of, period_json
from spatial.alarms.conditions import Condition
from spatial.alarms.life import clear_alarm
from spatial.alarms.models import Alarm, AlarmRule, AlarmRuleStep
from spatial.alarms.rule_queries import site_conditions
from spatial.alarms.steps import AlarmForbidden, AlarmRefused
from spatial.ledger.operations import record_act
from spatial.notices.operations import append_event
from spatial.people.models import Role
from spatial.people.queries import roles_on
from spatial.rulebook.queries import edition_for

MAY_SET = frozenset({Role.SITE_SAFETY, Role.PROJECT_MANAGER, Role.ENTERPRISE_SAFETY})


@transaction.atomic
def change_rule(
    *,
    site: Any,
    condition: Condition,
    zone: Any | None = None,
    datastream: Any | None = None,
    reason: str,
    actor: Any,
    now: datetime,
) -> AlarmRule:
    """This function will let a condition hold on a site (or one zone, or one datastream) as given, from `now` on.

    Switching it off clears its alarms. Raises AlarmForbidden, AlarmRefused without a reason or for a condition that
    the edition does not have, ConditionRefused with every fault.
    """
    _check(site, actor, reason)
    held = site_conditions(site, at=now)
    if condition.key not in held.edition:
        raise AlarmRefused(f"The rule edition of this site has no condition {condition.key}.")
    if faults := faults_of(condition):
        raise ConditionRefused(faults)
    for what, row in (("zone", zone), ("datastream", datastream)):
        if row is not None and row.site_id != site.pk:
            raise AlarmRefused(f"The {what} given belongs to another site.")
    before = _end(site, condition.key, zone, datastream, now)
    given = held.edition[condition.key]
    row = AlarmRule.objects.create(
        organisation_id=site.organisation_id,
        site=site,
        key=condition.key,
        zone=zone,
        datastream=datastream,
        quantity=given.quantity,
        aggregate=condition.aggregate,
        basis=given.basis,
        absolute=condition.absolute,
        clearing=condition.clearing,
        clear_limit=condition.clear_limit,
        clear_hold_s=condition.clear_hold_s,
        periods=[period_json(period) for period in condition.periods],
        device_kinds=sorted(condition.device_kinds),
        enabled=condition.enabled,
        again_count=condition.again.count if condition.again else None,
        again_level=condition.again.level if condition.again else "",
        valid_from=now,
        changed_by=actor,
        reason=reason.strip()[:200],
        rule_edition=edition_for(site, on=now),
    )
    steps = [
        AlarmRuleStep(alarm_rule=row, level=step.level, operator=step.operator, limit=step.limit, hold_s=step.hold_s)
        for step in condition.steps
    ]
    AlarmRuleStep.objects.bulk_create(steps)
    if not condition.enabled:
        _clear_all(row, actor, now)
    said = [f"{step.level} {step.operator} {step.limit:g} {step.hold_s:g} s" for step in condition.steps]
    _record(row, actor, now, "change_alarm_rule", {"steps": said, "enabled": row.enabled, "replaces": before})
    return row


@transaction.atomic
def reset_rule(
    *,
    site: Any,
    key: str,
    zone: Any | None = None,
    datastream: Any | None = None,
    reason: str,
    actor: Any,
    now: datetime,
) -> None:
    """This function will let the edition's condition hold again. Raises AlarmForbidden, AlarmRefused."""
    _check(site, actor, reason)
    rows = AlarmRule.objects.filter(site=site, key=key, zone=zone, datastream=datastream, replaced_at__isnull=True)
    row = rows.select_for_update(of=("self",)).first()
    if row is None:
        raise AlarmRefused("The edition's value holds here already.")
    row.replaced_at = now
    row.save(update_fields=["replaced_at"])
    _record(row, actor, now, "reset_alarm_rule", {"reset_reason": reason.strip()[:200]})


def _check(site: Any, actor: Any, reason: str) -> None:
    if not actor.is_superuser and not roles_on(actor, site) & MAY_SET:
        raise AlarmForbidden("Only the safety officer, the project manager or the safety department sets alarm rules.")
    if not reason.strip():
        raise AlarmRefused("Say why the alarm rule is changed.")


def _end(site: Any, key: str, zone: Any | None, datastream: Any | None, now: datetime) -> str:
    rows = AlarmRule.objects.filter(site=site, key=key, zone=zone, datastream=datastream, replaced_at__isnull=True)
    row = rows.select_for_update(of=("self",)).first()
    if row is None:
        return ""
    row.replaced_at = now
    row.save(update_fields=["replaced_at"])
    return str(row.pk)


def _clear_all(row: AlarmRule, actor: Any, now: datetime) -> None:
    active = Alarm.objects.filter(site=row.site, condition=row.key, cleared_at__isnull=True)
    if row.zone_id:
        active = active.filter(zone_id=row.zone_id)
    if row.datastream_id:
        active = active.filter(datastream_id=row.datastream_id)
    for alarm in active.order_by("id"):
        clear_alarm(alarm=alarm, cleared_at=now, received_at=now, actor=actor, reason=row.reason)


def _record(row: AlarmRule, actor: Any, now: datetime, verb: str, details: dict[str, Any]) -> None:
    scope = {"zone": str(row.zone_id or ""), "datastream": str(row.datastream_id or "")}
    record_act(
        organisation=row.site.organisation,
        site=row.site,
        actor=actor,
        verb=verb,
        subject_kind="alarm_rule",
        subject_id=row.pk,
        details={"key": row.key, "reason": row.reason, **scope, **details},
        occurred_at=now,
        received_at=now,
        rule_edition=row.rule_edition,
    )
    append_event(site=row.site, kind="alarm_rule_changed", payload={"key": row.key}, occurred_at=now)
