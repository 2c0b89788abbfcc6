"""What one edition says otherwise than the edition it inherits. Pure: no framework, no clock.

A place in a table is a JSON pointer (RFC 6901): `/bands/2/lo`; the empty pointer is the whole table.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

VERIFIED = frozenset({"S", "A"})


class PackInvalid(ValueError):
    """A rule pack cannot be used; the message names the place and what is wrong."""


class Difference(TypedDict):
    """One value that differs from the inherited edition, with where it comes from and how sure it is."""

    table: str
    path: str
    value: Any
    source: str
    clause: str
    conf: str
    note: str


@dataclass(frozen=True)
class Change:
    """A place at which two editions say different things; a side that says nothing there is ABSENT."""

    table: str
    path: str
    old: Any
    new: Any


class Absent:
    """Nothing stands here."""

    def __repr__(self) -> str:
        return "–"


ABSENT = Absent()


def is_verified(conf: str) -> bool:
    """Return whether a confidence mark stands for a text that was seen (S, A); A-, B and C are not verified."""
    return conf.split(" ")[0].split("/")[0] in VERIFIED


def pointer(*parts: str | int) -> str:
    """Return the JSON pointer of nested keys."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def parts_of(path: str) -> list[str]:
    """Return the keys of a JSON pointer."""
    return [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]


def _step(node: Any, part: str, where: str) -> Any:
    try:
        return node[int(part)] if isinstance(node, list) else node[part]
    except (KeyError, IndexError, ValueError, TypeError) as error:
        raise PackInvalid(f"{where} does not exist in the inherited edition.") from error


def value_at(content: Any, path: str) -> Any:
    """Return what stands at a pointer. Raises PackInvalid where nothing does."""
    for part in parts_of(path):
        content = _step(content, part, path)
    return content


def _put(content: Any, path: str, value: Any, where: str) -> None:
    *above, last = parts_of(path)
    for part in above:
        content = _step(content, part, where)
    if isinstance(content, list):
        _step(content, last, where)
        content[int(last)] = value
    elif isinstance(content, dict):
        content[last] = value
    else:
        raise PackInvalid(f"{where} does not exist in the inherited edition.")


def with_differences(tables: Mapping[str, Any], differences: Iterable[Difference]) -> dict[str, Any]:
    """Return tables with differences put in; the given tables stay as they are. Raises PackInvalid.

    A difference without a path adds or replaces a whole table; one with a path may add a key but no list item.
    """
    result: dict[str, Any] = dict(tables)
    own: set[str] = set()
    for row in differences:
        name, path, value = row["table"], row["path"], copy.deepcopy(row["value"])
        if not path:
            result[name] = {"source": row["source"], "conf": row["conf"], "content": value}
            own.add(name)
            continue
        if name not in result:
            raise PackInvalid(f"The table {name!r} does not exist in the inherited edition.")
        if name not in own:
            result[name] = copy.deepcopy(result[name])
            own.add(name)
        _put(result[name]["content"], path, value, f"{name} {path}")
    return result


def changes_between(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Return every place at which the contents of two editions' tables differ, in the order of their names."""
    found: list[Change] = []
    for name in sorted({*old, *new}):
        before = old[name]["content"] if name in old else ABSENT
        after = new[name]["content"] if name in new else ABSENT
        found.extend(_changes(name, "", before, after))
    return found


def _changes(name: str, path: str, old: Any, new: Any) -> Iterator[Change]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            yield from _changes(name, path + pointer(key), old.get(key, ABSENT), new.get(key, ABSENT))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from _changes(name, path + pointer(index), before, after)
    elif old is ABSENT or new is ABSENT or old != new or isinstance(old, bool) != isinstance(new, bool):
        yield Change(name, path, old, new)
