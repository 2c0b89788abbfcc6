"""The sender's session at the broker: commands out, receipts in, each acknowledged when it is stored."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import paho.mqtt.client as mqtt

from ingest.arrivals import Arrival
from ingest.fair_queue import FairQueue
from ingest.mqtt.own_connection import Account, OwnConnection, Receipt

RECEIPTS_TOPIC = "tw/v1/+/+/receipts"


class CommandSession(OwnConnection):
    """Receipts wait in `receipts`, each device having its share.

    One that finds no room is lost: the device says it again when the command is sent again.
    """

    def __init__(self, account: Account, *, now: Callable[[], datetime]) -> None:
        super().__init__(
            account,
            who="the sender of commands",
            work="Sending commands by",
            client_id=f"twinwall-commands-{account.session_secret}",
            clean_session=False,
            manual_ack=True,
        )
        self.receipts = FairQueue()
        self._now = now

    def publish(self, topic: str, payload: bytes) -> bool:
        """This function will send a command and tell whether there was a connection to send it by."""
        if not self._client.is_connected():
            return False
        return self._client.publish(topic, payload, qos=1).rc == mqtt.MQTT_ERR_SUCCESS

    def listen(self) -> None:
        self.subscribe([RECEIPTS_TOPIC])

    def hear(self, topic: str, payload: bytes, receipt: Receipt) -> None:
        if not self.receipts.put(Arrival(topic, payload, self._now(), receipt)):
            self.acknowledge(receipt)
