"""What happens to alarms that nobody takes note of: said again, and told to the next role; by the clock alone."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from spatial.alarms.catalogue import policy
from spatial.alarms.models import Alarm, AlarmNotice
from spatial.alarms.policies import policy_of_alarm
from spatial.alarms.steps import record, tell_pages
from spatial.ledger.operations import lock_ledgers
from spatial.people.queries import users_on

AT_ONCE = 200


@transaction.atomic
def remind(*, now: datetime) -> int:
    """This function will say again each alarm whose time has come, and return how many it said.

    It asks the stored alarms, not messages: a device that fell silent changes nothing. Two that run at once take
    different alarms.
    """
    rows = Alarm.objects.filter(remind_at__lte=now, acknowledged_at__isnull=True, cleared_at__isnull=True)
    names = ("site", "zone", "device", "storey")
    rows = rows.order_by("remind_at", "id")
    lock_ledgers(rows.values_list("organisation_id", flat=True)[:AT_ONCE])
    due = list(rows.select_for_update(of=("self",), skip_locked=True).select_related(*names)[:AT_ONCE])
    for alarm in due:
        pause_s = policy_of_alarm(alarm)["escalation"][alarm.level]["remind_s"]
        alarm.reminders += 1
        alarm.remind_at = now + timedelta(seconds=pause_s) if pause_s else None
        alarm.save(update_fields=["reminders", "remind_at"])
    for alarm in due:
        tell_pages(alarm, "alarm_repeated", now, reminders=alarm.reminders)
    return len(due)


def escalate(*, now: datetime) -> int:
    """This function will tell the next role of each alarm that was not noted in time; returns how many it told of.

    Roles that nobody has on the site are passed over; after the last one the alarm is only said again. One alarm, one
    transaction: each takes the chain of one organisation's ledger before the lock of the stream.
    """
    rows = Alarm.objects.filter(escalate_at__lte=now, acknowledged_at__isnull=True, cleared_at__isnull=True)
    related = ("organisation", "site__organisation", "site__region", "zone", "device", "storey")
    told = 0
    for pk, organisation_id in list(rows.order_by("escalate_at", "id").values_list("pk", "organisation_id")[:AT_ONCE]):
        with transaction.atomic():
            lock_ledgers([organisation_id])
            due = rows.select_for_update(of=("self",), skip_locked=True).select_related(*related).filter(pk=pk)
            for alarm in due:
                _tell_next_role(alarm, now)
                told += 1
    return told


def _tell_next_role(alarm: Alarm, now: datetime) -> None:
    roles = policy()["steps"]
    after_s = policy_of_alarm(alarm)["escalation"][alarm.level]["after_s"]
    users: list = []
    while not users and alarm.escalated_to < len(roles) - 1:
        alarm.escalated_to += 1
        users = list(users_on(alarm.site, role=roles[alarm.escalated_to]))
    more = alarm.escalated_to < len(roles) - 1
    alarm.escalate_at = now + timedelta(seconds=after_s) if more and after_s else None
    alarm.save(update_fields=["escalated_to", "escalate_at"])
    if not users:
        return
    role = roles[alarm.escalated_to]
    notices = [
        AlarmNotice(
            organisation_id=alarm.organisation_id,
            site_id=alarm.site_id,
            alarm=alarm,
            user=user,
            role=role,
            step=alarm.escalated_to,
            sent_at=now,
        )
        for user in users
    ]
    AlarmNotice.objects.bulk_create(
        notices, update_conflicts=True, unique_fields=["alarm", "user", "step"], update_fields=["sent_at", "seen_at"]
    )
    told = [str(user) for user in users]
    record(alarm, None, "escalate_alarm", now, now, details={"role": role, "told": told})
    tell_pages(alarm, "alarm_escalated", now, role=role, users=[str(user.pk) for user in users])
