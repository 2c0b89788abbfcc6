"""Hourly work on the fence engine's memory."""

from celery import shared_task
from django.utils import timezone

from spatial.fences.recording import forget_traces as forget


@shared_task(name="fences.forget_traces")
def forget_traces() -> int:
    """Delete the fixes and checkpoints that no late fix can ask for any more."""
    return forget(before=timezone.now())
