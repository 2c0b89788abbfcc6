"""Append to the durable stream, and wake the pumps that feed open pages."""

from __future__ import annotations

import json
import logging
from datetime import datetime
from functools import lru_cache
from typing import Any

import redis
from django.conf import settings
from django.db import connection, transaction

from .models import Event

CHANNEL = "twinwall.events"
STREAM_LOCK = 0x7477_6E74  # "twnt": one lock for the whole stream, so that ids become visible in rising order
_log = logging.getLogger(__name__)


@lru_cache(maxsize=4)
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1)


def publish_wake_up(event_id: int, site_id: Any) -> bool:
    """This function will tell the pumps that an event was committed; False (and a log line) when Redis is away.

    Losing it loses nothing: pumps also look each second.
    """
    try:
        message = json.dumps({"id": event_id, "site": str(site_id)})
        _client(settings.TWINWALL_REDIS_URL).publish(CHANNEL, message)
    except (redis.RedisError, OSError) as error:
        _log.warning("Event %s was committed, but its wake-up was not sent: %s", event_id, error)
        return False
    return True


@transaction.atomic
def append_event(*, site: Any, kind: str, payload: dict[str, Any], occurred_at: datetime) -> Event:
    """This function will append an event of a site to the stream; call it as the last statement of a transaction.

    It holds one advisory lock until the commit, so readers that ask for `id > cursor` never miss an event that
    was given its number earlier but committed later.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [STREAM_LOCK])
    event = Event.objects.create(
        organisation_id=site.organisation_id, site=site, kind=kind, payload=payload, occurred_at=occurred_at
    )
    transaction.on_commit(lambda: publish_wake_up(event.id, site.pk), robust=True)
    return event
