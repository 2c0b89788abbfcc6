"""Hears the topics of sites that do not exist, where several workers each subscribe to sites of their own.

A device with a wrong site in its topic must still be told so. This listener gets a copy (QoS 0) of everything and
keeps what is of no known site; of the others the worker of the site has the message itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

import paho.mqtt.client as mqtt

from ingest.arrivals import KINDS, Arrival
from ingest.fair_queue import FairQueue
from ingest.mqtt.own_connection import Account, OwnConnection, Receipt


class StrayListener(OwnConnection):
    """Hears without a session; puts what it finds into a lane's queue."""

    def __init__(self, account: Account, *, arrivals: FairQueue, now: Callable[[], datetime]) -> None:
        super().__init__(account, who="the listener for strays", work="Listening for strays at", protocol=mqtt.MQTTv5)
        self._arrivals, self._now = arrivals, now
        self._known: frozenset[str] | None = None

    def leave_out(self, sites: Collection[str]) -> None:
        """This function will say which sites exist; until then nothing is kept."""
        self._known = frozenset(sites)

    def listen(self) -> None:
        self.subscribe([f"tw/v1/+/+/{kind}{behind}" for kind in KINDS for behind in ("", "/backfill")], qos=0)

    def hear(self, topic: str, payload: bytes, receipt: Receipt) -> None:
        if self._known is not None and topic.split("/", 3)[2] not in self._known:
            self._arrivals.put(Arrival(topic, payload, self._now()))
