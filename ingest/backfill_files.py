"""Files of held-back fixes: JSON lines, CSV, or binary batches -> messages, or every line that is wrong. Pure.

A file is read whole, or refused with every fault; it is stored in pieces (ingest/posted.py). Its messages are numbered
within a boot that is the hash of its content, so the same file twice changes nothing.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from ingest.columns import ColumnMessage, check_clock, in_columns
from ingest.decoders.binary import HEADER, MAGIC, decode_binary
from ingest.decoders.messages_json import read_fix
from ingest.messages import GRID_PREFIX, DeviceMessage, DevicePart, FieldInvalid, FieldMissing, Fix, PayloadRefused

FileKind = Literal["jsonl", "csv", "binary"]
MAX_BYTES = 64 * 1024 * 1024
FIXES_PER_MESSAGE = 2000
MOST_FAULTS = 100
_NUMBERS = ("lon", "lat", "x", "y", "h", "h_acc", "acc")
_WORN = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class LineFault:
    """What is wrong in a line (from 1; of a binary file the number of the batch)."""

    line: int
    reason: str


class FileRefused(ValueError):
    """A file that cannot be taken; `faults` names the lines. Nothing of it was stored."""

    def __init__(self, faults: Sequence[LineFault]) -> None:
        first = faults[0]
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        super().__init__(f"line {first.line}: {first.reason}{more}. Nothing of the file was stored.")
        self.faults = tuple(faults)


def read_file(
    content: bytes, kind: FileKind, *, device_code: str, frame: str, received_at: datetime
) -> list[ColumnMessage]:
    """This function will read a file of one device in the frame given (a binary file carries its own).

    Raises FileRefused with every faulty line, at most a hundred.
    """
    if len(content) > MAX_BYTES:
        raise FileRefused([LineFault(1, f"the file has {len(content)} bytes, more than {MAX_BYTES}; cut it")])
    if kind == "binary":
        return _batches(content, device_code, received_at)
    return _messages(content, kind, device_code, frame, received_at)


def _messages(
    content: bytes, kind: FileKind, device_code: str, frame: str, received_at: datetime
) -> list[ColumnMessage]:
    faults: list[LineFault] = []
    fixes: list[Fix] = []
    lines: list[int] = []
    for line, body in _bodies(content, kind, frame, faults):
        try:
            fixes.append(read_fix(body, "", frame))
            lines.append(line)
        except PayloadRefused as refusal:
            faults.append(LineFault(line, str(refusal)))
        if len(faults) >= MOST_FAULTS:
            break
    if not faults and not fixes:
        faults.append(LineFault(1, "the file has no fix"))
    boot_id = hashlib.blake2s(content + f"{device_code} {frame}".encode(), digest_size=8).hexdigest()
    messages = []
    for start in range(0, len(fixes), FIXES_PER_MESSAGE):
        part = DevicePart(device_code, fixes=tuple(fixes[start : start + FIXES_PER_MESSAGE]), frame=frame)
        message = in_columns(DeviceMessage(device_code, boot_id, start // FIXES_PER_MESSAGE, (part,)))
        try:
            check_clock(message, received_at)
        except PayloadRefused as refusal:
            number = int(refusal.field.removeprefix("fixes[").split("]")[0])
            faults.append(LineFault(lines[start + number], str(refusal).split(": ", 1)[1]))
        messages.append(message)
    if faults:
        raise FileRefused(sorted(faults, key=lambda fault: fault.line))
    return messages


def _bodies(
    content: bytes, kind: FileKind, frame: str, faults: list[LineFault]
) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        faults.append(LineFault(line, "is not UTF-8; save the file as UTF-8"))
        return
    yield from _csv_bodies(text, frame, faults) if kind == "csv" else _json_bodies(text, faults)


def _json_bodies(text: str, faults: list[LineFault]) -> Iterator[tuple[int, dict[str, Any]]]:
    for line, row in enumerate(text.splitlines(), start=1):
        if not row.strip():
            continue
        try:
            body = json.loads(row)
        except (ValueError, RecursionError):
            faults.append(LineFault(line, "is not JSON"))
            continue
        if isinstance(body, dict):
            yield line, body
        else:
            faults.append(LineFault(line, "must be a JSON object"))


def _csv_bodies(text: str, frame: str, faults: list[LineFault]) -> Iterator[tuple[int, dict[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text))
    x, y = ("x", "y") if frame.startswith(GRID_PREFIX) else ("lon", "lat")
    if missing := {"t", x, y, "acc", "src", "h_ref"} - set(reader.fieldnames or ()):
        faults.append(LineFault(1, f"the header lacks {', '.join(sorted(missing))}"))
        return
    for row in reader:
        try:
            yield reader.line_num, _csv_body(row)
        except PayloadRefused as refusal:
            faults.append(LineFault(reader.line_num, str(refusal)))


def _csv_body(row: dict[str | Any, str | Any]) -> dict[str, Any]:
    """Return a row as the object that a JSON line would be: empty cells are absent."""
    if None in row:
        raise FieldInvalid("", "has more cells than the header")
    body: dict[str, Any] = {name: cell.strip() for name, cell in row.items() if cell is not None and cell.strip()}
    if "t" not in body:
        raise FieldMissing("t", "is missing")
    body["t"] = _milliseconds(body["t"])
    for name in _NUMBERS:
        if name in body:
            try:
                body[name] = float(body[name])
            except ValueError as error:
                raise FieldInvalid(name, f"{body[name]!r} is not a number") from error
    if "worn" in body:
        if body["worn"].lower() not in _WORN:
            raise FieldInvalid("worn", "must be true, false or empty")
        body["worn"] = _WORN[body["worn"].lower()]
    return body


def _milliseconds(text: str) -> int:
    """Return a moment given in milliseconds since 1970, or as ISO 8601 with its offset."""
    if text.isdigit():
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise FieldInvalid("t", f"{text!r} is neither milliseconds since 1970 nor ISO 8601") from error
    if moment.tzinfo is None:
        raise FieldInvalid("t", f"{text!r} has no offset; write 2026-03-01T09:00:00+08:00")
    return int(moment.astimezone(UTC).timestamp() * 1000)


def _batches(content: bytes, device_code: str, received_at: datetime) -> list[ColumnMessage]:
    messages: list[ColumnMessage] = []
    faults: list[LineFault] = []
    at = 0
    while at < len(content) and len(faults) < MOST_FAULTS:
        number = len(messages) + len(faults) + 1
        if content[at : at + 3] != MAGIC or len(content) - at < HEADER.size:
            faults.append(LineFault(number, f"no batch begins at byte {at}"))
            break
        size = max(int.from_bytes(content[at + 4 : at + 8], "little"), HEADER.size)
        try:
            message = decode_binary(content[at : at + size], sender_code=device_code)
            check_clock(message, received_at)
            messages.append(message)
        except PayloadRefused as refusal:
            faults.append(LineFault(number, str(refusal)))
        at += size
    if not messages and not faults:
        faults.append(LineFault(1, "the file is empty"))
    if faults:
        raise FileRefused(faults)
    return messages
