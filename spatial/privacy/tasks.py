"""Daily work on privacy."""

from celery import shared_task
from django.utils import timezone

from spatial.privacy import retention


@shared_task(name="privacy.age_out_positions")
def age_out_positions() -> int:
    """Turn positions past their time into counts; a day missed is made up by the next run."""
    return retention.age_out_all(now=timezone.now())


@shared_task(name="privacy.forget_refused")
def forget_refused() -> int:
    """Delete refused messages past their time."""
    return retention.forget_refused(now=timezone.now())
