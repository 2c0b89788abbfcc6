"""Celery's side of uploaded files of held-back fixes: check one, take one, and take up what a killed worker left."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task
from celery.signals import worker_ready
from django.db import DatabaseError, InterfaceError, OperationalError

from ingest.backfill_jobs import CHECK_TASK, TAKE_TASK, check_file, take_confirmed_file
from ingest.posted import FileInterrupted
from spatial.devices.models import BackfillFile

State = BackfillFile.State
AGAIN = {
    "autoretry_for": (FileInterrupted, OperationalError, InterfaceError),  # the database is away
    "max_retries": None,
    "default_retry_delay": 5,
}


@shared_task(name=CHECK_TASK, acks_late=True, reject_on_worker_lost=True, ignore_result=True, **AGAIN)
def check_backfill(file_id: str) -> None:
    """Check an uploaded file."""
    check_file(UUID(file_id))


@shared_task(name=TAKE_TASK, acks_late=True, reject_on_worker_lost=True, ignore_result=True, **AGAIN)
def take_backfill(file_id: str) -> None:
    """Take a confirmed file."""
    take_confirmed_file(UUID(file_id))


@worker_ready.connect
def take_up_backfills(**_: object) -> None:
    """Queue again what waited or ran when the last worker ended."""
    try:
        waiting = list(BackfillFile.objects.filter(state__in=(State.CHECKING, State.WAITING, State.RUNNING)))
    except DatabaseError:
        return
    for file in waiting:
        task = check_backfill if file.state == State.CHECKING else take_backfill
        task.delay(str(file.pk))
