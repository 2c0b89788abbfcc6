"""Tell the revision's row and the site's open pages how far an import is."""

from __future__ import annotations

import json
import logging
import time
from typing import Any
from uuid import UUID

import redis
from django.conf import settings

from .models import Revision
from .pipeline.supervise import Progress

CHANNEL = "twinwall.progress."
EVERY_S = 0.5
_log = logging.getLogger(__name__)


def publish(site_id: UUID, message: dict[str, Any]) -> None:
    """Send a non-durable progress message to the site's pages; without Redis the row alone tells."""
    try:
        client = redis.Redis.from_url(settings.TWINWALL_REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
        with client:
            client.publish(f"{CHANNEL}{site_id}", json.dumps(message))
    except (redis.RedisError, OSError) as error:
        _log.warning("The progress of an import was not sent: %s", error)


def message_of(revision: Revision) -> dict[str, Any]:
    """Return what open pages are told of a revision."""
    return {
        "revision_id": str(revision.id),
        "model_id": str(revision.model_id),
        "state": revision.state,
        "stage": revision.stage,
        "percent": revision.progress,
        "seconds_left": revision.seconds_left,
    }


class RowProgress:
    """Writes progress to the revision's row and publishes it, at most twice a second; answers whether to stop."""

    def __init__(self, revision: Revision) -> None:
        self.revision = revision
        self.written = 0.0
        self.asked = 0.0

    def report(self, progress: Progress) -> None:
        """Write stage, percent and time left."""
        now = time.monotonic()
        if progress.stage == self.revision.stage and now - self.written < EVERY_S:
            return
        self.written = now
        self.revision.stage, self.revision.progress = progress.stage, progress.percent
        self.revision.seconds_left = progress.seconds_left
        self.revision.save(update_fields=["stage", "progress", "seconds_left"])
        publish(self.revision.site_id, message_of(self.revision))

    def is_cancelled(self) -> bool:
        """Return whether someone has asked to cancel; looks at most once a second."""
        now = time.monotonic()
        if now - self.asked < 1.0:
            return False
        self.asked = now
        return Revision.objects.filter(pk=self.revision.pk, cancel_requested=True).exists()
