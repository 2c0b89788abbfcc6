"""Database work of the live side: a small pool of threads with connections of their own."""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, connection

P = ParamSpec("P")
T = TypeVar("T")

THREADS = 3
_pool = ThreadPoolExecutor(THREADS, thread_name_prefix="live")


def _call(work: Callable[[], T]) -> T:
    """Run database work; a connection that was lost is opened anew once."""
    try:
        return work()
    except (OperationalError, InterfaceError):
        connection.close()
        return work()


async def in_database(work: Callable[P, T], *args: P.args, **values: P.kwargs) -> T:
    """Return what `work(...)` returns, run in a thread of the live pool."""
    call = functools.partial(work, *args, **values)
    return await asyncio.get_running_loop().run_in_executor(_pool, _call, call)


def close_connections() -> None:
    """This function will close the connections of all threads of the pool (before a process or a test ends)."""
    together = threading.Barrier(THREADS)

    def close() -> None:
        together.wait(timeout=5)
        connection.close()

    for done in [_pool.submit(close) for _ in range(THREADS)]:
        done.result()
