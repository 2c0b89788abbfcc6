"""The watch over alarms, by the clock."""

from celery import shared_task
from django.utils import timezone

from spatial.alarms import signals, watching


@shared_task(name="alarms.watch")
def watch() -> dict[str, object]:
    """Do what is due by time alone; a part that fails is tried again at the next round."""
    seen = watching.watch(now=timezone.now())
    return {"failed": seen.failed, "busy": seen.busy}


@shared_task(name="alarms.forget_signals")
def forget_signals() -> int:
    """Forget signals that no late one can be judged beside any more; their alarms stay."""
    return signals.forget_signals(now=timezone.now())
