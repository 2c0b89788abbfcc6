"""Columns as fields of PostgreSQL's binary COPY format: a length in four bytes, then the value, big-endian."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

FLOAT8_OID = 701
NULL = struct.pack(">i", -1)
_FLOAT = np.dtype([("length", ">i4"), ("value", ">f8")])
_length = struct.Struct(">i").pack


def field(value: bytes) -> bytes:
    """Return a field that is not NULL."""
    return _length(len(value)) + value


def joined(*texts: str) -> bytes:
    """Return texts as fields, end to end."""
    return b"".join([_length(len(value)) + value for value in [text.encode("utf-8") for text in texts]])


def float_fields(values: NDArray[np.float64]) -> Iterator[bytes]:
    """Yield each row of (n, k) numbers as k float8 fields; what is no number is NULL."""
    known_rows = ~np.isnan(values.sum(axis=1))
    for row, numbers, known in zip(_packed(values), values, known_rows, strict=True):
        if known:
            yield row
        else:
            yield b"".join(NULL if number != number else field(struct.pack(">d", number)) for number in numbers)


def array_fields(values: NDArray[np.float64]) -> Iterator[bytes]:
    """Yield each row of (n, k) numbers as one float8[] field; NULL where it begins with what is no number."""
    count = values.shape[1]
    header = struct.pack(">iiiii", 1, 0, FLOAT8_OID, count, 1)
    start = struct.pack(">i", len(header) + count * _FLOAT.itemsize) + header
    for row, known in zip(_packed(values), ~np.isnan(values[:, 0]), strict=True):
        yield start + row if known else NULL


def _packed(values: NDArray[np.float64]) -> list[bytes]:
    """Return each row's numbers with their lengths, end to end."""
    rows = np.empty(values.shape, dtype=_FLOAT)
    rows["length"], rows["value"] = 8, values
    content, size = rows.tobytes(), values.shape[1] * _FLOAT.itemsize
    return [content[start : start + size] for start in range(0, len(content), size)]
