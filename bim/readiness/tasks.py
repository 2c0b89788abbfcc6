"""Celery's side of readiness: compute one report, and at a worker's start take up what a killed one left."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from celery import shared_task
from celery.signals import worker_ready
from django.db import DatabaseError

from . import operations


@shared_task(name=operations.TASK, acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def check_readiness(report_id: str, attempt: int = 0) -> None:
    """Compute a report that waits."""
    operations.run_report(report_id=UUID(report_id), attempt=attempt)


@worker_ready.connect
def take_up_interrupted_reports(**_: Any) -> None:
    """Queue again what was waiting or running when the last worker ended."""
    try:
        operations.requeue_interrupted()
    except DatabaseError:
        return
