"""The codes of dangerous and harmful factors (GB/T 13861-2022) to pick from; any finer code of a class is taken too."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

DATA = Path(__file__).resolve().parent / "data"


@lru_cache(maxsize=1)
def factor_codes() -> tuple[tuple[str, str], ...]:
    """Return (code, Chinese name) of the factors, by class."""
    rows = json.loads((DATA / "factor_codes.json").read_text(encoding="utf-8"))["codes"]
    return tuple((row["code"], row["zh"]) for row in rows)
