"""A lane of the ingest service at the broker: receives messages, acknowledges only when told to.

MQTT 5 with a session that outlives the connection: what arrives while the service is away is kept for three days.
With `manual_ack` the broker keeps each QoS 1 message until `acknowledge`, and hands it over again after a
reconnect. A session belongs to a place at work, not to a process: whoever takes the place of a dead worker gets
what the broker held for it, in order. Where several workers share, each subscribes to the sites of its own; during
a change two may hold one, and the shared subscription still hands each message to one of them. Devices may speak
3.1.1 or 5.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from ingest.arrivals import KINDS, Arrival, Lane
from ingest.fair_queue import MOST_MESSAGES, FairQueue
from ingest.mqtt.own_connection import Account, OwnConnection, Receipt
from ingest.sharing import Share

SHARE = "$share/twinwall"
SESSION_EXPIRY_S = 3 * 86_400


def topics_of(lane: Lane, sites: Iterable[str] = ("+",)) -> list[str]:
    """This function will return the shared subscriptions of a lane to some sites, or to all."""
    behind = "/backfill" if lane == "backfill" else ""
    return [f"{SHARE}/tw/v1/{site}/+/{kind}{behind}" for site in sites for kind in KINDS]


class BrokerSession(OwnConnection):
    """The session of a place at work for a lane; arrivals wait in `arrivals`."""

    def __init__(self, account: Account, *, lane: Lane, share: Share, now: Callable[[], datetime]) -> None:
        among = "" if share.is_all else f"-of-{share.places}"
        super().__init__(
            account,
            who="the ingest service",
            work=f"Receiving {lane} messages from",
            client_id=f"twinwall-ingest-{lane}-{share.place}{among}-{account.session_secret}",
            protocol=mqtt.MQTTv5,
            manual_ack=True,
        )
        self.arrivals = FairQueue()
        self._lane: Lane = lane
        self._now = now
        self._changing = threading.Lock()
        self._sites: frozenset[str] = frozenset({"+"} if share.is_all else ())

    def start(self, **options: Any) -> None:
        """This function will connect in the background, by the session that the broker kept."""
        wanted = Properties(PacketTypes.CONNECT)
        wanted.SessionExpiryInterval = SESSION_EXPIRY_S
        wanted.ReceiveMaximum = MOST_MESSAGES  # the broker hands over as many before it wants acknowledgements
        super().start(clean_start=False, properties=wanted, **options)

    def stop(self, properties: Properties | None = None) -> None:
        """This function will leave; the broker keeps the session, and what was not acknowledged."""
        leaving = properties or Properties(PacketTypes.DISCONNECT)
        leaving.SessionExpiryInterval = SESSION_EXPIRY_S
        super().stop(leaving)

    def serve(self, sites: Collection[str]) -> None:
        """This function will listen to these sites from now on, and to no others."""
        with self._changing:
            before, self._sites = self._sites, frozenset(sites)
            if self._client.is_connected():
                self.subscribe(topics_of(self._lane, sorted(self._sites - before)))
                if gone := topics_of(self._lane, sorted(before - self._sites)):
                    self._client.unsubscribe(gone)

    def publish(self, topic: str, payload: bytes) -> None:
        """This function will send a message to a device; a lost one makes the device ask again."""
        self._client.publish(topic, payload, qos=0)

    def listen(self) -> None:
        with self._changing:
            self.subscribe(topics_of(self._lane, sorted(self._sites)))

    def hear(self, topic: str, payload: bytes, receipt: Receipt) -> None:
        if not self.arrivals.put(Arrival(topic, payload, self._now(), receipt)):
            self.acknowledge(receipt)
