"""Celery's side of what pages ask for: prints of whole sites."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from celery import shared_task
from celery.signals import worker_ready
from django.db import DatabaseError

from bim.waking import wake_worker
from spatial.cards.models import PrintJob
from webmap.documents import batch


@shared_task(name=batch.TASK, acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def print_site(job_id: str) -> None:
    """Print a queued site."""
    batch.print_site(UUID(job_id))


@worker_ready.connect
def take_up_waiting_prints(**_: Any) -> None:
    """Queue again what waited while no worker or no broker was there."""
    try:
        waiting = list(PrintJob.objects.filter(state=PrintJob.State.QUEUED).values_list("pk", flat=True))
    except DatabaseError:
        return
    for job_id in waiting:
        wake_worker(batch.TASK, job_id)
