"""Hears the topics of sites that do not exist, where several workers each subscribe to sites of their own.

A device with a wrong site in its topic must still be told so. This listener gets a copy (QoS 0) of everything and
keeps what is of no known site; of the others the worker of the site has the message itself.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

import paho.mqtt.client as mqtt

from ingest.arrivals import KINDS, Arrival
from ingest.fair_queue import FairQueue
from ingest.mqtt.broker_session import KEEPALIVE_S, RECONNECT_MAX_S, RECONNECT_MIN_S

_log = logging.getLogger(__name__)


class StrayListener:
    """One connection of its own, without a session; puts what it finds into a lane's queue."""

    def __init__(
        self,
        *,
        arrivals: FairQueue,
        host: str,
        port: int,
        username: str,
        password: str,
        now: Callable[[], datetime],
    ) -> None:
        self._arrivals, self._address, self._now = arrivals, (host, port), now
        self._known: frozenset[str] | None = None
        self._client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self._client.username_pw_set(username, password)
        self._client.reconnect_delay_set(RECONNECT_MIN_S, RECONNECT_MAX_S)  # type: ignore[arg-type]
        self._client.on_connect = self._on_connect
        self._client.on_message = self._on_message

    def start(self) -> None:
        """This function will connect in the background and keep trying."""
        self._client.connect_async(*self._address, keepalive=KEEPALIVE_S)
        self._client.loop_start()

    def stop(self) -> None:
        """This function will leave."""
        self._client.disconnect()
        self._client.loop_stop()

    def leave_out(self, sites: Collection[str]) -> None:
        """This function will say which sites exist; until then nothing is kept."""
        self._known = frozenset(sites)

    def _on_connect(self, client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            _log.error("The broker refuses the listener for strays: %s", reason)
            return
        client.subscribe([(f"tw/v1/+/+/{kind}{behind}", 0) for kind in KINDS for behind in ("", "/backfill")])

    def _on_message(self, _client: Any, _data: Any, message: mqtt.MQTTMessage) -> None:
        if self._known is not None and message.topic.split("/", 3)[2] not in self._known:
            self._arrivals.put(Arrival(message.topic, bytes(message.payload), self._now()))
