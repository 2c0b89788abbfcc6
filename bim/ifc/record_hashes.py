"""What each record of a STEP file says, as 128 bits, whatever its #id and the #ids it names: for shape keys.

Two records have one hash where their classes and their texts are the same and what they refer to has the same hashes
in the same order. Words do not count (names of profiles and the like are no shape), numbers do as they are written,
blanks do not. A representation counts as its items, without its context, which names the project's own place.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from .ragged import ranges
from .step_table import StepTable

REPRESENTATIONS = frozenset(
    {"IFCREPRESENTATION", "IFCSHAPEMODEL", "IFCSHAPEREPRESENTATION", "IFCSTYLEMODEL", "IFCSTYLEDREPRESENTATION",
     "IFCTOPOLOGYREPRESENTATION"}
)  # fmt: skip
RUN_BYTES = 1 << 19
_HASH, _QUOTE, _ZERO, _SPACE = 35, 39, 48, 32
_BASES = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F)
_NOTHING, _LOOP = np.uint64(0x51_7C_C1_B7_27_22_0A_95), np.uint64(0x2545F4914F6CDD1D)

Hashes = NDArray[np.uint64]


def record_hashes(table: StepTable) -> Hashes:
    """Return (n, 2): the hash of each representation and of each record that one is made of; 0 for the others."""
    is_shape = table.are_of(REPRESENTATIONS)
    classes = np.array([_hash_of_name(name) for name in table.names], dtype=np.uint64).reshape(-1, 2)
    own = classes[table.kinds]
    starts, counts = _own_references(table, is_shape)
    target = table.row_of(table.reference_ids)
    wanted = _reached(np.flatnonzero(is_shape), starts, counts, target)
    for rows, texts in _runs(table, wanted):
        own[rows] += texts
    own[is_shape] = _hash_of_name("items")
    result = np.zeros_like(own)
    result[wanted] = _mixed(own[wanted])
    _combine(result, np.flatnonzero(wanted & (counts > 0)), starts, counts, target)
    return result


def _hash_of_name(name: str) -> tuple[int, int]:
    digest = blake2b(name.encode("utf-8", "surrogateescape"), digest_size=16).digest()
    return int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little")


def _runs(table: StepTable, wanted: NDArray[np.bool_]) -> Iterator[tuple[NDArray[np.intp], Hashes]]:
    """Yield runs of wanted records with the hashes of their texts: words emptied, #ids masked, blanks left out."""
    first = 0
    while first < len(table):
        reach = min(int(table.starts[first]) + RUN_BYTES, len(table.content))
        last = max(first + 1, int(np.searchsorted(table.ends, table.ends.dtype.type(reach), side="right")))
        rows = first + np.flatnonzero(wanted[first:last])
        if len(rows):
            yield rows, _texts(table, rows)
        first = last


def _texts(table: StepTable, rows: NDArray[np.intp]) -> Hashes:
    begin, end = int(table.starts[rows[0]]), int(table.ends[rows[-1]])
    piece = np.frombuffer(table.content, np.uint8, end - begin, begin)
    starts, ends = table.starts[rows] - begin, table.ends[rows] - begin
    quote = piece == _QUOTE
    word = np.cumsum(quote, dtype=np.uint8) & 1 != 0
    word[:-1] |= quote[:-1] & quote[1:]  # a doubled quote within a word
    counts = ~word & (piece > _SPACE) & ~_digits_of_references(piece, word)
    places = np.flatnonzero(counts)
    before = np.append(np.int32(0), np.cumsum(counts, dtype=np.int32))
    lower, lengths = before[starts], before[ends] - before[starts]
    begins = np.cumsum(lengths) - lengths
    offset = np.arange(int(lengths.sum())) - np.repeat(begins, lengths)
    letters = piece[places[ranges(lower, lengths)]].astype(np.uint64) + np.uint64(1)
    found = np.zeros((len(starts), 2), dtype=np.uint64)
    some = lengths > 0
    if some.any():
        for column, base in enumerate(_BASES):
            weights = _powers(base, 1 << int(lengths.max()).bit_length())[offset]
            found[some, column] = np.add.reduceat(letters * weights, begins[some])
    found[:, 0] += lengths.astype(np.uint64)
    return found


def _digits_of_references(piece: NDArray[np.uint8], word: NDArray[np.bool_]) -> NDArray[np.bool_]:
    digit = np.zeros(len(piece), dtype=bool)
    alive = np.flatnonzero((piece == _HASH) & ~word) + 1
    while len(alive):
        alive = alive[alive < len(piece)]
        alive = alive[piece[alive] - np.uint8(_ZERO) < 10]
        digit[alive] = True
        alive = alive + 1
    return digit


@lru_cache(maxsize=8)
def _powers(base: int, count: int) -> Hashes:
    """Return base ** 1 .. base ** count, modulo 2 ** 64."""
    return np.multiply.accumulate(np.full(count, base, dtype=np.uint64))


def _mixed(values: Hashes) -> Hashes:
    """Return the values with every bit spread over all bits (the finaliser of SplitMix64)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(values ^ (values >> np.uint64(31)))


def _own_references(table: StepTable, is_shape: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where each record's references begin and how many count: of a representation all but its context."""
    starts, counts = table.reference_starts[:-1].copy(), np.diff(table.reference_starts)
    skipped = is_shape & (counts > 0) & _begins_with_reference(table, is_shape)
    starts[skipped] += 1
    counts[skipped] -= 1
    return starts, counts


def _reached(rows: NDArray[np.intp], starts: NDArray, counts: NDArray, target: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return which records are these or are referred to by them, however far."""
    reached = np.zeros(len(starts), dtype=bool)
    while len(rows):
        reached[rows] = True
        named = target[ranges(starts[rows], counts[rows])]
        new = np.zeros(len(starts), dtype=bool)
        new[named[named >= 0]] = True
        rows = np.flatnonzero(new & ~reached)
    return reached


def _combine(
    result: Hashes, waiting: NDArray[np.intp], starts: NDArray, counts: NDArray, target: NDArray[np.intp]
) -> None:
    """Add to the hashes of the waiting records those of what they refer to, from the leaves upwards."""
    done = np.ones(len(result), dtype=bool)
    done[waiting] = False
    while len(waiting):
        lengths = counts[waiting]
        begins = np.cumsum(lengths) - lengths
        rows = target[ranges(starts[waiting], lengths)]
        ready = np.logical_and.reduceat(done[rows] | (rows < 0), begins)
        if not ready.any():  # they refer to one another in a ring
            result[waiting] = _mixed(result[waiting] + _LOOP)
            break
        now, lengths = waiting[ready], lengths[ready]
        rows = target[ranges(starts[now], lengths)]
        begins = np.cumsum(lengths) - lengths
        order = np.arange(len(rows)) - np.repeat(begins, lengths)
        weight = (_mixed(order.astype(np.uint64) + np.uint64(1)) | np.uint64(1))[:, None]
        named = np.where((rows >= 0)[:, None], result[rows], _NOTHING)
        result[now] = _mixed(result[now] + np.add.reduceat(_mixed(named + weight) * weight, begins, axis=0))
        done[now] = True
        waiting = waiting[~ready]


def _begins_with_reference(table: StepTable, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which of the chosen records' texts begin with a reference."""
    begins = np.zeros(len(table), dtype=bool)
    for row in np.flatnonzero(chosen):
        start = int(table.starts[row])
        begins[row] = table.content[start : start + 80].lstrip()[:1] == b"#"
    return begins
