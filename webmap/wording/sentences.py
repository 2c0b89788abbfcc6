"""English sentences of pure code, told again in the reader's language.

A row is the sentence itself where both read alike, or a pattern of what the code says with the sentence for it: the
pattern names its parts, and the sentence uses them. What no row knows is never hidden: it is shown as it came.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from django.utils.translation import gettext as _

Row = str | tuple[str, str]
_PART = re.compile(r"%\\\((\w+)\\\)s")


def pattern_of(sentence: str) -> str:
    """Return the pattern of a sentence whose parts are filled in."""
    return _PART.sub(r"(?P<\1>.+?)", re.escape(sentence))


class Sentences:
    """A table of sentences; the first row that fits a text tells it."""

    def __init__(self, *rows: Row, words: Mapping[str, Callable[[str], str]] = MappingProxyType({})) -> None:
        """Take the rows; a part that `words` names is told in the reader's language too."""
        pairs = [(pattern_of(row), row) if isinstance(row, str) else row for row in rows]
        self.rows = tuple((re.compile(pattern, re.DOTALL), sentence) for pattern, sentence in pairs)
        self._words = words

    def find(self, text: str) -> str | None:
        """Return the sentence for a whole text in the reader's language, or None when no row knows it."""
        for pattern, sentence in self.rows:
            if found := pattern.fullmatch(text):
                return self._filled(sentence, found)
        return None

    def tell(self, text: str) -> str:
        """Return a whole text in the reader's language; one that no row knows as it came."""
        told = self.find(text)
        return text if told is None else told

    def opening(self, text: str) -> tuple[str, int] | None:
        """Return the sentence that a text begins with in the reader's language, and where in the text it ends."""
        for pattern, sentence in self.rows:
            if found := pattern.match(text):
                return self._filled(sentence, found), found.end()
        return None

    def _filled(self, sentence: str, found: re.Match[str]) -> str:
        """Return a sentence with its parts; one without parts may hold a bare per cent sign."""
        parts = {name: self._words.get(name, str)(part) for name, part in found.groupdict().items()}
        return _(sentence) % parts if parts else _(sentence)
