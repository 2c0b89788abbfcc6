"""What alarm rules say of themselves, in the reader's language; an edition that was loaded stays as it is. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

Field = Literal["condition", "action", "level", "inputs", "clear"]
"""When a rule is broken, what it asks for, how grave that is, what it looks at, and what clears it."""
BY_RULE = frozenset({"condition", "action"})
"""What each rule says in its own words; the rest is said in phrases that rules share."""


@lru_cache(maxsize=1)
def _table() -> Mapping[str, Any]:
    text = files("spatial.alarms").joinpath("data/rule_words.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def rule_words(rule: Mapping[str, Any], field: Field, language: str) -> str:
    """This function will return what a rule of an edition says in one of its fields in a language (`zh`, `en`).

    What the table does not know, such as a row that an edition changed, is returned as it stands.
    """
    says = str(rule.get(field, ""))
    if field not in BY_RULE:
        return str(_table()["phrases"].get(says, {}).get(language, says))
    known = _table()[field].get(rule["id"], {})
    return str(known.get(language, says)) if known.get("says") == says else says
