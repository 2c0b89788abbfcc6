"""Nameless forms of what pages are sent: for those to whom the people of a site are not named (decision 0032).

A person is then their trade, a device its code. What a title says of a person is found by the names that the alarm
and its device carry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import singledispatch
from typing import Any, TypeVar

from spatial.alarms.models import Alarm, HazardDraft
from spatial.commands.models import Command
from spatial.devices.models import Device
from spatial.machines.models import MachineEvent, OperationRecord
from spatial.machines.rules import PERSON_RULES
from spatial.notices.models import Event
from spatial.people.rules import trade_name
from spatial.privacy.rules import without_names
from spatial.zones.models import Trigger
from spatial.zones.rules import Reason
from webmap.wording.alarm_titles import alarm_title
from webmap.wording.reader import reads_chinese

SOMEBODY, SOMEBODY_EN = "某工人", "a worker"
WORN = frozenset({Device.Kind.HELMET, Device.Kind.TAG})
ALARM = "alarm"
Row = TypeVar("Row")
Telling = Callable[[Iterable[Reason]], list[Reason]]
"""How reasons of colours are told to somebody."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """The names that a text about an alarm may hold, and what stands for them."""

    names: frozenset[str] = frozenset()
    stand_in: str = SOMEBODY

    def told(self, text: str) -> str:
        """Return a text without the names."""
        return without_names(text, self.names, _in_words(self.stand_in))


def stand_in_of(device: Any) -> str:
    """Return what a device is called where nobody is named: its wearer's trade, else its code if it is worn.

    The name of a helmet often holds the name of who had it first.
    """
    if device.person_id:
        return str(device.person.trade or device.code)
    return str(device.code if device.kind in WORN else device.name)


def _in_words(stand_in: str) -> str:
    """Return what stands for a name, in the reader's language: a trade that is known, or nobody in particular."""
    if reads_chinese():
        return stand_in
    return SOMEBODY_EN if stand_in == SOMEBODY else trade_name(stand_in, "en")


def hidden_in(alarm: Alarm) -> Hidden:
    """Return what hides the people of an alarm; its device and wearer should be read along."""
    device: Any = alarm.device
    names = {alarm.person_name}
    if device is not None and device.person_id:
        names.add(device.person.full_name)
    if device is not None and device.kind in WORN:
        names.add(device.name)
    return Hidden(frozenset(names - {""}), stand_in_of(device) if device is not None else SOMEBODY)


def as_shown(rows: Iterable[Row], *, named: bool) -> list[Row]:
    """Return rows as they are shown to somebody: not `named`, without the names of people, and not to be saved.

    Devices and wearers of alarms, drafts and calls should be read along.
    """
    found = list(rows)
    if not named:
        for row in found:
            _hide(row)
    return found


@singledispatch
def _hide(row: Any) -> None:
    """Take the names of people out of a row."""
    raise TypeError(f"Nobody has said how a {type(row).__name__} names people.")


@_hide.register
def _device(device: Device) -> None:
    device.name, device.person = stand_in_of(device), None


@_hide.register
def _alarm(alarm: Alarm) -> None:
    hidden = hidden_in(alarm)
    alarm.title, alarm.title_en = hidden.told(alarm.title), hidden.told(alarm.title_en)
    alarm.person_name = ""


@_hide.register
def _draft(draft: HazardDraft) -> None:
    hidden = hidden_in(draft.alarm)
    draft.description, draft.description_en = hidden.told(draft.description), hidden.told(draft.description_en)


@_hide.register
def _call(command: Command) -> None:
    """A call to one person is a call to a trade."""
    if command.target == Command.Target.PERSON:
        wearers = [delivery.person for delivery in command.deliveries.all() if delivery.person]
        command.target_label = wearers[0].trade if wearers else SOMEBODY


@_hide.register
def _run(run: OperationRecord) -> None:
    if run.person is not None:
        run.person.full_name = run.person.trade


@_hide.register
def _machine_event(event: MachineEvent) -> None:
    """Whom a machine came close to is nobody by name."""
    if event.rule in PERSON_RULES:
        event.other_name = SOMEBODY


def hidden_by_alarm(alarm_ids: Iterable[str]) -> dict[str, Hidden]:
    """Return what hides the people of alarms, by the alarm's id."""
    rows = Alarm.objects.filter(pk__in=set(alarm_ids)).select_related("device__person")
    return {str(alarm.pk): hidden_in(alarm) for alarm in rows}


def titles_for_reader(reasons: Iterable[Reason | Trigger]) -> dict[str, str]:
    """Return what the alarms among reasons are called in English, by id; none to who reads the record's Chinese."""
    ids = set() if reads_chinese() else {reason.source_id for reason in reasons if reason.source_kind == ALARM}
    rows = Alarm.objects.filter(pk__in=ids).exclude(title_en="") if ids else []
    return {str(alarm.pk): alarm_title(alarm) for alarm in rows}


def told_causes(rows: Iterable[Trigger]) -> list[str]:
    """Return what triggers are shown as, alarms by their titles in the reader's language."""
    found = list(rows)
    titles = titles_for_reader(found)
    return [titles.get(row.source_id, row.source_label) for row in found]


def reasons_told(every: Iterable[Reason], *, named: bool) -> Telling:
    """Return how reasons of colours are told: in the reader's language, and not `named`, without names of people.

    `every` are those that will be told: what their alarms are called, and who is in them, is looked up at once.
    """
    every = list(every)
    titles = titles_for_reader(every)
    alarm_ids = [] if named else [reason.source_id for reason in every if reason.source_kind == ALARM]
    hidden = hidden_by_alarm(alarm_ids) if alarm_ids else {}

    def label(reason: Reason) -> str:
        title = titles.get(reason.source_id, reason.label)
        return hidden[reason.source_id].told(title) if reason.source_id in hidden else title

    return lambda reasons: [replace(reason, label=label(reason)) for reason in reasons]


def nameless_events(events: Sequence[Event]) -> list[dict[str, Any]]:
    """Return the payloads of durable events without the names of people."""
    alarms = {id(event): _alarm_of(event) for event in events}
    hidden = hidden_by_alarm(alarm_id for alarm_id in alarms.values() if alarm_id)
    codes = {event.payload.get("device", "") for event in events if event.kind == "device_reminder"}
    worn = dict(Device.objects.filter(code__in=codes, kind__in=WORN).values_list("code", "name"))
    return [_nameless(event.payload, hidden.get(alarms[id(event)], Hidden()), worn) for event in events]


def _alarm_of(event: Event) -> str:
    if event.kind.startswith("alarm_"):
        return str(event.payload.get("id", ""))
    return str(event.payload.get("alarm", ""))


def _nameless(payload: dict[str, Any], hidden: Hidden, worn: dict[str, str]) -> dict[str, Any]:
    found = {name: hidden.told(value) if isinstance(value, str) else value for name, value in payload.items()}
    if "person" in found:
        found["person"] = ""
    if found.get("name") and worn.get(str(found.get("device"))) == found["name"]:
        found["name"] = found["device"]
    return found
