"""Work on machines by the clock."""

from celery import shared_task
from django.utils import timezone

from spatial.machines import papers, traces


@shared_task(name="machines.follow_papers")
def follow_papers() -> int:
    """Raise and clear the alarms of papers of machines that end."""
    return papers.follow_all_machine_papers(now=timezone.now())


@shared_task(name="machines.forget_traces")
def forget_traces() -> int:
    """Delete the traces of machines that no late news can ask for any more."""
    return traces.forget_traces(before=timezone.now())
