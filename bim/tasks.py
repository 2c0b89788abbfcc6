"""Celery's side of imports: run one, and at a worker's start take up what a killed one left."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from celery import shared_task
from celery.signals import worker_ready
from django.db import DatabaseError

from . import operations


@shared_task(name=operations.TASK, acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def import_revision(revision_id: str) -> None:
    """Import a queued revision."""
    operations.run_revision(revision_id=UUID(revision_id))


@shared_task(name="bim.take_up_imports", ignore_result=True)
def take_up_imports() -> None:
    """Queue again what nobody has: a broker that was away and a pool process that was killed leave such imports."""
    operations.requeue_interrupted()


@worker_ready.connect
def take_up_interrupted_imports(**_: Any) -> None:
    """Queue again what was waiting or running when the last worker ended."""
    try:
        operations.requeue_interrupted()
    except DatabaseError:
        return
