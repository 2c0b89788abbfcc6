"""Memory and processor time of this process and everything below it, sampled from /proc while something runs."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

PAGE, TICKS = os.sysconf("SC_PAGE_SIZE"), os.sysconf("SC_CLK_TCK")
EVERY_S = 0.05


class ProcessTree:
    """Samples every 50 ms between `with` and its end.

    `above_idle_bytes`: the highest sum of resident sizes, less what was there before. A page that two processes share
    counts twice, so the figure is never too low by that; it misses what lives for less than a sample.
    `cpu_s`: processor seconds spent; of each process that ended, the last part of a sample is missing. The kernel's own
    sums (`getrusage`) cannot be used: the sandbox does not wait for the processes in it, so their time is lost there.
    What the database server uses is in neither.
    """

    def __init__(self) -> None:
        self.idle_bytes = self.highest_bytes = 0
        self._before: dict[tuple[int, int], float] = {}
        self._spent: dict[tuple[int, int], float] = {}
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    @property
    def above_idle_bytes(self) -> int:
        return self.highest_bytes - self.idle_bytes

    @property
    def cpu_s(self) -> float:
        return sum(spent - self._before.get(key, 0.0) for key, spent in self._spent.items())

    def __enter__(self) -> ProcessTree:
        self._sample()
        self.idle_bytes, self._before = self.highest_bytes, dict(self._spent)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._done.set()
        self._thread.join()
        self._sample()

    def _watch(self) -> None:
        while not self._done.wait(EVERY_S):
            self._sample()

    def _sample(self) -> None:
        resident = 0
        for pid in tree(os.getpid()):
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it has just ended
            key = (pid, int(fields[19]))  # a number that is given again starts at another time
            self._spent[key] = (int(fields[11]) + int(fields[12])) / TICKS
            resident += int(fields[21]) * PAGE
        self.highest_bytes = max(self.highest_bytes, resident)


def tree(pid: int) -> Iterator[int]:
    """Yield a process and all below it; what has just ended is left out."""
    yield pid
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return
    for task in tasks:
        try:
            children = (task / "children").read_text().split()
        except OSError:
            continue
        for child in children:
            yield from tree(int(child))
