"""The sender's session at the broker: commands out, receipts in, each acknowledged when it is stored."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

import paho.mqtt.client as mqtt

from ingest.arrivals import Arrival
from ingest.fair_queue import FairQueue
from ingest.mqtt.session_names import session_secret

RECEIPTS_TOPIC = "tw/v1/+/+/receipts"
MOST_OF_A_DEVICE, MOST_BYTES_OF_A_DEVICE = 100, 100 * 1024
KEEPALIVE_S = 30
_log = logging.getLogger(__name__)


class CommandSession:
    """One connection, re-made with back-off for ever; receipts wait in `receipts`, a few of each device.

    One that finds no room is lost: the device says it again when the command is sent again.
    """

    def __init__(self, *, host: str, port: int, username: str, password: str, now: Callable[[], datetime]) -> None:
        self.receipts = FairQueue(MOST_OF_A_DEVICE, MOST_BYTES_OF_A_DEVICE)
        self._now = now
        self._address = (host, port)
        self._connection = 0
        self._client = mqtt.Client(
            mqtt.CallbackAPIVersion.VERSION2,
            client_id=f"twinwall-commands-{session_secret(password)}",
            clean_session=False,
            manual_ack=True,
        )
        self._client.username_pw_set(username, password)
        self._client.reconnect_delay_set(1, 30)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message

    def start(self) -> None:
        """This function will connect in the background and keep trying."""
        self._client.connect_async(*self._address, keepalive=KEEPALIVE_S)
        self._client.loop_start()

    def stop(self) -> None:
        """This function will leave; receipts that were not acknowledged stay with the broker."""
        self._client.disconnect()
        self._client.loop_stop()

    def publish(self, topic: str, payload: bytes) -> bool:
        """This function will send a command and tell whether there was a connection to send it by."""
        if not self._client.is_connected():
            return False
        return self._client.publish(topic, payload, qos=1).rc == mqtt.MQTT_ERR_SUCCESS

    def acknowledge(self, delivery: tuple[int, int, int]) -> None:
        """This function will let the broker forget a receipt; one of an earlier connection comes again anyway."""
        connection, packet_id, qos = delivery
        if connection == self._connection and qos > 0:
            self._client.ack(packet_id, qos)

    def _on_connect(self, client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            _log.error("The broker refuses the sender of commands: %s", reason)
            return
        self._connection += 1
        client.subscribe(RECEIPTS_TOPIC, qos=1)

    def _on_subscribe(self, _client: Any, _data: Any, _mid: int, reasons: Any, _properties: Any) -> None:
        if any(reason.is_failure for reason in reasons):
            _log.error("The broker does not let the sender of commands listen: %s", reasons[0])
        else:
            _log.info("Sending commands by the broker at %s:%s.", *self._address)

    def _on_message(self, _client: Any, _data: Any, message: mqtt.MQTTMessage) -> None:
        delivery = (self._connection, message.mid, message.qos)
        if not self.receipts.put(Arrival(message.topic, bytes(message.payload), self._now(), delivery)):
            self.acknowledge(delivery)
