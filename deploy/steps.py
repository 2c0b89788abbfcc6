"""Numbered steps on the terminal, each with the time it took."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Steps:
    """Prints `[3/9] Database ... 1.2 s`; `total` is the number of steps that will come."""

    total: int
    quiet: bool = False
    number: int = 0
    started: float = field(default_factory=time.monotonic)

    @contextmanager
    def step(self, title: str) -> Iterator["Step"]:
        """This function will time one step and print its line, also when the step fails."""
        self.number += 1
        step = Step()
        label = f"[{self.number}/{self.total}] {title}"
        begun = time.monotonic()
        if not self.quiet and sys.stdout.isatty():
            print(f"{label} ...", end="\r", flush=True)
        outcome = "failed"
        try:
            yield step
            outcome = step.note or "done"
        finally:
            if not self.quiet:
                print(f"{label}: {outcome} ({time.monotonic() - begun:.1f} s)", flush=True)

    def elapsed_s(self) -> float:
        """This function will return the seconds since the first step was announced."""
        return time.monotonic() - self.started


@dataclass
class Step:
    """One running step; `note` replaces the word `done` in its line."""

    note: str = ""
