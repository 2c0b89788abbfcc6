"""Where numba keeps machine code: compiled once for each account of a machine, under var/cache of the source tree.

Every kernel takes `compiled` from here, so that the place is set before numba is imported.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any


def _place() -> Path:
    """Return a folder of this account's own that can be written to; made when it is missing."""
    name = f"numba-{os.getuid()}"
    wanted = Path(__file__).resolve().parents[2] / "var" / "cache" / name
    try:
        wanted.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.gettempdir()) / f"twinwall-{name}"
    return wanted if os.access(wanted, os.W_OK) else Path(tempfile.gettempdir()) / f"twinwall-{name}"


os.environ.setdefault("NUMBA_CACHE_DIR", str(_place()))

from numba import njit  # noqa: E402

compiled: Any = njit(cache=True)
# For distances: rounding may go either way in the last bit, and nothing is NaN.
compiled_branchless: Any = njit(cache=True, fastmath=True)
