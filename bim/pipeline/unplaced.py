"""Elements that do not lie where their alignment says: their shape is left out, with the reason as their gap."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from .frames import StoredOutcome

UNPLACED = "unplaced.json"


def write_unplaced(folder: Path, reasons: Mapping[int, str]) -> None:
    """Keep why elements, by #id, are unplaced."""
    (folder / UNPLACED).write_text(json.dumps(dict(reasons), ensure_ascii=False), encoding="utf-8")


def without_unplaced(folder: Path, outcomes: dict[int, StoredOutcome]) -> dict[int, StoredOutcome]:
    """Return the outcomes; those of unplaced elements have the reason instead of a mesh."""
    path = folder / UNPLACED
    reasons = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for step_id, reason in ((int(key), str(value)) for key, value in reasons.items()):
        if step_id in outcomes:
            outcomes[step_id] = replace(outcomes[step_id], vertices=0, faces=0, colours=0, reason=reason)
    return outcomes
