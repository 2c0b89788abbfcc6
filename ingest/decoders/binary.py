"""The compact binary batch, version 1: bytes -> columns, or a named refusal.

Little-endian, fixed-size rows, a CRC-32 at the end. The layout, byte by byte, is in
docs/reference/device-protocol.md. It is read with one numpy call per section; `binary_writing.py` writes it.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ingest.columns import FIX, UNKNOWN_BATTERY, ColumnMessage, moment_of
from ingest.messages import (
    ACCURACY_RANGE_M,
    DEGREE_FRAMES,
    GRID_PREFIX,
    GRID_RANGE_M,
    HEIGHT_RANGE_M,
    HEIGHT_REFERENCES,
    LAT_RANGE,
    LON_RANGE,
    MAX_SEQUENCE,
    SIGNAL_KINDS,
    FieldInvalid,
    PayloadNotReadable,
    PayloadRefused,
    PayloadTooLarge,
    Reading,
    Signal,
    VersionUnknown,
)

MAGIC, VERSION = b"TWB", 1
HEADER = struct.Struct("<3sBIQQqHHIHH")
PART = np.dtype([("code_bytes", "u1"), ("battery", "u1"), ("frame", "u1"), ("grid_word", "u1")])
FIX_ROW = np.dtype(
    [
        ("after_ms", "<u4"), ("x", "<i4"), ("y", "<i4"), ("height_mm", "<i4"), ("part", "<u2"),
        ("accuracy_cm", "<u2"), ("height_accuracy_cm", "<u2"), ("flags", "u1"), ("spare", "u1"),
    ]
)  # fmt: skip
READING_ROW = np.dtype(
    [("part", "<u2"), ("quantity_word", "u1"), ("channel_word", "u1"), ("after_ms", "<u4"), ("value", "<f8")]
)
SIGNAL_ROW = np.dtype([("part", "<u2"), ("kind", "u1"), ("ended", "u1"), ("after_ms", "<u4")])
MAX_PAYLOAD_BYTES = 1024 * 1024 - 512  # the broker's limit for a packet is 1 MiB, topic included
MAX_FIXES, MAX_PARTS, MAX_WORDS = 40_000, 20_000, 255
NONE = 255
UNKNOWN_HEIGHT = -(2**31)
GRID_FRAME = len(DEGREE_FRAMES)
PER_DEGREE, PER_METRE = 1e7, 1e3
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{1,39}")
_WORD = re.compile(r"[A-Za-z0-9_.-]{1,40}")
_LAST_MS = 253_402_300_799_999 - 2**32


class _Cursor:
    """Takes sections off the front of a payload, and refuses when there is not enough left."""

    def __init__(self, body: memoryview, at: int) -> None:
        self.body, self.at = body, at

    def rows(self, kind: np.dtype, count: int, name: str) -> NDArray[np.void]:
        taken = self.take(count * kind.itemsize, name)
        return np.frombuffer(taken, dtype=kind, count=count)

    def take(self, size: int, name: str) -> memoryview:
        if self.at + size > len(self.body):
            raise PayloadNotReadable(name, "ends behind the end of the message")
        self.at += size
        return self.body[self.at - size : self.at]

    def texts(self, sizes: Sequence[int], name: str, form: re.Pattern[str]) -> list[str]:
        """Take texts of these sizes. An empty one stays empty."""
        joined = bytes(self.take(sum(sizes), name)).decode("ascii", "replace")
        texts, start = [], 0
        for number, size in enumerate(sizes):
            text = joined[start : start + size]
            start += size
            if size and not form.fullmatch(text):
                raise FieldInvalid(f"{name}[{number}]", f"must be text of the form {form.pattern}")
            texts.append(text)
        return texts


def decode_binary(payload: bytes, *, sender_code: str) -> ColumnMessage:
    """This function will read one version 1 batch of a sender. Raises a PayloadRefused that names the field."""
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise PayloadTooLarge("", f"{len(payload)} bytes, more than {MAX_PAYLOAD_BYTES}")
    if payload[:3] != MAGIC or len(payload) < HEADER.size + 4:
        raise PayloadNotReadable("", "does not begin with TWB and a whole header")
    _, version, size, boot, sequence, base_ms, *counts = HEADER.unpack_from(payload)
    if version != VERSION:
        raise VersionUnknown("version", f"must be {VERSION}")
    if size != len(payload):
        raise PayloadNotReadable("length", f"says {size} bytes, but {len(payload)} came")
    if zlib.crc32(memoryview(payload)[:-4]) != int.from_bytes(payload[-4:], "little"):
        raise PayloadNotReadable("crc", "does not fit the bytes before it")
    if sequence > MAX_SEQUENCE:
        raise FieldInvalid("sequence", f"must be at most {MAX_SEQUENCE}")
    boot_id = f"{boot:016x}"
    try:
        if not 0 <= base_ms <= _LAST_MS:
            raise FieldInvalid("base_time", f"must be from 0 to {_LAST_MS} ms")
        return _sections(memoryview(payload)[:-4], sender_code, boot_id, sequence, base_ms, counts)
    except PayloadRefused as refusal:
        refusal.boot_id, refusal.sequence = boot_id, sequence
        raise


def _sections(
    body: memoryview, sender_code: str, boot_id: str, sequence: int, base_ms: int, counts: Sequence[int]
) -> ColumnMessage:
    parts_count, words_count, fixes_count, readings_count, signals_count = counts
    for name, count, limit in (("fixes", fixes_count, MAX_FIXES), ("parts", parts_count, MAX_PARTS)):
        if count > limit:
            raise PayloadTooLarge(name, f"{count} {name}, more than {limit}")
    if not parts_count or words_count > MAX_WORDS:
        raise FieldInvalid("parts", f"must be at least one, with at most {MAX_WORDS} words")
    cursor = _Cursor(body, HEADER.size)
    parts = cursor.rows(PART, parts_count, "parts")
    codes = cursor.texts(parts["code_bytes"].tolist(), "parts", _CODE)
    sizes = bytes(cursor.take(words_count, "words"))
    if not all(sizes):
        raise FieldInvalid("words", "must not be empty")
    words = cursor.texts(list(sizes), "words", _WORD)
    rows = cursor.rows(FIX_ROW, fixes_count, "fixes")
    readings = cursor.rows(READING_ROW, readings_count, "readings")
    signals = cursor.rows(SIGNAL_ROW, signals_count, "signals")
    if cursor.at != len(body):
        raise PayloadNotReadable("length", f"{len(body) - cursor.at} bytes too many before the crc")
    frames = _frames(parts, words)
    batteries = parts["battery"].astype(np.int16)
    _refuse_first("parts", "battery", (batteries > 100) & (batteries != NONE), "must be 0 to 100, or 255 for unknown")
    return ColumnMessage(
        sender_code=sender_code,
        boot_id=boot_id,
        sequence=sequence,
        device_codes=tuple(code or sender_code for code in codes),
        frames=frames,
        batteries=tuple(np.where(batteries == NONE, UNKNOWN_BATTERY, batteries).tolist()),
        fixes=_fixes(rows, parts["frame"], base_ms),
        readings=_readings(readings, words, parts_count, base_ms),
        signals=_signals(signals, parts_count, base_ms),
    )


def _frames(parts: NDArray[np.void], words: list[str]) -> tuple[str, ...]:
    frame, word = parts["frame"], parts["grid_word"]
    on_grid = frame == GRID_FRAME
    _refuse_first("parts", "frame", frame > GRID_FRAME, f"must be 0 to {GRID_FRAME}")
    _refuse_first("parts", "grid_word", on_grid & (word >= len(words)), "is not the number of a word")
    _refuse_first("parts", "grid_word", ~on_grid & (word != NONE), "must be 255 where no grid is used")
    names = [*DEGREE_FRAMES, *(f"{GRID_PREFIX}{text}" for text in words)]
    return tuple(names[n] for n in np.where(on_grid, GRID_FRAME + word.astype(np.int32), frame).tolist())


def _fixes(rows: NDArray[np.void], frames: NDArray[np.uint8], base_ms: int) -> NDArray[np.void]:
    fixes = np.empty(len(rows), dtype=FIX)
    part = rows["part"]
    _refuse_first("fixes", "part", part >= len(frames), "is not the number of a part")
    on_grid = frames[part] == GRID_FRAME
    units = np.where(on_grid, PER_METRE, PER_DEGREE)
    fixes["part"] = part
    fixes["time_us"] = (base_ms + rows["after_ms"].astype(np.int64)) * 1000
    fixes["x"], fixes["y"] = rows["x"] / units, rows["y"] / units
    fixes["height_m"] = np.where(rows["height_mm"] == UNKNOWN_HEIGHT, np.nan, rows["height_mm"] / 1e3)
    fixes["accuracy_m"] = rows["accuracy_cm"] / 1e2
    stated = rows["height_accuracy_cm"]
    fixes["height_accuracy_m"] = np.where(stated == 0, np.nan, stated / 1e2)
    flags = rows["flags"]
    worn = (flags >> 2) & 3
    fixes["source"], fixes["worn"] = flags & 3, worn.astype(np.int8) - 1
    fixes["height_reference"] = (flags >> 4) & 3
    _check_ranges(fixes, on_grid)
    _refuse_first("fixes", "flags", (flags > 63) | (worn == 3), "has bits that version 1 does not have")
    _refuse_first("fixes", "spare", rows["spare"] != 0, "must be 0")
    on_floor = fixes["height_reference"] == HEIGHT_REFERENCES.index("grid")
    _refuse_first("fixes", "flags", on_floor & ~on_grid, "has a height above a grid's floor, but no grid")
    return fixes


def _check_ranges(fixes: NDArray[np.void], on_grid: NDArray[np.bool_]) -> None:
    for name, field, degrees in (("lon", "x", LON_RANGE), ("lat", "y", LAT_RANGE)):
        value = fixes[field]
        low, high = np.where(on_grid, GRID_RANGE_M[0], degrees[0]), np.where(on_grid, GRID_RANGE_M[1], degrees[1])
        _refuse_first("fixes", name, (value < low) | (value > high), f"must be {degrees[0]:g} to {degrees[1]:g}")
    for field, (least, most) in (("height_m", HEIGHT_RANGE_M), ("accuracy_m", ACCURACY_RANGE_M)):
        value = fixes[field]
        _refuse_first("fixes", field, (value < least) | (value > most), f"must be {least:g} to {most:g} m")


def _readings(
    rows: NDArray[np.void], words: list[str], parts_count: int, base_ms: int
) -> tuple[tuple[int, Reading], ...]:
    channel = rows["channel_word"]
    _refuse_first("readings", "part", rows["part"] >= parts_count, "is not the number of a part")
    _refuse_first("readings", "quantity_word", rows["quantity_word"] >= len(words), "is not the number of a word")
    _refuse_first("readings", "channel_word", (channel >= len(words)) & (channel != NONE), "is not a word, nor 255")
    _refuse_first("readings", "value", ~(np.abs(rows["value"]) <= 1e12), "must be a number from -1e12 to 1e12")
    names = {**dict(enumerate(words)), NONE: ""}
    return tuple(
        (part, Reading(words[quantity], moment_of((base_ms + after) * 1000), value, names[word]))
        for part, quantity, word, after, value in rows.tolist()
    )


def _signals(rows: NDArray[np.void], parts_count: int, base_ms: int) -> tuple[tuple[int, Signal], ...]:
    _refuse_first("signals", "part", rows["part"] >= parts_count, "is not the number of a part")
    _refuse_first("signals", "kind", rows["kind"] >= len(SIGNAL_KINDS), f"must be 0 to {len(SIGNAL_KINDS) - 1}")
    _refuse_first("signals", "ended", rows["ended"] > 1, "must be 0 or 1")
    return tuple(
        (part, Signal(SIGNAL_KINDS[kind], moment_of((base_ms + after) * 1000), bool(ended)))
        for part, kind, ended, after in rows.tolist()
    )


def _refuse_first(section: str, field: str, wrong: NDArray[np.bool_], reason: str) -> None:
    if wrong.any():
        raise FieldInvalid(f"{section}[{int(np.argmax(wrong))}].{field}", reason)
