"""Daily work on the position table."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from spatial.tracks import folding, operations


@shared_task(name="tracks.make_partitions")
def make_partitions() -> int:
    """Make the position partitions of the coming week; missing a day loses nothing (there is a default one)."""
    return operations.make_partitions(first_day=timezone.now().date())


@shared_task(name="tracks.fold")
def fold() -> int:
    """Fold positions of more than ten minutes ago into segments, and drop the days that are empty since."""
    now = timezone.now()
    folded = folding.fold_positions(now=now)
    folding.drop_empty_partitions(before=now.date() - timedelta(days=1))
    return folded.fixes


@shared_task(name="tracks.forget_messages")
def forget_messages() -> int:
    """Forget which messages were taken longer ago than anybody can send one again."""
    return operations.forget_messages(now=timezone.now())
