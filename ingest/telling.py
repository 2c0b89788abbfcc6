"""Tell open pages that devices moved: one Redis message per batch and site. Losing one loses nothing."""

from __future__ import annotations

import json
import logging

import redis

from ingest.batches import Batch
from ingest.pipeline import moved

_log = logging.getLogger(__name__)


def tell_pages(client: redis.Redis, batch: Batch) -> None:
    """This function will publish, per site, how many devices moved."""
    for site_id, count in moved(batch).items():
        try:
            client.publish(f"twinwall.positions.{site_id}", json.dumps({"moved": count}))
        except (redis.RedisError, OSError) as error:
            _log.warning("Positions were committed, but open pages were not told: %s", error)
