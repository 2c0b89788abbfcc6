"""Commands as devices hear them, for terminals that do not speak MQTT: another listener carries them on."""

from __future__ import annotations

from collections.abc import Callable

from ingest.mqtt.own_connection import Account, OwnConnection, Receipt

COMMANDS_TOPIC = "tw/v1/+/+/commands"


class CommandTap(OwnConnection):
    """Hears without a session: what is missed while it is away is sent again by its sender."""

    def __init__(self, account: Account, *, on_command: Callable[[str, bytes], None]) -> None:
        super().__init__(account, who="the carrier of commands", work="Carrying commands of", clean_session=True)
        self._on_command = on_command

    def publish(self, topic: str, payload: bytes) -> None:
        """This function will send a receipt in a terminal's name."""
        self._client.publish(topic, payload, qos=1)

    def listen(self) -> None:
        self.subscribe([COMMANDS_TOPIC])

    def hear(self, topic: str, payload: bytes, receipt: Receipt) -> None:
        self._on_command(topic, payload)
