"""Daily work on the observation table."""

from celery import shared_task
from django.utils import timezone

from spatial.observations import operations


@shared_task(name="observations.make_partitions")
def make_partitions() -> int:
    """Make the observation partitions of the coming week; missing a day loses nothing (there is a default one)."""
    return operations.make_partitions(first_day=timezone.now().date())
