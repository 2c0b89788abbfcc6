"""Daily work on the position table."""

from celery import shared_task
from django.utils import timezone

from spatial.tracks import operations


@shared_task(name="tracks.make_partitions")
def make_partitions() -> int:
    """Make the position partitions of the coming week; missing a day loses nothing (there is a default one)."""
    return operations.make_partitions(first_day=timezone.now().date())
