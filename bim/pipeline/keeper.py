"""Keeps a child where bubblewrap cannot run: `python -m bim.pipeline.keeper ORDERS`, ORDERS being JSON.

It starts the child with limits and without files, sockets and foreign processes, adopts whatever the child leaves
running, and ends all of it when the child ends, when it is told to (SIGTERM), or when the worker is gone.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from .lockdown import adopt_orphans, end_with_parent, give_up_files, give_up_sockets_and_tracing
from .usage import descendants

DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")
LIMITS = {"as": resource.RLIMIT_AS, "fsize": resource.RLIMIT_FSIZE, "nofile": resource.RLIMIT_NOFILE}


def main() -> int:
    """Run the child to its end and return its status, as a shell would."""
    orders = json.loads(sys.argv[1])
    adopt_orphans()
    end_with_parent(signal.SIGTERM)
    if os.getppid() != orders["parent"]:
        return 1
    signal.signal(signal.SIGTERM, _end_all)
    child = os.fork()
    if child == 0:
        _become_the_child(orders)
    while True:
        ended, status = os.wait()
        if ended == child:
            break
    _end_descendants()
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def _become_the_child(orders: dict[str, Any]) -> None:
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        end_with_parent()
        for name, value in orders["limits"].items():
            resource.setrlimit(LIMITS[name], (value, value))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        give_up_sockets_and_tracing()
        writable = [*map(Path, orders["writable"]), *map(Path, DEVICES)]
        give_up_files(map(Path, orders["listable"]), map(Path, orders["readable"]), writable)
        os.execv(orders["command"][0], orders["command"])
    except BaseException as error:
        os.write(2, f"The child could not be started: {error}\n".encode())
    os._exit(70)


def _end_all(*_: Any) -> None:
    _end_descendants()
    os._exit(128 + signal.SIGTERM)


def _end_descendants() -> None:
    """Kill until nothing is left; what forks meanwhile is found in the next round."""
    while below := descendants(os.getpid()):
        for pid in below:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


if __name__ == "__main__":
    sys.exit(main())
