"""Import IfcOpenShell and pyproj for a process that lives for one file."""

from __future__ import annotations

import sys
from contextlib import redirect_stderr
from io import StringIO
from types import ModuleType
from typing import Any


def import_ifcopenshell() -> None:
    """Import it without its parsers of header texts and of streams, which no import needs: they take 0.15 s.

    Both are built on lark, which this process cannot import any more.
    """
    sys.modules["lark"] = None  # type: ignore[assignment]
    with redirect_stderr(StringIO()):  # it says that it misses them
        import ifcopenshell  # noqa: F401


def leave_out_downloads() -> None:
    """Let pyproj be imported without its downloader of grids, and so without urllib, ssl and email: 0.05 s.

    The sandbox has no network, and PROJ is told to use none.
    """
    sync = ModuleType("pyproj.sync")

    def _download_resource_file(*_: Any, **__: Any) -> None:
        raise OSError("An import downloads no grids.")

    sync._download_resource_file = _download_resource_file  # type: ignore[attr-defined]
    sys.modules["pyproj.sync"] = sync
