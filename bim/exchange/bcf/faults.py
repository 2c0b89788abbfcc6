"""What is wrong with a BCF file, in sentences that say what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Lost = Literal["topic", "comment", "viewpoint", "picture", "value"]


def gettext_noop(text: str) -> str:
    """Mark a sentence for translation; the page that shows it translates."""
    return text


@dataclass(frozen=True)
class Fault:
    """What could not be read: the file in the archive, its line (0: the whole file), why, and what was lost by it."""

    file: str
    line: int
    message: str
    values: Mapping[str, Any] = field(default_factory=dict, hash=False)
    lost: Lost = "value"

    def __str__(self) -> str:
        place = f"{self.file}, line {self.line}" if self.line else self.file
        return f"{place}: {self.message % self.values}"


class BcfUnreadable(ValueError):
    """The file as a whole cannot be read."""

    def __init__(self, message: str, **values: Any) -> None:
        super().__init__(message % values)
        self.message, self.values = message, values


class Broken(Exception):
    """A part cannot be read, at a line of its file."""

    def __init__(self, line: int, message: str, **values: Any) -> None:
        super().__init__(message % values)
        self.line, self.message, self.values = line, message, values
