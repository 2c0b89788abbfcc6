"""Alarms from what devices say of their wearers: SOS, fall, no motion, taken off, low battery.

Signals are kept. A state (no motion, taken off) is judged from them at a moment: by the signals' arrival, and by the
watch every few seconds, so that its time passes also when the device falls silent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from spatial.alarms.calling_again import call_again
from spatial.alarms.catalogue import policy
from spatial.alarms.conditions import Episode
from spatial.alarms.device_alarms import raise_for_device
from spatial.alarms.episodes import put_right
from spatial.alarms.life import change_level, clear_alarm, correct_times
from spatial.alarms.models import Alarm, DeviceSignal
from spatial.alarms.policies import policy_of, policy_of_alarm
from spatial.alarms.rules import is_late, subject_of
from spatial.alarms.signal_rules import SignalFact, Surroundings, battery_level, state_episodes
from spatial.alarms.surroundings import note_place, surroundings_of
from spatial.commands.models import Command
from spatial.commands.operations import CommandRefused, send_command
from spatial.devices.models import Device, Sighting
from spatial.ledger.operations import lock_ledgers

MEMORY = timedelta(days=1)
"""A state of which nothing was heard for a day says nothing of now."""
SIGNALS_KEPT = timedelta(days=32)
"""A signal may come thirty days late, and is judged with the day before it."""


@transaction.atomic
def forget_signals(*, now: datetime) -> int:
    """This function will delete signals that nothing can be judged with any more, and return how many."""
    return DeviceSignal.objects.filter(time__lt=now - SIGNALS_KEPT).delete()[0]


@dataclass(frozen=True, slots=True)
class SignalRow:
    """A signal as a device stated it; kinds are those of `ingest.messages.SIGNAL_KINDS`."""

    device: Device
    kind: str
    time: datetime
    received_at: datetime
    ended: bool = False


@transaction.atomic
def follow_signals(*, signals: Iterable[SignalRow]) -> None:
    """This function will keep signals and raise, change and clear the alarms that they bring about.

    The same signal twice changes nothing. SOS and fall raise at once and are cleared by people only; putting the
    helmet on ends `taken_off`, confirming ends `no_motion`.
    """
    spec = policy()
    touched: dict[tuple[UUID, str], SignalRow] = {}
    for row in sorted(signals, key=lambda item: (item.time, item.kind, item.ended)):
        kinds = spec["ends"].get(row.kind)
        rows = [SignalRow(row.device, kind, row.time, row.received_at, True) for kind in kinds] if kinds else [row]
        for given in rows:
            if not _keep(given) or given.kind not in spec["signals"]:
                continue
            if spec["signals"][given.kind]["clearing"] == "hand":
                if not given.ended:
                    _raise_at_once(given, spec["signals"][given.kind])
            else:
                touched[(given.device.pk, given.kind)] = given
                if given.kind == "taken_off":
                    touched.setdefault((given.device.pk, "no_motion"), given)
                    if not given.ended:
                        note_place(device=given.device, at=given.time, received_at=given.received_at)
    for (_, kind), row in touched.items():
        judge_state(device=row.device, kind=kind, now=row.received_at, since=row.time, live=None)


def _keep(row: SignalRow) -> bool:
    _, made = DeviceSignal.objects.get_or_create(
        device=row.device,
        kind=row.kind,
        time=row.time,
        ended=row.ended,
        defaults={
            "organisation_id": row.device.organisation_id,
            "site_id": row.device.site_id,
            "received_at": row.received_at,
        },
    )
    return made


def _raise_at_once(row: SignalRow, spec: Mapping[str, Any]) -> None:
    alarm = raise_for_device(
        row.device,
        rule=spec["rule"],
        level=spec["steps"][0]["level"],
        condition=f"signal/{row.kind}",
        raised_at=row.time,
        received_at=row.received_at,
    )
    if row.time < alarm.raised_at and alarm.cleared_at is None:  # an earlier press that came later
        correct_times(
            alarm=alarm,
            raised_at=row.time,
            cleared_at=None,
            level=alarm.level,
            value=None,
            received_at=row.received_at,
        )
    elif row.time > alarm.raised_at and not is_late(row.time, row.received_at):  # pressed again
        call_again(alarm=alarm, at=row.time, received_at=row.received_at)


@transaction.atomic
def judge_state(
    *, device: Device, kind: str, now: datetime, since: datetime | None = None, live: bool | None = True
) -> None:
    """This function will bring the alarms of a device's state in line with its signals as they are at `now`.

    `live` None is decided by how fresh `since` is; the watch, which judges by the clock, says True.
    """
    spec = policy_of(device.site, now)["signals"][kind]
    lock_ledgers([device.site.organisation_id])
    start = min(since or now, now) - MEMORY
    rows = DeviceSignal.objects.filter(device=device, kind=kind, time__gte=start)
    facts = [SignalFact(time, ended) for time, ended in rows.values_list("time", "ended")]
    if not facts:
        return
    around = surroundings_of(device, spec, start, now)
    rows_known = Alarm.objects.filter(device=device, condition=f"signal/{kind}", disproved_at__isnull=True)
    known = list(rows_known.filter(raised_at__gte=start).select_for_update(of=("self",)).order_by("raised_at", "id"))
    found = _episodes(device, kind, facts, around, known, now)
    by_hand = [row for row in known if row.cleared_by_id]
    found = [episode for episode in found if not any(row.raised_at == episode.started_at for row in by_hand)]

    def raise_new(episode: Episode, late: bool | None) -> Alarm:
        return raise_for_device(
            device,
            rule=spec["rule"],
            level=episode.level,
            condition=f"signal/{kind}",
            raised_at=episode.started_at,
            received_at=now,
            late=late,
            ended_at=episode.ended_at,
        )

    fresh = live if live is not None else not is_late(since or now, now)
    others = [row for row in known if not row.cleared_by_id]
    _raise_levels(found, others, now)
    put_right(found, others, raise_new=raise_new, received_at=now, live=fresh)
    if live and spec.get("pre_alert_s"):
        _warn_wearer(device, facts, spec, around, now)


def _episodes(
    device: Device, kind: str, facts: list[SignalFact], around: Surroundings, known: list[Alarm], now: datetime
) -> list[Episode]:
    """Return the alarms that a state makes, each by the numbers that counted when it began: those of its alarm where it
    has one, else those of that day."""
    today, before = policy_of(device.site, now), policy_of(device.site, now - MEMORY)
    of_alarms = {alarm.raised_at: policy_of_alarm(alarm) for alarm in known}
    specs = {str(rule["signals"][kind]): rule["signals"][kind] for rule in (today, before, *of_alarms.values())}
    if len(specs) == 1:
        return state_episodes(facts, today["signals"][kind], now, around)
    chosen: dict[datetime, Episode] = {}
    for spec in specs.values():
        first = timedelta(seconds=spec["steps"][0]["after_s"])
        for episode in state_episodes(facts, spec, now, around):
            began = episode.started_at - first
            raised = next((rule for at, rule in of_alarms.items() if at - _first(rule, kind) == began), None)
            if (raised or policy_of(device.site, began))["signals"][kind] == spec:
                chosen[began] = episode
    return [chosen[began] for began in sorted(chosen)]


def _first(rule: Mapping[str, Any], kind: str) -> timedelta:
    return timedelta(seconds=rule["signals"][kind]["steps"][0]["after_s"])


def _warn_wearer(
    device: Device, facts: list[SignalFact], spec: Mapping[str, Any], around: Surroundings, now: datetime
) -> None:
    """Speak to the wearer once before an alarm is due, so that they can move or confirm and none is raised."""
    due, ahead = spec["steps"][0]["after_s"], spec["pre_alert_s"]
    early = {**spec, "steps": [{**spec["steps"][0], "after_s": due - ahead}]}
    for episode in state_episodes(facts, early, now, around)[-1:]:
        source_id = f"{device.pk}/{episode.started_at:%Y%m%dT%H%M%S}"
        if episode.ended_at is not None or now >= episode.started_at + timedelta(seconds=ahead):
            continue
        if Command.objects.filter(source_kind="pre_alert", source_id=source_id).exists():
            continue
        who = device.person.full_name if device.person else device.code
        try:
            send_command(
                site=device.site, devices=[device], kind="voice", text=spec["pre_alert"], target="person",
                target_label=who, actor=None, now=now, source_kind="pre_alert", source_id=source_id,
                life=timedelta(seconds=max(10, ahead)),
            )  # fmt: skip
        except CommandRefused as refused:
            if refused.code != "nobody":
                raise


def _raise_levels(found: list[Episode], known: list[Alarm], now: datetime) -> None:
    """A state that lasts raises the level of its alarm: an act of its own, which must be acknowledged anew."""
    for alarm in known:
        for episode in found:
            if alarm.raised_at == episode.started_at and alarm.cleared_at is None and alarm.level != episode.level:
                change_level(alarm=alarm, level=episode.level, at=episode.changes[-1].time, received_at=now)


@transaction.atomic
def follow_batteries(*, levels: Mapping[Device, tuple[datetime, float]], received_at: datetime) -> None:
    """This function will follow the batteries of devices (event time, per cent): low is yellow, very low orange.

    What is older than the newest that a device said says nothing of its battery now, and is passed over.
    """
    rule = policy()["battery"]["rule"]
    heard = Sighting.objects.filter(device__in=levels, event_at__isnull=False)
    newest: dict[UUID, datetime] = dict(heard.values_list("device_id", "event_at"))  # type: ignore[arg-type]
    levels = {device: told for device, told in levels.items() if told[0] >= newest.get(device.pk, told[0])}
    subjects = {subject_of(rule, device_id=device.pk): device for device in levels}
    active = {row.subject: row for row in Alarm.objects.filter(subject__in=subjects, cleared_at__isnull=True)}
    for subject, device in subjects.items():
        time, percent = levels[device]
        held = active.get(subject)
        if held is not None and time < held.raised_at:
            continue
        level = battery_level(percent, held.level if held else None, policy_of(device.site, time)["battery"])
        if level is None:
            if held is not None:
                clear_alarm(alarm=held, cleared_at=time, received_at=received_at)
        elif held is None:
            raise_for_device(
                device,
                rule=rule,
                level=level,
                condition="",
                raised_at=time,
                received_at=received_at,
                value=percent,
            )
        elif held.level != level:
            change_level(alarm=held, level=level, at=time, received_at=received_at, value=percent)
