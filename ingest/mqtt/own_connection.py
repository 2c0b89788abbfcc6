"""A connection of one of the platform's own services to its broker: made in the background, and anew for ever.

All sign in with the account of the services, at a door of the broker that is theirs alone. What one hears, and whether
the broker keeps it while the service is away, is said by its kind: `listen`, `hear`, and the options of its session.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import paho.mqtt.client as mqtt
from django.conf import settings
from paho.mqtt.properties import Properties

from spatial.devices.broker_files import service_credentials

RECONNECT_MIN_S, RECONNECT_MAX_S = 0.2, 2.0  # the broker is ours and near; back at work within seconds
KEEPALIVE_S = 30
TOPICS_AT_ONCE = 500
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Account:
    """Where the broker is, and as whom a service signs in."""

    host: str
    port: int
    username: str
    password: str = field(repr=False)

    @property
    def session_secret(self) -> str:
        """The part of a session's name that no device can guess; the same when the process starts again.

        A broker ends a session when another client connects by its name, whoever that is.
        """
        return hashlib.blake2s(b"twinwall session names " + self.password.encode(), digest_size=12).hexdigest()


def service_account() -> Account:
    """This function will return the account of the platform's own services at its broker."""
    username, password = service_credentials(settings.TWINWALL_SECRETS_DIR)
    return Account(settings.TWINWALL_MQTT_HOST, settings.TWINWALL_MQTT_OWN_PORT, username, password)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Names one delivery: a packet id means something only on the connection it came by."""

    connection: int
    packet_id: int
    qos: int


class OwnConnection:
    """One connection; its kind says what it hears, and takes in what comes.

    `who` and `work` are for the log: "The broker refuses WHO", "WORK the broker at HOST:PORT".
    """

    def __init__(self, account: Account, *, who: str, work: str, **session: Any) -> None:
        self._address, self._who, self._work = (account.host, account.port), who, work
        self._number = 0
        self._client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, **session)
        self._client.username_pw_set(account.username, account.password)
        self._client.reconnect_delay_set(RECONNECT_MIN_S, RECONNECT_MAX_S)  # type: ignore[arg-type]
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message

    def listen(self) -> None:
        """This function will subscribe to what is to be heard, on a new connection."""
        raise NotImplementedError

    def hear(self, topic: str, payload: bytes, receipt: Receipt) -> None:
        """This function will take a message in; it is called in the connection's own thread."""
        raise NotImplementedError

    def start(self, **options: Any) -> None:
        """This function will connect in the background and keep trying."""
        self._client.connect_async(*self._address, keepalive=KEEPALIVE_S, **options)
        self._client.loop_start()

    def stop(self, properties: Properties | None = None) -> None:
        """This function will leave; what was not acknowledged stays with a broker that keeps the session."""
        self._client.disconnect(properties=properties)
        self._client.loop_stop()

    def acknowledge(self, receipt: Receipt | None) -> None:
        """This function will let the broker forget a delivery; one of an earlier connection comes again anyway."""
        if receipt is not None and receipt.connection == self._number and receipt.qos > 0:
            self._client.ack(receipt.packet_id, receipt.qos)

    def subscribe(self, topics: Sequence[str], *, qos: int = 1) -> None:
        """This function will ask the broker for topics."""
        for start in range(0, len(topics), TOPICS_AT_ONCE):
            self._client.subscribe([(topic, qos) for topic in topics[start : start + TOPICS_AT_ONCE]])

    def _on_connect(self, _client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            _log.error("The broker refuses %s: %s", self._who, reason)
            return
        self._number += 1
        self.listen()

    def _on_subscribe(self, _client: Any, _data: Any, _mid: int, reasons: Any, _properties: Any) -> None:
        if any(reason.is_failure for reason in reasons):
            _log.error("The broker does not let %s listen: %s", self._who, reasons[0])
        else:
            _log.info("%s the broker at %s:%s.", self._work, *self._address)

    def _on_disconnect(self, _client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            _log.warning("The broker is away (%s); trying again.", reason)

    def _on_message(self, _client: Any, _data: Any, message: mqtt.MQTTMessage) -> None:
        receipt = Receipt(self._number, message.mid, message.qos)
        self.hear(message.topic, bytes(message.payload), receipt)
