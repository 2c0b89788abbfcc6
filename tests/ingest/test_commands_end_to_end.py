"""A buzz from the page's operation to a helmet and back, over a real broker and the real sender process."""

from __future__ import annotations

import json
import queue
from collections.abc import Iterator

import paho.mqtt.client as mqtt
import pytest
from django.utils import timezone

from deploy.supervision import wait_until
from spatial.commands.models import Delivery
from spatial.commands.operations import send_command
from spatial.devices.models import RefusedMessage
from tests.ingest.conftest import manage

LISTENING = "Sending commands by the broker"


class Helmet:
    """A device that listens for commands and answers as it is told to."""

    def __init__(self, services, cast) -> None:
        self.heard: queue.Queue[dict] = queue.Queue()
        self._base = f"tw/v1/{cast.site.code}/{cast.helmet.code}"
        subscribed: queue.Queue[int] = queue.Queue()
        self.client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"d-{cast.helmet.code}")
        self.client.username_pw_set(cast.helmet.code, cast.password)
        self.client.on_connect = lambda client, *_: client.subscribe(f"{self._base}/commands", qos=1)
        self.client.on_subscribe = lambda *_: subscribed.put(1)
        self.client.on_message = lambda _c, _d, message: self.heard.put(json.loads(message.payload))
        self.client.connect(services.mqtt_host, services.mqtt_port)
        self.client.loop_start()
        subscribed.get(timeout=20)

    def answer(self, body: dict) -> None:
        self.client.publish(f"{self._base}/receipts", json.dumps(body), qos=1).wait_for_publish(10)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


@pytest.fixture
def sender(services, live_cast) -> Iterator[None]:
    log = services.folder / "commands.log"
    log.unlink(missing_ok=True)
    process = manage("run_commands", log=log)
    assert wait_until(lambda: log.exists() and LISTENING in log.read_text(encoding="utf-8"), 60)
    yield
    process.terminate()
    process.wait(20)


def test_a_buzz_reaches_the_helmet_and_its_receipts_come_back(services, live_cast, sender):
    helmet = Helmet(services, live_cast)
    try:
        send_command(site=live_cast.site, devices=[live_cast.helmet], kind="voice", text="请立即撤离", target="person",
                     target_label="张三", actor=live_cast.officer, now=timezone.now())  # fmt: skip
        heard = helmet.heard.get(timeout=20)
        assert (heard["v"], heard["kind"], heard["text"]) == (1, "voice", "请立即撤离")
        assert heard["until"] - heard["t"] == 300_000
        milliseconds = int(timezone.now().timestamp() * 1000)
        helmet.answer({"v": 1, "id": heard["id"], "state": "shouted", "t": milliseconds})
        helmet.answer({"v": 1, "id": heard["id"], "state": "received", "t": milliseconds})
        helmet.answer({"v": 1, "id": heard["id"], "state": "played", "t": milliseconds + 1})
        assert wait_until(lambda: Delivery.objects.get().state == "played", 20)
        assert wait_until(lambda: RefusedMessage.objects.count() == 1, 20)
        assert RefusedMessage.objects.get().reason.startswith("state:")
        assert Delivery.objects.get().attempts == 1
    finally:
        helmet.close()


def test_a_helmet_that_was_away_gets_it_when_it_is_back(services, live_cast, sender):
    send_command(site=live_cast.site, devices=[live_cast.helmet], kind="buzz", target="person", target_label="张三",
                 actor=None, now=timezone.now())  # fmt: skip
    assert wait_until(lambda: Delivery.objects.get().attempts >= 1, 20)
    helmet = Helmet(services, live_cast)
    try:
        heard = helmet.heard.get(timeout=30)
        helmet.answer({"v": 1, "id": heard["id"], "state": "confirmed", "t": int(timezone.now().timestamp() * 1000)})
        assert wait_until(lambda: Delivery.objects.get().state == "confirmed", 20)
        held = Delivery.objects.get()
        assert held.received_at == held.played_at == held.confirmed_at
    finally:
        helmet.close()
