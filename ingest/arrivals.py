"""Messages as they arrive: read once, before any transaction, into a placed message or a refusal.

That a sender is the device of its topic is held by the broker (its access file binds topic to user name).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

import numpy as np
from django.db import InterfaceError, OperationalError
from numpy.typing import NDArray

from ingest.columns import ColumnMessage, check_clock, in_columns
from ingest.decoders.binary import decode_binary
from ingest.decoders.jt808 import decode_jt808
from ingest.decoders.messages_json import decode_json
from ingest.directory import Directory, KnownDevice
from ingest.foreign import read_mapped, read_sensorthings
from ingest.messages import FieldInvalid, PayloadRefused
from ingest.placing import PLACED, KnownSite, check_frames, place
from spatial.tracks.grids import number

Lane = Literal["live", "backfill"]
KINDS = ("positions", "messages", "binary", "sensorthings", "mapped")
_TOPIC = re.compile(r"tw/v1/([A-Za-z0-9_-]{1,40})/([A-Za-z0-9_-]{1,40})/([a-z0-9]{1,20})(/backfill)?")
SPEAKS_FOR_OTHERS = frozenset({"gateway", "terminal"})
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message as the broker handed it over; `receipt` is the transport's own note for acknowledging it."""

    topic: str
    payload: bytes
    received_at: datetime
    receipt: Any = None


@dataclass(frozen=True, slots=True, eq=False)
class Received:
    """A message that was understood: its sender, its content, its devices by part, its fixes on the site's plan.

    A part of a device that is unknown, or of another site, is left out; `left_out` has a reason for each.
    """

    arrival: Arrival
    sender: KnownDevice
    site: KnownSite
    message: ColumnMessage
    devices: tuple[KnownDevice | None, ...]
    placed: NDArray[np.void]
    left_out: tuple[str, ...] = ()

    @property
    def held_back(self) -> bool:
        """Whether it tells of an earlier time: from the lane of back-filled messages, or from a file."""
        return self.arrival.topic.endswith("/backfill") or self.arrival.topic.startswith("file/")

    def speaks_now(self, device: KnownDevice) -> bool:
        """Whether a device itself was heard with this message: not of what a gateway or a file tells of its past."""
        own = device.pk == self.sender.pk and not self.arrival.topic.startswith("file/")
        return own or not self.held_back


@dataclass(frozen=True, slots=True)
class Refusal:
    """A message that cannot be used, and why; number and boot are set when they could be read."""

    arrival: Arrival
    reason: str
    device_code: str = ""
    sender: KnownDevice | None = None
    boot_id: str = ""
    sequence: int | None = None


Decoder = Callable[[bytes, KnownDevice], ColumnMessage]


def _read_json(payload: bytes, sender: KnownDevice) -> ColumnMessage:
    return in_columns(decode_json(payload, sender_code=sender.code))


def _read_binary(payload: bytes, sender: KnownDevice) -> ColumnMessage:
    return decode_binary(payload, sender_code=sender.code)


def _read_jt808(payload: bytes, sender: KnownDevice) -> ColumnMessage:
    return in_columns(decode_jt808(payload, sender_code=sender.code, datum=sender.datum))


# By the last level of the topic; those of KINDS come by the broker.
DECODERS: dict[str, Decoder] = {
    "positions": _read_json,
    "messages": _read_json,
    "binary": _read_binary,
    "jt808": _read_jt808,
    "sensorthings": read_sensorthings,
    "mapped": read_mapped,
}


def device_of_topic(topic: str) -> str:
    """This function will return the device level of a topic, for queues that are fair to each device."""
    levels = topic.split("/", 5)
    return levels[3] if len(levels) > 3 else ""


def read_arrivals(arrivals: Sequence[Arrival], directory: Directory) -> tuple[list[Received], list[Refusal]]:
    """This function will read messages: topic, device, payload, clock, place; what is wrong is a Refusal.

    Only a database that is away is raised. What fails together is read in halves, so that no message ends the service.
    """
    try:
        return _read_together(arrivals, directory)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        half = len(arrivals) // 2
        if not half:
            return [], [_unreadable(arrivals[0], None, error)]
        first, second = read_arrivals(arrivals[:half], directory), read_arrivals(arrivals[half:], directory)
        return first[0] + second[0], first[1] + second[1]


def _read_together(arrivals: Sequence[Arrival], directory: Directory) -> tuple[list[Received], list[Refusal]]:
    topics = [_TOPIC.fullmatch(arrival.topic) for arrival in arrivals]
    known = directory.devices({topic[2] for topic in topics if topic})
    sites = directory.sites({device.site_id for device in known.values()})
    read: list[Received] = []
    refused: list[Refusal] = []
    for arrival, topic in zip(arrivals, topics, strict=True):
        sender = known.get(topic[2]) if topic else None
        if topic is None or topic[3] not in DECODERS:
            refused.append(Refusal(arrival, f"topic: not tw/v1/SITE/DEVICE/ and {', '.join(KINDS)}"))
        elif sender is None:
            refused.append(Refusal(arrival, "device: unknown or out of use", topic[2]))
        else:
            answer = _read(arrival, sender, sites[sender.site_id], DECODERS[topic[3]], topic[1])
            (refused if isinstance(answer, Refusal) else read).append(answer)  # type: ignore[arg-type]
    return _identified(read, directory, refused), refused


def read_one(arrival: Arrival, sender: KnownDevice, decoder: Decoder, directory: Directory) -> Received | Refusal:
    """This function will read a message that came another way than by the broker (HTTP, a file, a TCP listener)."""
    site = directory.sites({sender.site_id})[sender.site_id]
    answer = _read(arrival, sender, site, decoder, site.code)
    if isinstance(answer, Refusal):
        return answer
    refused: list[Refusal] = []
    found = _identified([answer], directory, refused)
    return found[0] if found else refused[0]


def place_message(
    arrival: Arrival, sender: KnownDevice, message: ColumnMessage, directory: Directory
) -> Received | Refusal:
    """This function will place a message that was decoded already."""
    return read_one(arrival, sender, lambda _payload, _sender: message, directory)


def _read(
    arrival: Arrival, sender: KnownDevice, site: KnownSite, decoder: Decoder, site_code: str
) -> Received | Refusal:
    boot_id, sequence = "", None
    try:
        message = decoder(arrival.payload, sender)
        boot_id, sequence = message.boot_id, message.sequence
        if site.code != site_code:
            raise FieldInvalid("topic", f"the device belongs to site {site.code}, not {site_code}")
        check_clock(message, arrival.received_at)
        check_frames(message, site)
    except PayloadRefused as refusal:
        boot_id, sequence = refusal.boot_id or boot_id, sequence if refusal.sequence is None else refusal.sequence
        return Refusal(arrival, str(refusal), sender.code, sender, boot_id, sequence)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        return replace(_unreadable(arrival, sender, error), boot_id=boot_id, sequence=sequence)
    return Received(arrival, sender, site, message, (), np.empty(0, dtype=PLACED))


def _unreadable(arrival: Arrival, sender: KnownDevice | None, error: Exception) -> Refusal:
    """Refuse a message that we failed to read: the fault is ours, so the log has all of it."""
    _log.exception("A message on %s could not be read.", arrival.topic[:200], exc_info=error)
    code = sender.code if sender else device_of_topic(arrival.topic)[:40]
    return Refusal(arrival, f"internal: {type(error).__name__}", code, sender)


def _identified(read: Sequence[Received], directory: Directory, refused: list[Refusal]) -> list[Received]:
    """Return the messages with the devices of their parts and their fixes placed; who has none left is refused."""
    speakers = [item for item in read if item.sender.kind in SPEAKS_FOR_OTHERS]
    codes = {code for item in speakers for code in item.message.device_codes if code != item.sender.code}
    known = directory.devices(codes) if codes else {}
    kept: list[Received] = []
    for item in read:
        found = _with_devices(item, known)
        if any(found.devices):
            kept.append(found)
        else:
            message = item.message
            reason = found.left_out[0]
            refused.append(
                Refusal(item.arrival, reason, item.sender.code, item.sender, message.boot_id, message.sequence)
            )
    return _placed(kept)


def _with_devices(item: Received, known: dict[str, KnownDevice]) -> Received:
    codes, sender = item.message.device_codes, item.sender
    if codes == (sender.code,):
        return replace(item, devices=(sender,))
    devices: list[KnownDevice | None] = []
    left_out: list[str] = []
    for number_, code in enumerate(codes):
        device = sender if code == sender.code else known.get(code)
        fault = _fault_of_part(code, device, sender)
        if fault:
            left_out.append(f"parts[{number_}].device: {code} {fault}")
        devices.append(None if fault else device)
    return replace(item, devices=tuple(devices), left_out=tuple(left_out))


def _fault_of_part(code: str, device: KnownDevice | None, sender: KnownDevice) -> str:
    if code != sender.code and sender.kind not in SPEAKS_FOR_OTHERS:
        return "is another device, and only a gateway or terminal speaks for others"
    if device is None:
        return "is unknown or out of use"
    return "" if device.site_id == sender.site_id else "belongs to another site"


def _placed(read: Sequence[Received]) -> list[Received]:
    by_site: dict[Any, list[Received]] = {}
    for item in read:
        by_site.setdefault(item.site.pk, []).append(item)
    placed: list[Received] = []
    for items in by_site.values():
        found = place([item.message for item in items], items[0].site, barometer_r95_m=number("barometer_r95_m"))
        placed += [replace(item, placed=_of_known(item, rows)) for item, rows in zip(items, found, strict=True)]
    return placed


def _of_known(item: Received, rows: NDArray[np.void]) -> NDArray[np.void]:
    if not item.left_out:
        return rows
    known = np.array([device is not None for device in item.devices])
    return rows[known[rows["part"]]]
