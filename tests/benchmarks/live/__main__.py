"""The parts of `./twin bench live`, in order; a part that is not here yet is left out, one that fails is said so.

Sizes come from BENCH_LIVE: `full` (default), or `small` for a look while others use the machine; BENCH_PARTS names
some of the parts.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec

from ..harness import Row, Unmeasured

PARTS = ("fences", "storing", "observations", "sustained", "end_to_end", "growth")


def rows(pairs: int) -> Iterator[Row | Unmeasured]:
    """Yield the rows of every part."""
    for part in os.environ.get("BENCH_PARTS", ",".join(PARTS)).split(","):
        name = f"tests.benchmarks.live.{part}"
        if find_spec(name) is None:
            continue
        try:
            yield from import_module(name).rows(pairs)
        except Exception as error:
            yield Unmeasured(part, f"{type(error).__name__}: {error}")
