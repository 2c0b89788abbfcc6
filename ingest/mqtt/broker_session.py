"""The ingest service's session at the broker: receives positions, acknowledges only when told to.

A persistent session (fixed client id, clean_session false) keeps what arrives while the service is away; with
`manual_ack` the broker keeps each QoS 1 message until `acknowledge`, and hands it over again after a
reconnect.
"""

from __future__ import annotations

import logging
import queue
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import paho.mqtt.client as mqtt

from ingest.arrivals import POSITIONS_TOPIC, Arrival

CLIENT_ID = "twinwall-ingest"
RECONNECT_MIN_S, RECONNECT_MAX_S = 1, 30
KEEPALIVE_S = 30
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Names one delivery: a packet id means something only on the connection it came by."""

    connection: int
    packet_id: int
    qos: int


class BrokerSession:
    """One connection, re-made with back-off for ever; arrivals wait in `arrivals`."""

    def __init__(self, *, host: str, port: int, username: str, password: str, now: Callable[[], datetime]) -> None:
        self.arrivals: queue.Queue[Arrival] = queue.Queue()
        self._address = (host, port)
        self._now = now
        self._connection = 0
        self._client = mqtt.Client(
            mqtt.CallbackAPIVersion.VERSION2, client_id=CLIENT_ID, clean_session=False, manual_ack=True
        )
        self._client.username_pw_set(username, password)
        self._client.reconnect_delay_set(RECONNECT_MIN_S, RECONNECT_MAX_S)
        self._client.max_queued_messages_set(0)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message

    def start(self) -> None:
        """This function will connect in the background and keep trying."""
        self._client.connect_async(*self._address, keepalive=KEEPALIVE_S)
        self._client.loop_start()

    def stop(self) -> None:
        """This function will leave; what is not acknowledged stays with the broker."""
        self._client.disconnect()
        self._client.loop_stop()

    def acknowledge(self, receipt: Receipt) -> None:
        """This function will let the broker forget a delivery; one of an earlier connection comes again
        anyway."""
        if receipt.connection == self._connection and receipt.qos > 0:
            self._client.ack(receipt.packet_id, receipt.qos)

    def publish(self, topic: str, payload: bytes) -> None:
        """This function will send a message to a device; a lost one makes the device ask again."""
        self._client.publish(topic, payload, qos=0)

    def _on_connect(self, client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            _log.error("The broker refuses the ingest service: %s", reason)
            return
        self._connection += 1
        client.subscribe(POSITIONS_TOPIC, qos=1)

    def _on_subscribe(self, _client: Any, _data: Any, _mid: int, reasons: Any, _properties: Any) -> None:
        if any(reason.is_failure for reason in reasons):
            _log.error("The broker does not let the ingest service listen: %s", reasons[0])
        else:
            _log.info("Receiving positions from the broker at %s:%s.", *self._address)

    def _on_disconnect(self, _client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            _log.warning("The broker is away (%s); trying again.", reason)

    def _on_message(self, _client: Any, _data: Any, message: mqtt.MQTTMessage) -> None:
        receipt = Receipt(self._connection, message.mid, message.qos)
        self.arrivals.put(Arrival(message.topic, bytes(message.payload), self._now(), receipt))
