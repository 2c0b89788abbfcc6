"""An import that halts between placing its tiles and its commit: `python -m tests.bim.imports.halting FILE SITE`.

It prints a line when it is there, and goes on when it reads one.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any


def _halt(**_: Any) -> None:
    print("placed", flush=True)
    sys.stdin.readline()


def main(path: str, site_code: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webmap.project.settings")
    import django

    django.setup()
    from bim.operations import import_file
    from bim.signals import revision_committed

    revision_committed.connect(_halt)
    print(import_file(path=Path(path), site_code=site_code)["verdict"], flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
