"""What editions name as sources, and what alarm rules ask for, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spatial.alarms.catalogue import rule_words
from spatial.rulebook.source_words import source_words

from .reader import data_language


def told_source(source: str, *, row: str = "") -> str:
    """Return a source of an edition; one that a company wrote itself as it stands."""
    return source_words(source, data_language(), row=row)


def told_action(rule: Mapping[str, Any]) -> str:
    """Return what an alarm rule asks for; what an edition says itself as it stands."""
    return rule_words(rule, "action", data_language())


def told_condition(rule: Mapping[str, Any]) -> str:
    """Return when an alarm rule is broken; what an edition says itself as it stands."""
    return rule_words(rule, "condition", data_language())


def told_of_rule(rule: Mapping[str, Any], what: str) -> str:
    """Return what an alarm rule says of itself in a field of its row."""
    return rule_words(rule, what, data_language())
