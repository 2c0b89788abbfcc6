"""What an alarm is called to the reader: its title in their language, or as it stands in the record.

An alarm keeps its title in both languages (`title`, `title_en`). Pages ask here, and so does everything that is sent
to one reader; what waits for readers of both languages (an event) holds both until it is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .reader import reads_chinese

IN_ENGLISH = "_en"


def alarm_title(alarm: Any) -> str:
    """Return the title of an alarm in the reader's language; one from before has its Chinese title only."""
    return str(alarm.title if reads_chinese() else alarm.title_en or alarm.title)


def draft_text(draft: Any) -> str:
    """Return what a hazard draft says in the reader's language."""
    return str(draft.description if reads_chinese() else draft.description_en or draft.description)


def for_reader(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an event says in the reader's language: of `title` and `title_en` one, under the name `title`."""
    pairs = {name: f"{name}{IN_ENGLISH}" for name in payload if f"{name}{IN_ENGLISH}" in payload}
    found = {name: value for name, value in payload.items() if name not in pairs.values()}
    if not reads_chinese():
        found |= {name: payload[english] or payload[name] for name, english in pairs.items()}
    return found
