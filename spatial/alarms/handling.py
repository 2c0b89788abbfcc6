"""What people do about an alarm: take note of it, handle it with words and photos, call it false, close it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, BinaryIO

from django.db import transaction

from spatial.alarms.answering import answer_wearer
from spatial.alarms.catalogue import policy
from spatial.alarms.clocks import stop_clocks
from spatial.alarms.life import FALSE, clear_alarm
from spatial.alarms.models import Alarm, AlarmNotice, AlarmPhoto
from spatial.alarms.steps import AlarmRefused, check_role, locked, record, tell_pages
from spatial.ledger.operations import claim_client_event
from spatial.patrols.pictures import store_picture


@transaction.atomic
def acknowledge_alarm(*, alarm: Alarm, actor: Any, now: datetime, client_event_id: str = "") -> Alarm:
    """This function will note who has seen an alarm. The first acknowledgement stands; a repeated request
    changes nothing. Raises AlarmForbidden for an actor without a safety role on the site."""
    if claim_client_event(actor=actor, client_event_id=client_event_id) is not None:
        return Alarm.objects.get(pk=alarm.pk)
    alarm = locked(alarm)
    check_role(alarm, actor)
    if alarm.acknowledged_at:
        return alarm
    _take_note(alarm, actor, now)
    alarm.save(update_fields=["acknowledged_at", "acknowledged_by", "remind_at", "escalate_at"])
    result = {"id": str(alarm.pk), "acknowledged_at": now.isoformat()}
    record(alarm, actor, "acknowledge_alarm", now, now, client_event_id=client_event_id, result=result)
    tell_pages(alarm, "alarm_acknowledged", now)
    return alarm


def _take_note(alarm: Alarm, actor: Any, now: datetime) -> None:
    """Note the first who takes note of an alarm, stop its clocks and answer its wearer; the caller saves it."""
    if alarm.acknowledged_at is None:
        alarm.acknowledged_at, alarm.acknowledged_by = now, actor
        answer_wearer(alarm, now)
    stop_clocks(alarm)
    AlarmNotice.objects.filter(alarm=alarm, user=actor, seen_at__isnull=True).update(seen_at=now)


@transaction.atomic
def handle_alarm(
    *,
    alarm: Alarm,
    text: str,
    photos: Sequence[BinaryIO] = (),
    actor: Any,
    now: datetime,
    client_event_id: str = "",
) -> Alarm:
    """This function will write down what was done about an alarm, with photos; said again, the newest words stand.

    Handling takes note of the alarm too. Raises AlarmForbidden, AlarmRefused without words, PictureRefused.
    """
    if claim_client_event(actor=actor, client_event_id=client_event_id) is not None:
        return Alarm.objects.get(pk=alarm.pk)
    alarm = locked(alarm)
    check_role(alarm, actor)
    if not text.strip():
        raise AlarmRefused("Say what was done about the alarm.")
    if alarm.closed_at:
        raise AlarmRefused("The alarm is closed; what was done stands in its life line.")
    hashes = [store_picture(photo) for photo in photos]
    for sha256 in hashes:
        AlarmPhoto.objects.get_or_create(
            alarm=alarm,
            sha256=sha256,
            defaults={"organisation_id": alarm.organisation_id, "site_id": alarm.site_id, "taken_by": actor},
        )
    alarm.handled_at, alarm.handled_by, alarm.handling = now, actor, text.strip()
    _take_note(alarm, actor, now)
    alarm.save()
    details = {"text": alarm.handling, "photos": hashes}
    result = {"id": str(alarm.pk)}
    record(alarm, actor, "handle_alarm", now, now, details=details, client_event_id=client_event_id, result=result)
    tell_pages(alarm, "alarm_acknowledged", now)
    return alarm


@transaction.atomic
def mark_false(*, alarm: Alarm, reason: str, note: str = "", actor: Any, now: datetime) -> Alarm:
    """This function will mark an alarm as a false one, with its reason; an active one is cleared by it.

    False alarms are counted by rule, so that limits can be tuned. Raises AlarmForbidden, AlarmRefused.
    """
    alarm = locked(alarm)
    check_role(alarm, actor)
    if reason not in policy()["false_reasons"]:
        raise AlarmRefused("Choose why it was a false alarm.")
    if reason == "other" and not note.strip():
        raise AlarmRefused("Say in a few words why it was a false alarm.")
    if alarm.false_reason:
        return alarm
    if alarm.cleared_at is None:
        alarm = clear_alarm(alarm=alarm, cleared_at=now, received_at=now, actor=actor, reason=f"{FALSE}{reason}")
    alarm.false_reason, alarm.false_note = reason, note.strip()[:200]
    alarm.closed_at, alarm.closed_by = now, actor
    if alarm.acknowledged_at is None:
        alarm.acknowledged_at, alarm.acknowledged_by = now, actor
    stop_clocks(alarm)
    alarm.save()
    record(alarm, actor, "mark_false_alarm", now, now, details={"reason": reason, "note": alarm.false_note})
    tell_pages(alarm, "alarm_cleared", now)
    return alarm


@transaction.atomic
def close_alarm(*, alarm: Alarm, actor: Any, now: datetime, note: str = "") -> Alarm:
    """This function will close an alarm that is cleared; a red or orange one must have been handled before.

    Closing twice changes nothing. Raises AlarmForbidden, AlarmRefused.
    """
    alarm = locked(alarm)
    check_role(alarm, actor)
    if alarm.closed_at:
        return alarm
    if alarm.cleared_at is None:
        raise AlarmRefused("The alarm still holds: clear it first, with the reason.")
    if alarm.level in ("red", "orange") and alarm.handled_at is None and alarm.disproved_at is None:
        raise AlarmRefused("Write down first what was done about this alarm.")
    alarm.closed_at, alarm.closed_by = now, actor
    if alarm.acknowledged_at is None:
        alarm.acknowledged_at, alarm.acknowledged_by = now, actor
    stop_clocks(alarm)
    alarm.save()
    record(alarm, actor, "close_alarm", now, now, details={"note": note.strip()[:200]})
    tell_pages(alarm, "alarm_cleared", now)
    return alarm
