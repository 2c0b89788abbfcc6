"""Wake a worker for a row that waits in the database: the row is the order, the message only a wake-up."""

from __future__ import annotations

import logging
from uuid import UUID

from celery import current_app

_log = logging.getLogger(__name__)


def wake_worker(task: str, row_id: UUID, *args: int, after_s: float | None = None) -> None:
    """This function will tell a worker of a waiting row; without a broker the row waits for the next worker's start.

    `args` follow the row's id in the task; `after_s` seconds pass before it runs.
    """
    try:
        current_app.send_task(task, args=[str(row_id), *args], countdown=after_s, retry=False)
    except Exception as error:  # kombu's OperationalError wraps many kinds of lost connection
        _log.warning("%s of %s waits: no worker could be told (%s).", task, row_id, error)
