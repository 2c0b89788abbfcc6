"""Database work of the live side: small pools of threads with connections of their own, one for events alone."""

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
_events_pool = ThreadPoolExecutor(1, thread_name_prefix="live events")


def _call(work: Callable[[], T]) -> T:
    """Run database work; a connection that was lost is opened anew once."""
    try:
        return work()
    except (OperationalError, InterfaceError):
        connection.close()
        return work()


async def in_database(work: Callable[P, T], *args: P.args, **values: P.kwargs) -> T:
    """Return what `work(...)` returns, run in a thread of the live pool."""
    return await _in_pool(_pool, functools.partial(work, *args, **values))


async def before_states(work: Callable[P, T], *args: P.args, **values: P.kwargs) -> T:
    """Return what `work(...)` returns, run in the thread for events, which waits for no state."""
    return await _in_pool(_events_pool, functools.partial(work, *args, **values))


async def _in_pool(pool: ThreadPoolExecutor, work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(pool, _call, work)


def close_connections() -> None:
    """This function will close the connections of all threads of the pools (before a process or a test ends)."""
    together = threading.Barrier(THREADS + 1)

    def close() -> None:
        together.wait(timeout=5)
        connection.close()

    for done in [*(_pool.submit(close) for _ in range(THREADS)), _events_pool.submit(close)]:
        done.result()
