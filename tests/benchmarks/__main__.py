"""`python -m tests.benchmarks [NAME] [--json FILE]`: run measurements on the services that `./twin bench` started."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from .harness import Row


def _import_rows() -> Iterator[Row]:
    from . import ifc_import

    return ifc_import.rows()


BENCHMARKS: dict[str, Callable[[], Iterator[Row]]] = {"import": _import_rows}
ALIASES = {"bim": ("import",)}


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
    parser.add_argument("--json", type=Path, help="also write the rows to this file")
    arguments = parser.parse_args()
    names = ALIASES.get(arguments.name, (arguments.name,)) if arguments.name else tuple(BENCHMARKS)
    _prepare()
    found: list[Row] = []
    for name in names:
        for row in BENCHMARKS[name]():
            found.append(row)
            goal = "" if row.goal is None else f"  goal {row.goal:g} {'holds' if row.holds else 'DOES NOT HOLD'}"
            print(
                f"{row.name}: {row.ours:g} {row.unit} against {row.peer:g} {row.unit} ({row.peer_name}), "
                f"ratio {row.ratio:g} over {row.pairs} pairs{goal}",
                flush=True,
            )
    if arguments.json:
        arguments.json.write_text(json.dumps([row.as_json() for row in found], indent=2), encoding="utf-8")
    return 0 if all(row.holds for row in found) else 1


if __name__ == "__main__":
    sys.exit(main())
