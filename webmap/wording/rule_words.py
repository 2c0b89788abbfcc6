"""What editions name as sources, and what alarm rules say of themselves, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spatial.alarms.rule_words import Field, rule_words
from spatial.rulebook.source_words import source_words

from .reader import data_language


def told_source(source: str, *, row: str = "") -> str:
    """Return a source of an edition; one that a company wrote itself as it stands."""
    return source_words(source, data_language(), row=row)


def told_of_rule(rule: Mapping[str, Any], field: Field) -> str:
    """Return what an alarm rule says in a field of its row; what an edition says itself as it stands."""
    return rule_words(rule, field, data_language())
