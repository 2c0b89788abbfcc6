"""Commands as devices hear them, for terminals that do not speak MQTT: another listener carries them on."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import paho.mqtt.client as mqtt

COMMANDS_TOPIC = "tw/v1/+/+/commands"
KEEPALIVE_S = 30
_log = logging.getLogger(__name__)


class CommandTap:
    """One connection, re-made with back-off for ever. What is missed while it is away is sent again by its sender."""

    def __init__(
        self, *, host: str, port: int, username: str, password: str, on_command: Callable[[str, bytes], None]
    ) -> None:
        self._address, self._on_command = (host, port), on_command
        self._client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, clean_session=True)
        self._client.username_pw_set(username, password)
        self._client.reconnect_delay_set(1, 30)
        self._client.on_connect = self._connected
        self._client.on_message = lambda _c, _d, message: self._on_command(message.topic, bytes(message.payload))

    def start(self) -> None:
        """This function will connect in the background and keep trying."""
        self._client.connect_async(*self._address, keepalive=KEEPALIVE_S)
        self._client.loop_start()

    def stop(self) -> None:
        """This function will leave."""
        self._client.disconnect()
        self._client.loop_stop()

    def publish(self, topic: str, payload: bytes) -> None:
        """This function will send a receipt in a terminal's name."""
        self._client.publish(topic, payload, qos=1)

    def _connected(self, client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            _log.error("The broker refuses the carrier of commands: %s", reason)
        else:
            client.subscribe(COMMANDS_TOPIC, qos=1)
