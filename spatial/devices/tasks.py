"""Daily work on devices."""

from celery import shared_task
from django.utils import timezone

from spatial.devices import reminders


@shared_task(name="devices.remind_of_expiry")
def remind_of_expiry() -> int:
    """Remind of papers and calibrations that end; a day missed is made up by the next run."""
    return reminders.remind_of_all(now=timezone.now())
