"""English sentences of pure code, told again in the reader's language: a table of patterns and their sentences.

Each pattern names its parts; the sentence uses them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

Patterns = list[tuple[re.Pattern[str], str]]


def compiled(table: Iterable[tuple[str, str]]) -> Patterns:
    """Return a table's patterns, ready to match over several lines."""
    return [(re.compile(pattern, re.DOTALL), sentence) for pattern, sentence in table]


def filled(sentence: str, parts: Mapping[str, str]) -> str:
    """Return a sentence in the reader's language with its parts; one without parts may hold a bare per cent sign."""
    return _(sentence) % parts if parts else _(sentence)


def told(text: str, patterns: Patterns) -> str | None:
    """Return the sentence of the first pattern that is the whole text, or None."""
    for pattern, sentence in patterns:
        if found := pattern.fullmatch(text):
            return filled(sentence, found.groupdict())
    return None
