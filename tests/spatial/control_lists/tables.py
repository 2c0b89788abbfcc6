"""The tables of the national edition, read from their files: for tests of what is pure."""

from __future__ import annotations

import json
from pathlib import Path

from spatial.control_lists.rules import Tables

ROOT = Path(__file__).parents[3] / "spatial"


def _read(path: str):
    return json.loads((ROOT / path).read_text(encoding="utf-8"))


TABLES = Tables(
    lec=_read("rulebook/data/lec_tables.json"),
    ls=_read("rulebook/data/ls_matrix.json"),
    levels=_read("rulebook/data/risk_levels.json"),
    judgements=_read("rulebook/data/direct_judgement.json"),
    settings=_read("control_lists/data/settings.json"),
)
