"""What every step of an alarm begins and ends with: its lock, the actor's role, the act in the ledger, the event for
open pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from spatial.alarms.models import Alarm
from spatial.alarms.queries import alarm_item
from spatial.ledger.operations import lock_ledgers, record_act
from spatial.notices.operations import append_event
from spatial.people.models import Role
from spatial.people.queries import roles_on

MAY_ACKNOWLEDGE = frozenset(
    {
        Role.SITE_SAFETY,
        Role.PROJECT_MANAGER,
        Role.ENTERPRISE_SAFETY,
        Role.ENTERPRISE_HEAD,
        Role.SUPERVISION_ENGINEER,
    }
)


class AlarmRefused(ValueError):
    """An act on an alarm that cannot be done; nothing was changed. The message says why."""


class AlarmForbidden(AlarmRefused):
    """The actor has no role on the site that may do this."""


def locked(alarm: Alarm) -> Alarm:
    """Return an alarm as it stands now, locked until the transaction ends, behind its organisation's chain."""
    lock_ledgers([alarm.organisation_id])
    rows = Alarm.objects.select_for_update(of=("self",))
    names = ("site__organisation", "site__region", "organisation", "zone", "device", "storey", "datastream")
    return rows.select_related(*names).get(pk=alarm.pk)


def check_role(alarm: Alarm, actor: Any) -> None:
    """Raise AlarmForbidden for who has no safety role on the alarm's site."""
    if not actor.is_superuser and not roles_on(actor, alarm.site) & MAY_ACKNOWLEDGE:
        raise AlarmForbidden("Only a safety role on this site may do this.")


def record(
    alarm: Alarm,
    actor: Any | None,
    verb: str,
    occurred_at: datetime,
    received_at: datetime,
    *,
    details: dict[str, Any] | None = None,
    client_event_id: str = "",
    result: dict[str, Any] | None = None,
) -> None:
    """Write the act of a step of an alarm."""
    facts = {"rule": alarm.rule, "level": alarm.level, "title": alarm.title, "late": alarm.late}
    record_act(
        organisation=alarm.organisation,
        site=alarm.site,
        actor=actor,
        verb=verb,
        subject_kind="alarm",
        subject_id=alarm.pk,
        details={**facts, **(details or {})},
        occurred_at=occurred_at,
        received_at=received_at,
        location=alarm.location,
        rule_edition=alarm.rule_edition,
        client_event_id=client_event_id,
        result=result,
    )


def tell_pages(alarm: Alarm, kind: str, at: datetime, **more: Any) -> None:
    """Tell open pages of a step of an alarm by an event of a kind; `more` is said beside the alarm."""
    append_event(site=alarm.site, kind=kind, payload={**alarm_item(alarm), **more}, occurred_at=at)
