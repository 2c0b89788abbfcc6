"""Find the head of a table on a sheet, and which official form it is, with headings as people write them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .forms import READ_FORMS, Column, Form

HEAD_WITHIN_ROWS = 15
_NOISE = re.compile(r"[\s:：*_\-]+")
_BRACKETS = str.maketrans({"（": "(", "）": ")", "／": "/", "【": "(", "】": ")", "．": ".", "，": ","})
_AFTER = ("后", "残余", "after", "residual")


@dataclass(frozen=True)
class Table:
    """A table found on a sheet: its form, the columns by key, the first row of data, headings nobody knows."""

    form: Form
    columns: Mapping[str, int]
    first_row: int
    unknown: tuple[tuple[int, str], ...]


def plain(text: object) -> str:
    """Return a heading without spaces, case and width of brackets, as it is compared."""
    return _NOISE.sub("", str(text or "").translate(_BRACKETS)).lower()


def _names(column: Column) -> set[str]:
    return {plain(name) for name in (column.zh, column.en, *column.also)}


def _score_key(name: str, group: str, seen: Mapping[str, int]) -> str | None:
    """Return the key of a score column (L, E, C, D, S, R), which needs its group or its neighbours to be told."""
    letter = name.upper()[:1]
    rest = name[1:].strip("()")
    if letter not in "LECDSR" or (rest and not re.fullmatch(r"[一-鿿a-z]*值?", rest)) or len(name) > 8:
        return None
    if len(name) > 1 and rest and not re.search(r"[一-鿿]", rest):
        return None
    moment = "after" if any(mark in group for mark in _AFTER) else "before"
    upper = group.upper()
    if letter in "EC" or (letter == "D"):
        method = "LEC"
    elif letter in "SR":
        method = "LS"
    elif "LEC" in upper:
        method = "LEC"
    else:
        method = "LS" if "LS" in upper or f"{moment}.LEC.L" in seen else "LEC"
    return f"{moment}.{method}.{ {'D': 'value', 'R': 'value'}.get(letter, letter) }"


def _match(form: Form, heads: Sequence[tuple[str, str]]) -> tuple[dict[str, int], list[tuple[int, str]]]:
    found: dict[str, int] = {}
    unknown = []
    for number, (group, name) in enumerate(heads, start=1):
        if not name:
            continue
        text = plain(name)
        key = _score_key(text, plain(group), found) if form.key in ("jha", "scl") else None
        if key is None:
            names = (column.key for column in form.columns if text in _names(column) and column.key not in found)
            key = next(names, None)
        if key is None or key in found:
            unknown.append((number, name))
        else:
            found[key] = number
    _settle_ls(found)
    return found, unknown


def _settle_ls(found: dict[str, int]) -> None:
    """An L without E and C, but with S, is the L of the LS method."""
    for moment in ("before", "after"):
        lec, ls = f"{moment}.LEC.L", f"{moment}.LS.L"
        if lec in found and ls not in found and f"{moment}.LEC.E" not in found and f"{moment}.LS.S" in found:
            found[ls] = found.pop(lec)


def _is(form: Form, found: Mapping[str, int]) -> bool:
    has = {key.partition(".")[0] for key in found}
    names = {"scores" if key in ("before",) else key for key in has} | set(found)
    return form.must <= names


def _heads(rows: Sequence[Sequence[object]], index: int, deep: bool) -> list[tuple[str, str]]:
    upper = [str(value or "").strip() for value in rows[index]]
    if not deep or index + 1 >= len(rows):
        return [("", text) for text in upper]
    lower = [str(value or "").strip() for value in rows[index + 1]]
    pairs = []
    for above, below in zip(upper, lower, strict=True):
        pairs.append((above, below) if below and below != above else ("", above))
    return pairs


def _rank(table: Table) -> tuple[int, int]:
    """More headings are better; of equal ones the lower, for a head over two rows is merged from both."""
    return len(table.columns), table.first_row


def find_table(rows: Sequence[Sequence[object]]) -> Table | None:
    """Return the table of an official form on a sheet (merged cells already filled), or None.

    The head is one row, or two when groups stand over columns; it is where the most headings are known.
    """
    best: Table | None = None
    for index in range(min(HEAD_WITHIN_ROWS, len(rows))):
        for deep in (True, False):
            heads = _heads(rows, index, deep)
            for form in READ_FORMS:
                found, unknown = _match(form, heads)
                table = Table(form, found, index + (2 if deep else 1), tuple(unknown))
                if _is(form, found) and (best is None or _rank(table) > _rank(best)):
                    best = table
    return best
