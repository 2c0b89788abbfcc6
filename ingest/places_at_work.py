"""Places at work: as many as there are ingest workers. Whoever holds the lock of one serves it, the others stand by.

The kernel lets go of a lock when its holder is dead, by SIGKILL as well, and all that it has forked; so a place has
never two holders, and one that stands by, with everything loaded, takes a free place within a tenth of a second.
"""

from __future__ import annotations

import fcntl
import logging
import os
import time
from pathlib import Path

LOOK_EVERY_S = 0.1
_log = logging.getLogger(__name__)


class Places:
    """The places of one instance, numbered from 1; their locks lie in a folder of the services' account."""

    def __init__(self, folder: Path, count: int) -> None:
        self._files = {number: folder / f"ingest-{number}.lock" for number in range(1, count + 1)}

    def take(self) -> int | None:
        """This function will take a free place and return its number; it is held until this process and its children
        have ended."""
        for number, file in self._files.items():
            lock = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(lock)
            else:
                return number
        return None

    def wait(self) -> int:
        """This function will stand by until a place is free, and take it."""
        told = False
        while (number := self.take()) is None:
            if not told:
                _log.info("Standing by: another process works at each of the %s places.", len(self._files))
                told = True
            time.sleep(LOOK_EVERY_S)
        _log.info("Working at place %s of %s.", number, len(self._files))
        return number
