"""Rows of unequal length that lie end to end in one array."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def ranges(begins: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return begin .. begin + length - 1 of each pair, end to end."""
    ends = np.cumsum(lengths)
    return np.arange(int(ends[-1]) if len(ends) else 0) + np.repeat(begins - (ends - lengths), lengths)
