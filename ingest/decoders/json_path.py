"""A small path language for JSON: `$.a.b[0]["x y"]`, and `[*]` where many are meant. No code, no filters. Pure.

A path that begins with `$` starts at the top of the payload; any other starts at the record in hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

MAX_LENGTH, MAX_STEPS = 200, 16
_STEP = re.compile(r"""\.?([A-Za-z_\u4e00-\u9fff][\w\u4e00-\u9fff-]*)|\[(\d{1,4})\]|\[(\*)\]|\["([^"\]]{1,80})"\]""")


class _Everything:
    """Stands for `[*]` in a path."""


EVERY: Final = _Everything()


class PathRefused(ValueError):
    """A path that cannot be read; the message says where."""


class NothingThere(LookupError):
    """A payload has nothing at a path; the message names the step."""


@dataclass(frozen=True, slots=True)
class Path:
    """A path that was read."""

    text: str
    from_top: bool
    steps: tuple[str | int | _Everything, ...]

    @property
    def many(self) -> bool:
        """Whether it has `[*]`."""
        return any(step is EVERY for step in self.steps)


def read_path(text: str) -> Path:
    """This function will read a path. Raises PathRefused."""
    if len(text) > MAX_LENGTH:
        raise PathRefused(f"a path of {len(text)} characters; at most {MAX_LENGTH}")
    from_top = text.startswith("$")
    at, steps = int(from_top), []
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None:
            raise PathRefused(f"cannot be read at {text[at : at + 12]!r}; write it like $.data[0].value")
        name, index, every, quoted = found.groups()
        steps.append(EVERY if every else int(index) if index is not None else name or quoted)
        at = found.end()
    if len(steps) > MAX_STEPS:
        raise PathRefused(f"{len(steps)} steps; at most {MAX_STEPS}")
    if not steps and not from_top:
        raise PathRefused("is empty")
    return Path(text, from_top, tuple(steps))


def value_at(path: Path, top: Any, record: Any) -> Any:
    """This function will return what is at a path without `[*]`. Raises NothingThere."""
    found = top if path.from_top else record
    for step in path.steps:
        found = _next(found, step)
    return found


def values_at(path: Path, top: Any, record: Any, limit: int) -> list[Any]:
    """This function will return all that a path with `[*]` names, at most `limit` + 1 of them. Raises NothingThere."""
    found: list[Any] = []
    for value in _walk(top if path.from_top else record, path.steps):
        found.append(value)
        if len(found) > limit:
            break
    return found


def _walk(value: Any, steps: tuple[str | int | _Everything, ...]) -> Iterator[Any]:
    for number, step in enumerate(steps):
        if step is EVERY:
            if not isinstance(value, list):
                raise NothingThere("[*]: there is no list")
            for one in value:
                yield from _walk(one, steps[number + 1 :])
            return
        value = _next(value, step)
    yield value


def _next(value: Any, step: str | int | _Everything) -> Any:
    if isinstance(step, int):
        if not isinstance(value, list) or step >= len(value):
            raise NothingThere(f"[{step}]: there is no such place in a list")
        return value[step]
    if not isinstance(value, dict) or step not in value:
        raise NothingThere(f"{step}: there is no such field")
    return value[step]
