"""The gateway's connection to the platform's broker, in a thread of its own; made anew with back-off for ever."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt

KEEPALIVE_S = 15
CONNECT_TIMEOUT_S = 5.0
RETRY_MIN_S, RETRY_MAX_S = 0.5, 30.0
_log = logging.getLogger(__name__)


class Uplink:
    """Publishes by QoS 1 and hands what comes back to callbacks, which are called in the connection's thread.

    Each connection is a new client: what was under way on the old one is the journal's to send again, under the
    same number, and not the library's.
    """

    def __init__(
        self,
        *,
        address: tuple[str, int],
        username: str,
        password: str,
        ca_file: Path | None,
        inbox_topic: str,
        on_state: Callable[[str], None],
        on_message: Callable[[bytes], None],
        commands_topic: str,
        on_command: Callable[[str, bytes], None],
    ) -> None:
        self._address, self._username, self._password, self._ca = address, username, password, ca_file
        self._inbox, self._on_state, self._on_message = inbox_topic, on_state, on_message
        self._commands, self._on_command = commands_topic, on_command
        self._client: mqtt.Client | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="uplink", daemon=True)

    def start(self) -> None:
        """This function will connect in the background and keep trying."""
        self._thread.start()

    def stop(self) -> None:
        """This function will leave the broker."""
        self._stopping.set()
        if client := self._client:
            client.disconnect()
        self._thread.join(CONNECT_TIMEOUT_S + 1)

    def publish(self, topic: str, payload: bytes) -> None:
        """This function will send a message if there is a connection; without one the outbox sends it later."""
        if client := self._client:
            client.publish(topic, payload, qos=1)

    def _run(self) -> None:
        pause_s = RETRY_MIN_S
        while not self._stopping.is_set():
            client = self._new_client()
            said = ""
            try:
                client.connect(*self._address, keepalive=KEEPALIVE_S)
                client.loop_forever(timeout=0.5)
            except (OSError, ValueError) as error:
                said = str(error)
            was_connected, self._client = self._client is not None, None
            if self._stopping.is_set():
                return
            self._on_state(f"away: {said or 'the connection ended'}")
            pause_s = RETRY_MIN_S if was_connected else min(RETRY_MAX_S, pause_s * 2)
            self._stopping.wait(pause_s * random.uniform(0.75, 1.25))

    def _new_client(self) -> mqtt.Client:
        client = mqtt.Client(
            mqtt.CallbackAPIVersion.VERSION2,
            client_id=f"gateway-{self._username}",
            clean_session=True,
            reconnect_on_failure=False,
        )
        client.username_pw_set(self._username, self._password)
        client.connect_timeout = CONNECT_TIMEOUT_S
        client.max_inflight_messages_set(100)
        if self._ca is not None:
            client.tls_set(ca_certs=str(self._ca))
        client.on_connect = self._connected
        client.on_subscribe = self._subscribed
        client.on_message = self._heard
        return client

    def _connected(self, client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            self._on_state(f"refused by the broker: {reason}")
            client.disconnect()
        else:
            client.subscribe([(self._inbox, 1), (self._commands, 1)])

    def _heard(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        if message.topic == self._inbox:
            self._on_message(bytes(message.payload))
        else:
            self._on_command(message.topic, bytes(message.payload))

    def _subscribed(self, client: mqtt.Client, _data: Any, _mid: int, reasons: Any, _properties: Any) -> None:
        if len(reasons) > 1 and reasons[1].is_failure:
            _log.warning("The broker does not let this account listen on %s; devices get no commands.", self._commands)
        if reasons[0].is_failure:
            self._on_state(f"refused by the broker: it does not let this account listen on {self._inbox}")
            client.disconnect()
            return
        self._client = client
        self._on_state("connected")
