"""Tables of numbers that an organisation may set, each row with value, bounds, source, mark and words. Pure.

A table is groups of rows: `{"value", "low", "high", "source", "conf", "zh", "en"}`; a row with `at` names the place of
its number in a document of the product, one with `whole` takes whole numbers only. `order` names pairs of rows of which
the first is not above the second. What comes from a standard becomes stricter only, which its bounds say.
"""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from .differences import PackInvalid, parts_of

ALARM_POLICY, PERMIT_LIMITS, FENCE_DEFAULTS = "alarm_policy", "permit_limits", "fence_defaults"
TABLES = (ALARM_POLICY, PERMIT_LIMITS, FENCE_DEFAULTS)
_DATA = Path(__file__).parent / "data"
_FIELDS = ("value", "low", "high", "source", "conf", "zh", "en")


@dataclass(frozen=True)
class LimitSetting:
    """A number that may be set: its table and field, its place in the table, its bounds, and how it is called."""

    table: str
    field: str
    group: str
    path: str
    low: float
    high: float
    zh: str
    en: str
    source: str = ""
    conf: str = ""
    whole: bool = False


@lru_cache(maxsize=len(TABLES))
def shipped(table: str) -> Mapping[str, Any]:
    """Return a table as it ships with the product: what counts under an edition from before it."""
    return json.loads((_DATA / f"{table}.json").read_text(encoding="utf-8"))


def rows_of(content: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield (group, name, row) of a table."""
    for group, rows in content.items():
        if isinstance(rows, Mapping):
            for name, row in rows.items():
                yield group, name, row


def in_order(table: str, content: Mapping[str, Any]) -> list[tuple[str, str, Mapping[str, Any]]]:
    """Return the rows of a table as they ship: the database keeps no order of keys."""
    places = {(group, name): place for place, (group, name, _) in enumerate(rows_of(shipped(table)))}
    return sorted(rows_of(content), key=lambda row: places.get(row[:2], len(places)))


def number_settings(table: str, content: Mapping[str, Any]) -> list[LimitSetting]:
    """Return the numbers of a table that may be set; fields of a form are `<table>.<group>.<name>`."""
    return [
        LimitSetting(
            table, f"{table}.{group}.{name}", f"{table}.{group}", f"/{group}/{name}/value", row["low"], row["high"],
            row["zh"], row["en"], row["source"], row["conf"], row.get("whole", False),
        )
        for group, name, row in in_order(table, content)
    ]  # fmt: skip


def order_faults(table: str, content: Mapping[str, Any], values: Mapping[str, float]) -> list[tuple[str, str, float]]:
    """Return (field, the one that it must not be above, that one's value) of pairs that are out of order."""
    found = []
    for first, second in content.get("order", ()):
        one, other = (f"{table}.{place.replace('/', '.')}" for place in (first, second))
        if one in values and other in values and values[one] > values[other]:
            found.append((one, other, values[other]))
    return found


def check_table(table: str, content: Any) -> None:
    """Raise PackInvalid for a table of numbers that cannot be used, naming table, row and field."""
    values: dict[str, float] = {}
    if not isinstance(content, Mapping):
        raise PackInvalid(f"The table {table!r} must be groups of rows.")
    for group, name, row in rows_of(content):
        where = f"The table {table!r}, row {f'{group}/{name}'!r}"
        missing = [field for field in _FIELDS if not isinstance(row, Mapping) or field not in row]
        if missing:
            raise PackInvalid(f"{where}, field {missing[0]!r}: is missing.")
        for field in ("value", "low", "high"):
            number = row[field]
            if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
                raise PackInvalid(f"{where}, field {field!r}: {number!r} is not a number.")
        if row.get("whole") and row["value"] != int(row["value"]):
            raise PackInvalid(f"{where}, field 'value': {row['value']} is not a whole number.")
        if not row["low"] <= row["value"] <= row["high"]:
            raise PackInvalid(f"{where}, field 'value': {row['value']} is not from {row['low']} to {row['high']}.")
        values[f"{table}.{group}.{name}"] = row["value"]
    for first, second in content.get("order", ()):
        for place in (first, second):
            if f"{table}.{place.replace('/', '.')}" not in values:
                raise PackInvalid(f"The table {table!r}, 'order': there is no row {place!r}.")
    for field, other, limit in order_faults(table, content, values):
        one, above = (name.removeprefix(f"{table}.").replace(".", "/") for name in (field, other))
        raise PackInvalid(
            f"The table {table!r}, row {one!r}, field 'value': {values[field]} is above that of {above!r} ({limit})."
        )
    unknown = {(group, name) for group, name, _ in rows_of(shipped(table))} ^ {
        (group, name) for group, name, _ in rows_of(content)
    }
    for group, name in sorted(unknown):
        raise PackInvalid(
            f"The table {table!r}, row {f'{group}/{name}'!r}: the product has no such row, or asks for it."
        )


def check_tables(tables: Mapping[str, Any]) -> None:
    """Raise PackInvalid for the first table of numbers of an edition that cannot be used."""
    for table in TABLES:
        if table in tables:
            check_table(table, tables[table]["content"])


def value_of(content: Mapping[str, Any], group: str, name: str) -> float:
    """Return the number of a row."""
    return content[group][name]["value"]


def put_in(document: Mapping[str, Any], content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of a document with the numbers of a table at the places that its rows name."""
    filled: dict[str, Any] = copy.deepcopy(dict(document))
    for _group, _name, row in rows_of(content):
        *above, last = parts_of(row["at"])
        node: Any = filled
        for part in above:
            node = node[int(part)] if isinstance(node, list) else node[part]
        node[last] = row["value"]
    return filled
