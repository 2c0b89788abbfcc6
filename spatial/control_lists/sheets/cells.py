"""What the cells of a form mean: words, numbers, names with telephone, numbered lines. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from .forms import COLOUR_WORDS, GRADE_WORDS
from .headings import plain

_NUMBERED = re.compile(r"^\s*[(（]?(\d{1,2})[)）.、．:：]\s*")
_PEOPLE = re.compile(r"[\n、;；]+")
_PHONE = re.compile(r"^(.*?)[\s:：(（]*(\+?\d[\d\- ]{4,18}\d)[)）]?$")
NOTHING = {"", "/", "-", "—", "——", "无", "none", "n/a"}


def text_of(value: Any) -> str:
    """Return a cell as text: dates as 2026-11-27, whole numbers without .0."""
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).replace("\r\n", "\n").replace("_x000D_", "").strip()


def word_key(words: Mapping[Any, Sequence[str]], text: str) -> Any:
    """Return the key that a word stands for, or None."""
    wanted = plain(text)
    return next((key for key, names in words.items() if wanted in {plain(name) for name in names}), None)


def grade_of(text: str) -> int | None:
    """Return the grade that a cell names by word, number or colour (较大风险, 3, 橙), or None."""
    key = word_key(GRADE_WORDS, text) or word_key(COLOUR_WORDS, text)
    if key is None:
        found = [grade for grade, names in GRADE_WORDS.items() if plain(names[0])[:2] == plain(text)[:2]]
        key = found[0] if found and len(text) > 1 else None
    return key


def number_of(text: str) -> float | None:
    """Return a number as a score is written, whole ones as int; None when it is none."""
    try:
        value = float(text.replace("，", "").replace(",", ""))
    except ValueError:
        return None
    return int(value) if value.is_integer() else value


def lines_of(text: str) -> tuple[str, ...]:
    """Return the measures of a cell: its lines, without the numbers before them when all lines have one."""
    if plain(text) in NOTHING:
        return ()
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if len(lines) > 1 and all(_NUMBERED.match(line) for line in lines):
        lines = [_NUMBERED.sub("", line, count=1) for line in lines]
    return tuple(line for line in lines if line)


def people_of(text: str) -> list[tuple[str, str]]:
    """Return (name, telephone) of everybody named in a cell."""
    people = []
    for part in _PEOPLE.split(text):
        part = part.strip()
        if plain(part) in NOTHING:
            continue
        match = _PHONE.match(part)
        people.append((match[1].strip(), match[2].strip()) if match and match[1].strip() else (part, ""))
    return people
