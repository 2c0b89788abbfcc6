"""Writes the compact binary batch, version 1, for gateways, the simulator and measurements. Pure."""

from __future__ import annotations

import struct
import zlib
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from ingest.columns import EPOCH, UNKNOWN_BATTERY, UNKNOWN_WORN, ColumnMessage, in_columns
from ingest.decoders.binary import (
    FIX_ROW,
    GRID_FRAME,
    HEADER,
    MAGIC,
    MAX_WORDS,
    NONE,
    PART,
    PER_DEGREE,
    PER_METRE,
    READING_ROW,
    SIGNAL_ROW,
    UNKNOWN_HEIGHT,
    VERSION,
)
from ingest.messages import DEGREE_FRAMES, GRID_PREFIX, SIGNAL_KINDS, DeviceMessage


def encode_binary(message: DeviceMessage | ColumnMessage) -> bytes:
    """This function will write a message as one batch.

    Coordinates are rounded to 1e-7 degrees or a millimetre, heights to a millimetre, accuracies to a
    centimetre, times to a millisecond. Raises ValueError for what the form cannot hold: a boot that is not
    hexadecimal of at most 16 digits, more than 49 days in one batch, more than 655.35 m of error.
    """
    columns = message if isinstance(message, ColumnMessage) else in_columns(message)
    words = _words_of(columns)
    times = [int(time) // 1000 for time in columns.fixes["time_us"].tolist()]
    others = [_milliseconds(r.time) for _, r in columns.readings] + [_milliseconds(s.time) for _, s in columns.signals]
    base_ms = min([*times, *others], default=0)
    codes = ["" if code == columns.sender_code else code for code in columns.device_codes]
    parts = np.zeros(len(codes), dtype=PART)
    parts["code_bytes"] = [len(code) for code in codes]
    parts["battery"] = [NONE if battery == UNKNOWN_BATTERY else battery for battery in columns.batteries]
    parts["frame"] = [_frame_number(frame) for frame in columns.frames]
    parts["grid_word"] = [words[f[len(GRID_PREFIX) :]] if f.startswith(GRID_PREFIX) else NONE for f in columns.frames]
    sections = (
        parts.tobytes(),
        "".join(codes).encode("ascii"),
        bytes(len(word) for word in words),
        "".join(words).encode("ascii"),
        _fix_rows(columns.fixes, parts["frame"], base_ms).tobytes(),
        _reading_rows(columns, words, base_ms).tobytes(),
        _signal_rows(columns, base_ms).tobytes(),
    )
    counts = (len(parts), len(words), len(columns.fixes), len(columns.readings), len(columns.signals))
    size = HEADER.size + sum(map(len, sections)) + 4
    boot = int(columns.boot_id, 16)
    head = _packed_header(size, boot, columns.sequence, base_ms, counts)
    body = b"".join((head, *sections))
    return body + zlib.crc32(body).to_bytes(4, "little")


def _packed_header(size: int, boot: int, sequence: int, base_ms: int, counts: tuple[int, ...]) -> bytes:
    try:
        return HEADER.pack(MAGIC, VERSION, size, boot, sequence, base_ms, *counts)
    except struct.error as error:
        raise ValueError(f"The message does not fit a binary batch: {error}.") from error


def _words_of(columns: ColumnMessage) -> dict[str, int]:
    words: dict[str, int] = {}
    grids = (frame[len(GRID_PREFIX) :] for frame in columns.frames if frame.startswith(GRID_PREFIX))
    spoken = (word for _, reading in columns.readings for word in (reading.quantity, reading.channel) if word)
    for word in (*grids, *spoken):
        words.setdefault(word, len(words))
    if len(words) > MAX_WORDS:
        raise ValueError(f"A batch has at most {MAX_WORDS} words (grids, quantities, channels), not {len(words)}.")
    return words


def _frame_number(frame: str) -> int:
    return GRID_FRAME if frame.startswith(GRID_PREFIX) else DEGREE_FRAMES.index(frame)


def _milliseconds(moment: datetime) -> int:
    since = moment - EPOCH
    return since.days * 86_400_000 + since.seconds * 1000 + since.microseconds // 1000


def _fix_rows(fixes: NDArray[np.void], frames: NDArray[np.uint8], base_ms: int) -> NDArray[np.void]:
    rows = np.zeros(len(fixes), dtype=FIX_ROW)
    units = np.where(frames[fixes["part"]] == GRID_FRAME, PER_METRE, PER_DEGREE)
    after = fixes["time_us"] // 1000 - base_ms
    if len(after) and after.max() >= 2**32:
        raise ValueError("A batch spans at most 49 days.")
    if len(fixes) and fixes["accuracy_m"].max() > 655.35:
        raise ValueError("A batch states accuracies of at most 655.35 m.")
    stated = fixes["height_accuracy_m"]
    rows["after_ms"], rows["part"] = after, fixes["part"]
    rows["x"], rows["y"] = np.rint(fixes["x"] * units), np.rint(fixes["y"] * units)
    unknown = np.isnan(fixes["height_m"])
    rows["height_mm"] = np.where(unknown, UNKNOWN_HEIGHT, np.rint(np.nan_to_num(fixes["height_m"]) * 1e3))
    rows["accuracy_cm"] = np.maximum(np.rint(fixes["accuracy_m"] * 1e2), 1)
    rows["height_accuracy_cm"] = np.where(np.isnan(stated), 0, np.clip(np.rint(np.nan_to_num(stated) * 1e2), 1, 65535))
    worn = (fixes["worn"].astype(np.int16) - UNKNOWN_WORN).astype(np.uint8)
    rows["flags"] = fixes["source"] | (worn << 2) | (fixes["height_reference"] << 4)
    return rows


def _reading_rows(columns: ColumnMessage, words: dict[str, int], base_ms: int) -> NDArray[np.void]:
    return np.array(
        [
            (part, words[r.quantity], words.get(r.channel, NONE), _milliseconds(r.time) - base_ms, r.value)
            for part, r in columns.readings
        ],
        dtype=READING_ROW,
    )


def _signal_rows(columns: ColumnMessage, base_ms: int) -> NDArray[np.void]:
    return np.array(
        [
            (part, SIGNAL_KINDS.index(s.kind), int(s.ended), _milliseconds(s.time) - base_ms)
            for part, s in columns.signals
        ],
        dtype=SIGNAL_ROW,
    )
