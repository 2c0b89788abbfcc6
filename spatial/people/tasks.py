"""Daily work on people."""

from celery import shared_task
from django.utils import timezone

from spatial.people import reminders


@shared_task(name="people.remind_of_expiry")
def remind_of_expiry() -> int:
    """Remind of certificates that end; a day missed is made up by the next run."""
    return reminders.remind_of_all(now=timezone.now())
