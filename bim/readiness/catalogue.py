"""The safety functions, their checks and limits: data in checks.json. The limits are ours (mark C); `why` says why."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from .checks import devices, elements, evacuation, fall_edges, fire, georeference, storeys
from .facts import ModelFacts
from .grades import Count, Limits
from .values import Values

FILE = Path(__file__).with_name("checks.json")
IDS_IDENTIFIER = re.compile(r"[A-Z]{3}-\d\d")
MODULES: Final = {
    "georeference": georeference,
    "storeys": storeys,
    "elements": elements,
    "fall_edges": fall_edges,
    "evacuation": evacuation,
    "fire": fire,
    "devices": devices,
}
FUNCTIONS: Final = tuple(MODULES)


@dataclass(frozen=True)
class Check:
    """One check of a function. `identifier` is FUNCTION.NAME for a check of geometry, `GEO-01` for a specification."""

    identifier: str
    function: str
    limits: Limits
    why: str

    @property
    def is_specification(self) -> bool:
        """Whether it is a specification of the IDS pack."""
        return IDS_IDENTIFIER.fullmatch(self.identifier) is not None

    def run(self, facts: ModelFacts, values: Values) -> Count:
        """Do a check of geometry."""
        rule: Callable[[ModelFacts, Values], Count] = getattr(
            MODULES[self.function], self.identifier.removeprefix(f"{self.function}.")
        )
        return rule(facts, values)


@cache
def catalogue() -> dict[str, Check]:
    """Return {identifier: check} in the order in which they are shown."""
    found: dict[str, Check] = {}
    for function, rows in json.loads(FILE.read_text(encoding="utf-8")).items():
        for row in rows:
            name = row["check"]
            identifier = name if IDS_IDENTIFIER.fullmatch(name) else f"{function}.{name}"
            limits = Limits(row["gap_above"], row["fail_above"], row["required"])
            found[identifier] = Check(identifier, function, limits, row["why"])
    return found


def checks_of(function: str) -> list[Check]:
    """Return a function's checks."""
    return [check for check in catalogue().values() if check.function == function]
