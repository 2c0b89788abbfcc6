"""What is wrong with a file or one of its rows: an English sentence with its parts, told in any language later."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Problem:
    """A sentence with %(parts)s about one field of one row; row 0 is the file, `datum` what would help instead."""

    row: int
    field: str
    sentence: str
    parts: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    datum: str = ""

    def __str__(self) -> str:
        said = self.sentence % self.parts if self.parts else self.sentence
        place = f"Row {self.row}, {self.field}: " if self.row else ""
        return place + said


class FileRefused(ValueError):
    """A file that cannot be read at all; `problem` says why and what to do."""

    def __init__(self, sentence: str, parts: Mapping[str, Any] | None = None) -> None:
        self.problem = Problem(0, "", sentence, parts or {})
        super().__init__(str(self.problem))


class FieldRefused(ValueError):
    """One value that cannot be taken; `problem` has no row yet."""

    def __init__(
        self, field_name: str, sentence: str, parts: Mapping[str, Any] | None = None, *, datum: str = ""
    ) -> None:
        self.problem = Problem(0, field_name, sentence, parts or {}, datum)
        super().__init__(str(self.problem))

    def at(self, row: int) -> Problem:
        """Return the problem as one of this row."""
        found = self.problem
        return Problem(row, found.field, found.sentence, found.parts, found.datum)
