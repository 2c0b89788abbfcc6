"""Turn wanted values into the differences that an edition stores. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .differences import ABSENT, Difference, PackInvalid, value_at


def _held(tables: Mapping[str, Any], table: str, path: str) -> Any:
    try:
        return value_at(tables[table]["content"], path)
    except (KeyError, PackInvalid):
        return ABSENT


def differences_to(
    tables: Mapping[str, Any],
    wanted: Iterable[tuple[str, str, Any]],
    given: Difference,
    kept: Iterable[Difference] = (),
) -> list[Difference]:
    """Return what differs from the tables: values said before keep their source, new ones have the given one.

    A difference said before at a place that nobody asked about now stays.
    """
    before = {(row["table"], row["path"]): row for row in kept}
    found: list[Difference] = []
    asked = set()
    for table, path, value in wanted:
        asked.add((table, path))
        if _held(tables, table, path) == value:
            continue
        old = before.get((table, path))
        found.append(old if old and old["value"] == value else {**given, "table": table, "path": path, "value": value})
    return found + [row for place, row in before.items() if place not in asked]
