"""Import IfcOpenShell for a process that lives for one file."""

from __future__ import annotations

import sys
from contextlib import redirect_stderr
from io import StringIO


def import_ifcopenshell() -> None:
    """Import it without its parsers of header texts and of streams, which no import needs: they take 0.15 s.

    Both are built on lark, which this process cannot import any more.
    """
    sys.modules["lark"] = None  # type: ignore[assignment]
    with redirect_stderr(StringIO()):  # it says that it misses them
        import ifcopenshell  # noqa: F401
