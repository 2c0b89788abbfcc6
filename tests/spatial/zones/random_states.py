"""Random states in great number, seeded: the rule, the set-based SQL and the oracle of the specification must agree."""

from __future__ import annotations

import random
from typing import Any

from spatial.rulebook.operations import load_editions
from spatial.rulebook.queries import table
from spatial.zones.cases import run_rule, run_sets
from spatial.zones.rules import read_table

from .oracle import KINDS
from .test_rules import by_oracle

DAY = 86400
ROUND = (0, 1, 599, 600, 899, 900, 1799, 1800, 1801, 3600, 5400, DAY - 1, DAY, DAY + 1, 3 * DAY)
BATCH = 2_000


def _moment(dice: random.Random) -> int:
    return dice.choice(ROUND) if dice.random() < 0.5 else dice.randrange(5 * DAY)


def _trigger(dice: random.Random) -> dict[str, Any]:
    kind, start = dice.choice(sorted(KINDS)), _moment(dice)
    row = {"kind": kind, "start": start, "end": None if dice.random() < 0.4 else start + _moment(dice)}
    return row | ({"floor": dice.randint(1, 4)} if kind == "MANUAL_RAISE" else {})


def _point(dice: random.Random, name: str) -> dict[str, Any]:
    return {
        "id": name,
        "sources": [{"grade": dice.randint(1, 4)} for _ in range(dice.randrange(4))],
        "residual": dice.choice((None, 1, 2, 3, 4)),
        "direct_major": dice.random() < 0.2,
        "state": dice.choice(("active", "active", "suspended", "planned", "closed")),
    }


def random_state(dice: random.Random) -> dict[str, Any]:
    """Return one state: a risk point with its triggers, or a zone with points, triggers and child zones."""

    def triggers(most: int) -> list[dict[str, Any]]:
        return [_trigger(dice) for _ in range(dice.randrange(most + 1))]

    shared = {"now": _moment(dice), "expect": {}}
    if dice.random() < 0.5:
        return {"type": "point", "point": _point(dice, "p1"), "triggers": triggers(5), **shared}
    members = [_point(dice, f"p{number}") for number in range(dice.randrange(5))]
    return {
        "type": "zone",
        "points": members,
        "triggers_by_point": {point["id"]: triggers(3) for point in members},
        "zone_triggers": triggers(3),
        "children": [dice.randrange(5) for _ in range(dice.randrange(4))],
        **shared,
    }


def disagreements(count: int, *, seed: int) -> tuple[int, int]:
    """Return how many states were checked and on how many rule, SQL and oracle do not all agree."""
    content = table(load_editions()[0], "zone_triggers")
    colours, dice, wrong = read_table(content), random.Random(seed), 0
    for first in range(0, count, BATCH):
        cases = [random_state(dice) for _ in range(min(BATCH, count - first))]
        for case, by_sql in zip(cases, run_sets(cases, content), strict=True):
            by_rule, expected = run_rule(case, colours), by_oracle(case)
            wrong += any(
                abs(said[name] - value) > (0.0051 if name == "index" else 0)
                for name, value in expected.items()
                for said in (by_rule, by_sql)
            )
    return count, wrong
