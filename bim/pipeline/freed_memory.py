"""Memory that was freed is given back to the machine at once: glibc would keep what large passing arrays have taken."""

from __future__ import annotations

import ctypes

_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # other C libraries have none


def give_back_freed() -> None:
    """Give the machine what this process has freed; some milliseconds."""
    if _trim is not None:
        _trim(ctypes.c_size_t(0))
