"""`./twin bench [NAME] [--pairs N] [--json FILE]`: run measurements on the throw-away services that it started."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from .harness import Row, Unmeasured, machine


def _import_rows(pairs: int) -> Iterator[Row | Unmeasured]:
    from . import ifc_import

    return ifc_import.rows(pairs)


def _large_rows(pairs: int) -> Iterator[Row | Unmeasured]:
    from . import large_import

    return large_import.rows(pairs)


def _recolour_rows(pairs: int) -> Iterator[Row | Unmeasured]:
    from . import recolour

    return recolour.rows(pairs)


def _live_rows(pairs: int) -> Iterator[Row | Unmeasured]:
    from .live import __main__ as live

    return live.rows(pairs)


BENCHMARKS: dict[str, Callable[[int], Iterator[Row | Unmeasured]]] = {
    "import": _import_rows,
    "large": _large_rows,
    "recolour": _recolour_rows,
    "live": _live_rows,
}
ALIASES = {"bim": ("import", "large")}


def _prepare() -> None:
    """Bring up Django on the throw-away database, with its tables."""
    if "TWINWALL_TEST_FOLDER" not in os.environ:
        sys.exit("Measurements need services of their own; run them with: ./twin bench")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webmap.project.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def main() -> int:
    """Run the named benchmarks (all without a name), print a table, and return 1 if a goal does not hold."""
    parser = argparse.ArgumentParser(prog="./twin bench", description=__doc__)
    parser.add_argument("name", nargs="?", choices=[*BENCHMARKS, *ALIASES])
    parser.add_argument("--pairs", type=int, default=3, help="how often each pair is measured (3)")
    parser.add_argument("--json", type=Path, help="also write the rows to this file")
    arguments = parser.parse_args()
    if arguments.pairs < 1:
        parser.error("--pairs must be at least 1.")
    names = ALIASES.get(arguments.name, (arguments.name,)) if arguments.name else tuple(BENCHMARKS)
    _prepare()
    started = time.monotonic()
    print(f"Started on {machine()}.", flush=True)
    found: list[Row | Unmeasured] = []
    for name in names:
        for row in BENCHMARKS[name](arguments.pairs):
            found.append(row)
            print(row.sentence(), flush=True)
    missed = sum(not row.holds for row in found)
    print(
        f"{len(found)} rows, {missed} without their goal. Ended after {time.monotonic() - started:.0f} s, {machine()}."
    )
    if arguments.json:
        arguments.json.write_text(json.dumps([row.as_json() for row in found], indent=2), encoding="utf-8")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
