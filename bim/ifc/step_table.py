"""A STEP file as columns: where each record stands, its class, and what it refers to. numpy only, no ifcopenshell.

For what a large model is asked of every record, one pass over its bytes costs seconds where a Python object for each
record costs minutes. Whether a file can be parsed at all is for IfcOpenShell to say (reading.py).
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

CHUNK_BYTES = 1 << 19
_DATA = re.compile(rb"\bDATA\s*(?:\([^;']*\)\s*)?;")
_END = b"ENDSEC"
_TEXT_OR_COMMENT = re.compile(rb"'[^']*'|/\*.*?\*/", re.DOTALL)
_ESCAPED_QUOTE = b"\\S\\'"
_SPARSE = 16
_LONGEST_NUMBER = 18
_LONGEST_NAME = 80
_HASH, _QUOTE, _OPEN, _CLOSE, _SEMICOLON, _EQUALS = b"#'();="
_ZERO, _SPACE = 48, 32
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_WORD = 8
_FIRST_BYTES = np.array([(1 << 8 * count) - 1 for count in range(_WORD + 1)], dtype=np.uint64)
_TAIL_BYTES = 4_096
_MARKS = np.zeros(256, dtype=bool)
_MARKS[[_HASH, _SEMICOLON, _EQUALS, _OPEN, _CLOSE]] = True

Integers = NDArray[Any]  # whole numbers, of 32 bits where they fit: a table weighs half as much

Text = bytes | mmap.mmap


class NotPlain(Exception):
    """The text is not in the form that the table knows: it is for IfcOpenShell to read."""


@dataclass(frozen=True)
class StepTable:
    """The records of a STEP file's DATA section, in file order.

    ids (n,) their #ids; kinds (n,) their classes, counting into `names` (upper case); starts, ends (n,) the bytes
    between their outer brackets in `content`, in which comments are blanks. Record r refers to
    reference_ids[reference_starts[r]:reference_starts[r + 1]], in the order of its text.
    """

    content: Text
    ids: Integers
    kinds: Integers
    names: tuple[str, ...]
    starts: Integers
    ends: Integers
    reference_starts: Integers
    reference_ids: Integers

    @classmethod
    def of_file(cls, path: Path) -> StepTable:
        """Return the table of a file, whose text stays on the disk until it is asked for. Raises NotPlain."""
        with path.open("rb") as file:
            if not path.stat().st_size:
                raise NotPlain("there is no DATA section")
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        table = cls.of(content)
        content.madvise(mmap.MADV_DONTNEED)  # else what has been read once counts as the process's memory
        return table

    @classmethod
    def of(cls, content: Text) -> StepTable:
        """Return the table of a file's bytes. Raises NotPlain."""
        if content.find(_ESCAPED_QUOTE) >= 0:
            raise NotPlain("a text holds \\S\\' , a quote that does not end it")
        if content.find(b"/*") >= 0:
            content = _TEXT_OR_COMMENT.sub(_blank_comment, content)
        begin, end = _data_section(content)
        kinds = _Kinds()
        chunks = [_records(piece, outside, offset, kinds) for offset, piece, outside in _chunks(content, begin, end)]
        if not chunks:
            chunks = [_Records(*(np.zeros(0, dtype=np.int64) for _ in range(6)))]

        def column(name: str) -> Integers:
            return _narrow(np.concatenate([getattr(chunk, name) for chunk in chunks]))

        reference_starts = np.append(0, np.cumsum(column("reference_counts")))
        return cls(
            content,
            column("ids"),
            column("kinds"),
            tuple(kinds.names),
            column("starts"),
            column("ends"),
            _narrow(reference_starts),
            column("references"),
        )

    def __len__(self) -> int:
        return len(self.ids)

    def are_of(self, names: Collection[str], rows: NDArray[np.intp] | slice = slice(None)) -> NDArray[np.bool_]:
        """Return which of the rows are of these classes (upper case, no subclasses)."""
        return np.array([name in names for name in self.names], dtype=bool)[self.kinds[rows]]

    def rows_of(self, *names: str) -> NDArray[np.intp]:
        """Return the rows of these classes (upper case, no subclasses), in file order."""
        return np.flatnonzero(self.are_of(names))

    def row_of(self, ids: NDArray[np.int64]) -> NDArray[np.intp]:
        """Return the row of each #id, -1 where there is none; of an #id that occurs twice the last."""
        ids = np.asarray(ids, dtype=np.int64)
        if not len(self):
            return np.full(ids.shape, -1, dtype=np.intp)
        if (dense := self._row_by_id) is not None:
            return np.where((ids >= 0) & (ids < len(dense)), dense[np.clip(ids, 0, len(dense) - 1)], -1)
        order, ordered = self._by_id
        place = np.searchsorted(ordered, ids, side="right") - 1
        return np.where((place >= 0) & (ordered[place] == ids), order[place], -1).astype(np.intp)

    def row(self, step_id: int) -> int:
        """Return the row of one #id as `row_of` does."""
        dense = self._row_by_id
        if dense is None:
            return int(self.row_of(np.array([step_id]))[0])
        return int(dense[step_id]) if 0 <= step_id < len(dense) else -1

    @property
    def repeats_ids(self) -> bool:
        """Return whether an #id stands for two records."""
        return bool((self.row_of(self.ids) != np.arange(len(self))).any())

    @cached_property
    def _by_id(self) -> tuple[NDArray[np.intp], Integers]:
        order = np.argsort(self.ids, kind="stable")
        return order, self.ids[order]

    @cached_property
    def _row_by_id(self) -> Integers | None:
        """Return the row of each number up to the greatest #id; None where most of them are no #id."""
        greatest = int(self.ids.max(initial=0))
        if greatest > _SPARSE * len(self):
            return None
        rows = np.full(greatest + 1, -1, dtype=np.int32)  # a file has fewer than 2 ** 31 records
        rows[self.ids] = np.arange(len(self))
        return rows


@dataclass(frozen=True)
class _Records:
    """The records of one chunk; offsets count from the file's first byte."""

    ids: Integers
    kinds: Integers
    starts: Integers
    ends: Integers
    reference_counts: Integers
    references: Integers


def _narrow(values: Integers) -> Integers:
    return values.astype(np.int32) if values.max(initial=0) <= np.iinfo(np.int32).max else values


class _Kinds:
    """Numbers class names in the order in which they are met."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._number: dict[str, int] = {}

    def number(self, name: str) -> int:
        if name not in self._number:
            self._number[name] = len(self.names)
            self.names.append(name)
        return self._number[name]


def _blank_comment(found: re.Match[bytes]) -> bytes:
    text = found[0]
    return text if text[:1] == b"'" else b" " * len(text)


def _data_section(content: Text) -> tuple[int, int]:
    """Return the offsets of the first byte behind DATA; and of the ENDSEC that ends it."""
    header_end = content.find(_END)
    opening = _DATA.search(content, max(header_end, 0))
    end = content.rfind(_END)
    if opening is None or end < opening.end():
        raise NotPlain("there is no DATA section")
    return opening.end(), end


def _chunks(content: Text, begin: int, end: int) -> Iterator[tuple[int, NDArray[np.uint8], NDArray[np.bool_]]]:
    """Yield runs of whole records, each up to its last semicolon: their offset, their bytes, which stand outside of
    texts."""
    size = CHUNK_BYTES
    while begin < end:
        piece = np.frombuffer(content, np.uint8, min(size, end - begin), begin)
        outside = _outside(piece)
        last = _last_semicolon(piece, outside)
        if last < 0:
            if begin + size < end:
                size *= 2
                continue
            if content[begin:end].strip():
                raise NotPlain("the last record has no end")
            return
        yield begin, piece[: last + 1], outside[: last + 1]
        begin, size = begin + last + 1, CHUNK_BYTES


def _outside(piece: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return which bytes stand outside of texts; the piece begins outside of one."""
    return np.cumsum(piece == _QUOTE, dtype=np.uint8) & 1 == 0


def _last_semicolon(piece: NDArray[np.uint8], outside: NDArray[np.bool_]) -> int:
    end = len(piece)
    while end:
        begin = max(0, end - _TAIL_BYTES)
        found = np.flatnonzero(outside[begin:end] & (piece[begin:end] == _SEMICOLON))
        if len(found):
            return begin + int(found[-1])
        end = begin
    return -1


def _records(piece: NDArray[np.uint8], outside: NDArray[np.bool_], offset: int, kinds: _Kinds) -> _Records:
    marks = np.flatnonzero(_MARKS[piece] & outside)
    marked = piece[marks]

    def places(byte: int) -> Integers:
        return marks[marked == byte]

    ends = places(_SEMICOLON)
    begins = np.concatenate([[0], ends[:-1] + 1]).astype(np.int64)
    hashes = places(_HASH)
    first = np.searchsorted(hashes, begins)
    equals = _first_behind(places(_EQUALS), begins, ends)
    opens = _first_behind(places(_OPEN), equals, ends)
    closes_all = places(_CLOSE)
    last = np.searchsorted(closes_all, ends) - 1
    if len(ends) and (first.max() >= len(hashes) or last.min() < 0):
        raise NotPlain("a record has no number or no brackets")
    own, closes = hashes[first], closes_all[last]
    numbers, digits = _numbers(piece, hashes)
    solid = np.cumsum(piece > _SPACE, dtype=np.int32)
    plain = (own < equals) & (equals < opens) & (opens < closes)
    plain &= solid[own] - np.where(begins > 0, solid[begins - 1], 0) == 1  # nothing before the #
    plain &= solid[equals] - solid[own] == digits[first] + 1  # nothing but its digits up to the =
    plain &= solid[ends] - solid[closes] == 1  # nothing between the last bracket and the semicolon
    if not plain.all():
        place = offset + int(begins[np.flatnonzero(~plain)[0]])
        raise NotPlain(f"the record at byte {place} is none of the form #1=NAME(...);")
    counts = np.diff(np.append(first, len(hashes))) - 1
    is_own = np.zeros(len(hashes), dtype=bool)
    is_own[first] = True
    columns = (
        numbers[first],
        _numbered_names(piece, equals + 1, opens, kinds),
        opens + 1 + offset,
        closes + offset,
        counts,
        numbers[~is_own],
    )
    return _Records(*map(_narrow, columns))


def _first_behind(places: Integers, begins: Integers, ends: Integers) -> Integers:
    """Return the first of the sorted places at or behind each beginning; the end where there is none before it."""
    index = np.searchsorted(places, begins)
    return np.minimum(np.append(places, np.iinfo(np.int64).max)[index], ends)


def _numbers(piece: NDArray[np.uint8], hashes: Integers) -> tuple[Integers, Integers]:
    """Return the numbers behind the # signs, and how many digits each has."""
    values, digits = np.zeros(len(hashes), dtype=np.int64), np.zeros(len(hashes), dtype=np.int64)
    alive = np.arange(len(hashes))
    for step in range(1, _LONGEST_NUMBER + 2):
        digit = piece[hashes[alive] + step] - np.uint8(_ZERO)  # the piece ends with a semicolon
        is_digit = digit < 10
        alive, digit = alive[is_digit], digit[is_digit]
        if not len(alive):
            break
        values[alive] = values[alive] * 10 + digit
        digits[alive] += 1
    else:
        raise NotPlain("a number has too many digits")
    if not digits.all():
        raise NotPlain("a # has no number")
    return values, digits


def _numbered_names(piece: NDArray[np.uint8], begins: Integers, ends: Integers, kinds: _Kinds) -> Integers:
    """Return the number of the class name between each pair of places."""
    lengths = ends - begins
    if lengths.max(initial=0) > _LONGEST_NAME:
        raise NotPlain("a class name is too long")
    padded = np.append(piece, np.zeros(_WORD, dtype=np.uint8))
    words: NDArray[np.uint64] = np.ndarray((len(piece),), "<u8", padded, strides=(1,))  # eight bytes from each place on
    keys = lengths.astype(np.uint64)
    alive = np.arange(len(begins))
    for step in range(0, _LONGEST_NAME, _WORD):
        alive = alive[lengths[alive] > step]
        if not len(alive):
            break
        kept = _FIRST_BYTES[np.minimum(lengths[alive] - step, _WORD)]
        keys[alive] = _mixed(keys[alive] ^ (words[begins[alive] + step] & kept))
    _, sample, index = np.unique(keys, return_index=True, return_inverse=True)
    return np.array([_kind(piece[begins[row] : ends[row]].tobytes(), kinds) for row in sample], dtype=np.int64)[index]


def _mixed(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the keys with every bit carried into others; different keys stay different."""
    keys = keys * _MULTIPLIER
    return np.asarray(keys ^ (keys >> np.uint64(29)))


def _kind(name: bytes, kinds: _Kinds) -> int:
    text = name.decode("latin-1").strip().upper()
    if not text.replace("_", "").isalnum():
        raise NotPlain(f"{text[:40]!r} is no class name")
    return kinds.number(text)
