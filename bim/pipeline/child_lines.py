"""Follow a child that talks in JSON lines, and end it with all that it started."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress

MAX_LINE_BYTES = 1 << 20
POLL_S = 0.25


def lines_of(process: subprocess.Popen[bytes]) -> Iterator[bytes | None]:
    """Yield the child's lines, and None at least every quarter of a second of silence, until it closes its output."""
    assert process.stdout is not None
    descriptor = process.stdout.fileno()
    os.set_blocking(descriptor, False)
    buffer = b""
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while True:
            if not selector.select(POLL_S):
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
                return


def kill_child(process: subprocess.Popen[bytes]) -> None:
    """This function will kill the child's whole process group where it still runs, and wait for it."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
