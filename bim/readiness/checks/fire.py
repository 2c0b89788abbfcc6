"""Whether the model knows its fire compartments. Pure."""

from __future__ import annotations

from ..facts import ModelFacts
from ..grades import Count
from ..values import Values


def compartments(facts: ModelFacts, values: Values) -> Count:
    """Count the spaces that belong to no zone."""
    spaces = facts.spaces
    failed = tuple(space.index for space in spaces if not space.in_zone)
    return Count(len(spaces), len(failed), failed)
