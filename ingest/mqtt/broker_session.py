"""A lane of the ingest service at the broker: receives messages, acknowledges only when told to.

MQTT 5 with a session that outlives the connection: what arrives while the service is away is kept for three days.
With `manual_ack` the broker keeps each QoS 1 message until `acknowledge`, and hands it over again after a
reconnect. A session belongs to a place at work, not to a process: whoever takes the place of a dead worker gets
what the broker held for it, in order. Where several workers share, each subscribes to the sites of its own; during
a change two may hold one, and the shared subscription still hands each message to one of them. Devices may speak
3.1.1 or 5.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from ingest.arrivals import KINDS, Arrival, Lane
from ingest.fair_queue import FairQueue
from ingest.mqtt.session_names import session_secret
from ingest.sharing import Share

SHARE = "$share/twinwall"
SESSION_EXPIRY_S = 3 * 86_400
MAX_UNDER_WAY = 2000  # messages that the broker hands over before it wants acknowledgements
RECONNECT_MIN_S, RECONNECT_MAX_S = 0.2, 2.0  # the broker is ours and near; back at work within seconds
KEEPALIVE_S = 30
TOPICS_AT_ONCE = 500
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Names one delivery: a packet id means something only on the connection it came by."""

    connection: int
    packet_id: int
    qos: int


def topics_of(lane: Lane, sites: Iterable[str] = ("+",)) -> list[str]:
    """This function will return the shared subscriptions of a lane to some sites, or to all."""
    behind = "/backfill" if lane == "backfill" else ""
    return [f"{SHARE}/tw/v1/{site}/+/{kind}{behind}" for site in sites for kind in KINDS]


class BrokerSession:
    """One connection, re-made with back-off for ever; arrivals wait in `arrivals`."""

    def __init__(
        self,
        *,
        lane: Lane,
        share: Share,
        host: str,
        port: int,
        username: str,
        password: str,
        now: Callable[[], datetime],
    ) -> None:
        self.arrivals = FairQueue()
        self._lane: Lane = lane
        self._address = (host, port)
        self._now = now
        self._connection = 0
        self._changing = threading.Lock()
        self._sites: frozenset[str] = frozenset({"+"} if share.is_all else ())
        among = "" if share.is_all else f"-of-{share.places}"
        self._client = mqtt.Client(
            mqtt.CallbackAPIVersion.VERSION2,
            client_id=f"twinwall-ingest-{lane}-{share.place}{among}-{session_secret(password)}",
            protocol=mqtt.MQTTv5,
            manual_ack=True,
        )
        self._client.username_pw_set(username, password)
        self._client.reconnect_delay_set(RECONNECT_MIN_S, RECONNECT_MAX_S)  # type: ignore[arg-type]
        self._client.max_queued_messages_set(0)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message

    def start(self) -> None:
        """This function will connect in the background and keep trying."""
        wanted = Properties(PacketTypes.CONNECT)
        wanted.SessionExpiryInterval = SESSION_EXPIRY_S
        wanted.ReceiveMaximum = MAX_UNDER_WAY
        self._client.connect_async(*self._address, keepalive=KEEPALIVE_S, clean_start=False, properties=wanted)
        self._client.loop_start()

    def stop(self) -> None:
        """This function will leave; what is not acknowledged stays with the broker."""
        leaving = Properties(PacketTypes.DISCONNECT)
        leaving.SessionExpiryInterval = SESSION_EXPIRY_S
        self._client.disconnect(properties=leaving)
        self._client.loop_stop()

    def serve(self, sites: Collection[str]) -> None:
        """This function will listen to these sites from now on, and to no others."""
        with self._changing:
            before, self._sites = self._sites, frozenset(sites)
            if self._client.is_connected():
                self._subscribe(sorted(self._sites - before))
                if gone := topics_of(self._lane, sorted(before - self._sites)):
                    self._client.unsubscribe(gone)

    def _subscribe(self, sites: Collection[str]) -> None:
        topics = [(topic, 1) for topic in topics_of(self._lane, sites)]
        for start in range(0, len(topics), TOPICS_AT_ONCE):
            self._client.subscribe(topics[start : start + TOPICS_AT_ONCE])

    def acknowledge(self, receipt: Receipt | None) -> None:
        """This function will let the broker forget a delivery; one of an earlier connection comes again
        anyway."""
        if receipt is not None and receipt.connection == self._connection and receipt.qos > 0:
            self._client.ack(receipt.packet_id, receipt.qos)

    def publish(self, topic: str, payload: bytes) -> None:
        """This function will send a message to a device; a lost one makes the device ask again."""
        self._client.publish(topic, payload, qos=0)

    def _on_connect(self, _client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            _log.error("The broker refuses the ingest service: %s", reason)
            return
        self._connection += 1
        with self._changing:
            self._subscribe(sorted(self._sites))

    def _on_subscribe(self, _client: Any, _data: Any, _mid: int, reasons: Any, _properties: Any) -> None:
        if any(reason.is_failure for reason in reasons):
            _log.error("The broker does not let the ingest service listen: %s", reasons[0])
        else:
            _log.info("Receiving %s messages from the broker at %s:%s.", self._lane, *self._address)

    def _on_disconnect(self, _client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            _log.warning("The broker is away (%s); trying again.", reason)

    def _on_message(self, _client: Any, _data: Any, message: mqtt.MQTTMessage) -> None:
        receipt = Receipt(self._connection, message.mid, message.qos)
        if not self.arrivals.put(Arrival(message.topic, bytes(message.payload), self._now(), receipt)):
            self.acknowledge(receipt)
