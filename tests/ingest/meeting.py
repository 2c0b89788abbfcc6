"""Another transaction beside the test's own, and waiting until it waits for ours."""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.db import connection

from deploy.supervision import wait_until

BLOCKED = "SELECT count(*) FROM pg_locks WHERE NOT granted"  # unlike pg_stat_activity, new at each look


class Other(threading.Thread):
    """Does something on a connection of its own."""

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__()
        self._work = work
        self.fault: Exception | None = None

    def run(self) -> None:
        try:
            self._work()
        except Exception as error:
            self.fault = error
        finally:
            connection.close()

    def done(self) -> None:
        """Wait until it is over; it must not have failed."""
        self.join(60)
        assert not self.is_alive()
        assert self.fault is None, self.fault


def waits(other: Other) -> None:
    """Wait until the other transaction waits for ours."""

    def one() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(BLOCKED)
            return int(cursor.fetchone()[0]) == 1 or not other.is_alive()

    assert wait_until(one, 60)
    assert other.is_alive(), other.fault
