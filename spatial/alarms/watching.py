"""The watch: what time alone brings about, done every few seconds from stored facts, without any message.

Each part is a transaction of its own, so that one that fails does not hold up the others, and takes its rows with
`SKIP LOCKED`, so that two watches at once do the work once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from spatial.alarms.catalogue import policy
from spatial.alarms.confined_spaces import follow_confined_spaces
from spatial.alarms.drafts import open_drafts
from spatial.alarms.ended_papers import follow_ended_papers
from spatial.alarms.escalation import escalate, remind
from spatial.alarms.expiry import follow_papers
from spatial.alarms.hot_work import follow_hot_work
from spatial.alarms.models import Alarm, DeviceSignal
from spatial.alarms.signals import MEMORY, judge_state
from spatial.alarms.silence import follow_overtime, follow_silence
from spatial.alarms.surroundings import note_place
from spatial.devices.models import Device

PAPERS_EVERY_MIN = 5
_LOCK = 0x7477_6177  # "twaw": one watch at a time
_log = logging.getLogger(__name__)


@dataclass
class Watched:
    """What a watch did, by part; `failed` names the parts that could not be done."""

    done: dict[str, Any] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    busy: bool = False


def watch(*, now: datetime) -> Watched:
    """This function will do what is due at `now`: states that last, silence, confined spaces, permits and papers that
    end, reminders, escalation, drafts.

    A watch that is still running is not joined by a second one.
    """
    seen = Watched()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            seen.busy = True
            return seen
    try:
        for name, part in _PARTS.items():
            _do(seen, name, part, now)
        if now.second < 5:
            _do(seen, "overtime", follow_overtime, now)
            if now.minute % PAPERS_EVERY_MIN == 0:
                _do(seen, "papers", follow_papers, now)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
    return seen


def _do(seen: Watched, name: str, part: Callable[..., Any], now: datetime) -> None:
    try:
        seen.done[name] = part(now=now)
    except Exception:
        _log.exception("The watch could not do its part %r; it tries again at its next round.", name)
        seen.failed.append(name)


def follow_states(*, now: datetime) -> int:
    """This function will judge every state of a device that lasts or whose alarm is active, and return how many."""
    kinds = [kind for kind, spec in policy()["signals"].items() if spec["clearing"] != "hand"]
    rows = DeviceSignal.objects.filter(kind__in=kinds, time__gte=now - MEMORY)
    newest = rows.order_by("device_id", "kind", "-time", "-ended").distinct("device_id", "kind")
    lasting = {(row.device_id, row.kind) for row in newest if not row.ended}
    active = Alarm.objects.filter(condition__in=[f"signal/{kind}" for kind in kinds], cleared_at__isnull=True)
    lasting |= {
        (device_id, name.removeprefix("signal/")) for device_id, name in active.values_list("device_id", "condition")
    }
    related = ("site__organisation", "site__region", "person")
    devices = Device.objects.select_related(*related).in_bulk([device_id for device_id, _ in lasting])
    for device_id, kind in sorted(lasting, key=str):
        with transaction.atomic():
            if kind == "taken_off":
                note_place(device=devices[device_id], at=now, received_at=now)
            judge_state(device=devices[device_id], kind=kind, now=now)
    return len(lasting)


_PARTS: dict[str, Callable[..., Any]] = {
    "reminders": remind,
    "escalations": escalate,
    "confined spaces": follow_confined_spaces,
    "ended papers": follow_ended_papers,
    "hot work": follow_hot_work,
    "states": follow_states,
    "drafts": open_drafts,
    "silence": follow_silence,
}
"""In this order: what nobody has noted is said first, whatever else there is to do."""
