"""The sender of commands beside a flood of receipts: calls for help are answered, and the flood is counted."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from ingest.arrivals import Arrival
from ingest.commanding.sender import MOST_AT_ONCE, CommandSender
from ingest.fair_queue import FairQueue
from ingest.refusals import KEPT_PER_MINUTE
from spatial.commands.models import Delivery
from spatial.commands.operations import send_command
from spatial.devices.models import RefusedMessage
from tests.ingest.cast import START, Cast

pytestmark = pytest.mark.django_db


class Wire:
    """A session whose other end never stops: for every receipt that is acknowledged another one comes."""

    def __init__(self, cast: Cast) -> None:
        self.receipts = FairQueue(200)
        self.topic = f"tw/v1/{cast.site.code}/{cast.helmet.code}/receipts"
        self.sent: list[bytes] = []
        self.acknowledged = 0
        self.sender: Any = None

    def flood(self, number: int) -> None:
        for _ in range(number):
            body = {"v": 1, "id": str(uuid4()), "state": "played", "t": int(START.timestamp() * 1000)}
            self.receipts.put(Arrival(self.topic, json.dumps(body).encode(), START, 0))

    def publish(self, topic: str, payload: bytes) -> bool:
        self.sent.append(payload)
        self.sender.stop()
        return True

    def acknowledge(self, delivery: Any) -> None:
        self.acknowledged += 1
        if self.acknowledged > 20 * MOST_AT_ONCE:
            self.sender.stop()
        self.flood(1)


def test_a_flood_of_receipts_keeps_no_command_waiting_and_costs_few_rows(cast):
    wire = Wire(cast)
    wire.sender = CommandSender(wire, now=lambda: START)
    wire.receipts.put(Arrival("tw/v1/s/other/receipts", b"{}", START, 0))
    wire.flood(5000)
    assert len(wire.receipts) == 101
    send_command(
        site=cast.site, devices=[cast.helmet], kind="buzz", target="person", target_label="x", actor=None,
        now=START - timedelta(seconds=1),
    )  # fmt: skip
    Delivery.objects.update(next_try_at=START + timedelta(seconds=60))
    wire.sender._take_receipts()
    assert wire.acknowledged == MOST_AT_ONCE  # one round, whatever goes on coming
    Delivery.objects.update(next_try_at=START)
    wire.sender.run()
    assert len(wire.sent) == 1 and wire.acknowledged <= 2 * MOST_AT_ONCE
    rows = RefusedMessage.objects.filter(device_code=cast.helmet.code)
    assert rows.count() == KEPT_PER_MINUTE
    assert {row.site_id for row in rows} == {cast.site.pk}
    assert sum(row.repeats for row in rows) >= 4900
    assert RefusedMessage.objects.filter(device_code="other").count() == 1
