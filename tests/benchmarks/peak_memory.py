"""The highest memory of this process and everything below it, above what it had before."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from types import TracebackType

PAGE = os.sysconf("SC_PAGE_SIZE")
EVERY_S = 0.05


class PeakMemory:
    """Samples resident memory every 50 ms between `with` and its end; `above_idle_bytes` is the result.

    Resident sizes are added up, so a page that two processes share counts twice: the figure is never too low by
    that, and it misses only what lives for less than a sample. What the database server uses is not in it.
    """

    def __init__(self) -> None:
        self.idle_bytes = self.highest_bytes = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    @property
    def above_idle_bytes(self) -> int:
        return self.highest_bytes - self.idle_bytes

    def __enter__(self) -> PeakMemory:
        self.idle_bytes = self.highest_bytes = resident_bytes(os.getpid())
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._done.set()
        self._thread.join()

    def _sample(self) -> None:
        own = os.getpid()
        while not self._done.wait(EVERY_S):
            self.highest_bytes = max(self.highest_bytes, resident_bytes(own))


def resident_bytes(pid: int) -> int:
    """Return the resident memory of a process and of all processes below it; what has just ended counts nothing."""
    try:
        own = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return 0
    for task in tasks:
        try:
            children = (task / "children").read_text().split()
        except OSError:
            continue
        own += sum(resident_bytes(int(child)) for child in children)
    return own
