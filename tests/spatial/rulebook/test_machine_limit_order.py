"""Numbers of moving danger come in the order of the table that ships, whatever order their keys have."""

import json
from pathlib import Path
from typing import Any

from spatial.rulebook.machine_limits import GROUPS, limit_settings

SHIPPED = json.loads(Path("spatial/rulebook/data/machine_limits.json").read_text(encoding="utf-8"))


def as_the_database_keeps(content: Any) -> Any:
    """JSONB keeps the keys of an object by length, then by bytes."""
    if isinstance(content, dict):
        keys = sorted(content, key=lambda key: (len(key.encode()), key.encode()))
        return {key: as_the_database_keeps(content[key]) for key in keys}
    return [as_the_database_keeps(one) for one in content] if isinstance(content, list) else content


def test_limits_keep_the_order_of_the_table_that_ships() -> None:
    stored = as_the_database_keeps(SHIPPED)
    assert list(stored["crane"]) != list(SHIPPED["crane"])
    fields = [(row.group, row.field) for row in limit_settings(stored)]
    assert fields == [(row.group, row.field) for row in limit_settings(SHIPPED)]
    for group in GROUPS:
        named = [field for one, field in fields if one == group]
        assert named == [name for name in SHIPPED[group] if name in named] and named
    rules = list(dict.fromkeys(field.rpartition("_")[0] for one, field in fields if one == "rules"))
    assert rules == [rule for rule in SHIPPED["rules"] if rule in rules]
    assert [group for group, _ in fields] == sorted(
        (group for group, _ in fields), key=[*GROUPS, "rules", "fall_radius", "power_line"].index
    )


def test_a_limit_that_does_not_ship_comes_last() -> None:
    own = {**SHIPPED, "crane": {"a_new_one": next(iter(SHIPPED["crane"].values())), **SHIPPED["crane"]}}
    crane = [row.field for row in limit_settings(own) if row.group == "crane"]
    assert crane[-1] == "a_new_one"
