"""A keeper that stays ready: it has loaded everything, and forks the process that works.

Python with Django takes seconds to start. A worker that was killed is forked anew within milliseconds; a worker that
does not stay up, or ends by itself, ends the keeper too, and the supervisor slows its coming back.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import time
from collections.abc import Callable

STAYS_UP_S = 1.0
_PR_SET_PDEATHSIG = 1
_log = logging.getLogger(__name__)


def keep(work: Callable[[], None]) -> int:
    """This function will run `work` in a child until that ends or SIGTERM comes, and return the exit status.

    Call it before any thread, connection or socket is made: a child inherits what is there.
    """
    child, told = 0, False

    def stop(*_: object) -> None:
        nonlocal told
        told = True
        if child:
            os.kill(child, signal.SIGTERM)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    while True:
        begun = time.monotonic()
        child = _fork(work)
        if told:
            os.kill(child, signal.SIGTERM)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        child = 0
        if told or status >= 0 or time.monotonic() - begun < STAYS_UP_S:
            return abs(status)
        _log.warning("The worker was killed by signal %s; another one starts.", -status)


def _fork(work: Callable[[], None]) -> int:
    keeper = os.getpid()
    child = os.fork()
    if child:
        return child
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # no orphan holds the session of a dead keeper
    status = 1
    try:
        if os.getppid() == keeper:
            work()
            status = 0
    except BaseException:
        _log.exception("The worker failed.")
    finally:
        logging.shutdown()
        os._exit(status)
