"""Follow a child that talks in JSON lines, and end it with all that it started."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress

from bim.ifc.refusal import Refusal

from .sandbox import bubblewrap
from .usage import descendants

MAX_LINE_BYTES = 1 << 20
POLL_S = 0.25
KEEPER_ENDS_S = 5.0


def lines_of(process: subprocess.Popen[bytes]) -> Iterator[bytes | None]:
    """Yield the child's lines, and None every quarter of a second of silence, until it closes its output or ends.

    Raises Refusal for a line of more than 1 MB.
    """
    assert process.stdout is not None
    descriptor = process.stdout.fileno()
    os.set_blocking(descriptor, False)
    buffer = b""
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while True:
            if not selector.select(POLL_S):
                if process.poll() is not None:  # what it left running may hold the pipe open
                    return
                yield None
                continue
            chunk = os.read(descriptor, 1 << 16)
            if not chunk:
                process.wait()
                return
            *lines, buffer = (buffer + chunk).split(b"\n")
            yield from lines
            yield None
            if len(buffer) > MAX_LINE_BYTES:
                raise Refusal("The file broke the reader: it wrote a line without an end.")


def kill_child(process: subprocess.Popen[bytes]) -> None:
    """This function will end the child and everything that it has started, and wait for it."""
    if bubblewrap() is None:
        _end_keeper(process)
    elif process.poll() is None:  # the sandbox's processes end with it: their namespace does
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _end_keeper(process: subprocess.Popen[bytes]) -> None:
    """Let the keeper end its descendants; end them here where it cannot any more."""
    left: dict[int, int] = {}
    if process.poll() is None:
        left = descendants(process.pid)
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(KEEPER_ENDS_S)
            left = {}
    for pid in [*left, *([process.pid] if process.poll() is None else [])]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
