"""A simulated device on a gateway's cable: acknowledged by the gateway, called through it, heard by the platform."""

from __future__ import annotations

import json
import queue
import time

import paho.mqtt.client as mqtt

from deploy.supervision import wait_until
from ingest.mqtt.device_link import LinkLoop
from ingest.simulator.cable_link import CableLink
from tests.ingest.gateway.conftest import SITE

FIX = {"t": 1_763_892_000_000, "lon": 113.77, "lat": 34.76, "h": 96.4, "h_ref": "yellow_sea", "acc": 0.3, "src": "UWB"}


def test_a_device_on_a_cable_is_acknowledged_called_and_heard(broker, platform, gateway):
    gateway.start()
    loop = LinkLoop(time.monotonic)
    heard: list[dict] = []
    commands: list[dict] = []
    link = CableLink(
        loop,
        address=("127.0.0.1", gateway.port),
        code="H-7",
        on_message=lambda line: heard.append(json.loads(line)),
        on_command=lambda payload: commands.append(json.loads(payload)),
    )

    def served(reached) -> bool:
        def look() -> bool:
            loop.step(time.monotonic() + 0.05)
            return bool(reached())

        return wait_until(look, 20)

    body = {"v": 1, "boot": "00ab", "seq": 3, "battery": 70, "fixes": [FIX]}
    assert served(lambda: link.publish(f"tw/v1/{SITE}/H-7/positions", json.dumps(body).encode()))
    assert served(lambda: heard)
    assert heard == [{"device": "H-7", "boot": "00ab", "seq": 3}]
    assert platform.next()[1]["parts"] == [{"device": "H-7", "battery": 70, "fixes": [FIX]}]
    assert link.publish(f"tw/v1/{SITE}/H-7/positions", b"\xff garbage\n")
    assert wait_until(lambda: gateway.written()["refused_to_devices_since_start"] == 1, 20)

    receipts: queue.Queue[dict] = queue.Queue()
    server = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="server")
    server.on_message = lambda _c, _d, message: receipts.put(json.loads(message.payload))
    server.connect("127.0.0.1", broker.port)
    server.loop_start()
    server.subscribe(f"tw/v1/{SITE}/H-7/receipts", qos=1)
    try:
        command = {"v": 1, "id": "0193c5e2", "kind": "buzz", "text": "", "t": 1, "until": 2}
        server.publish(f"tw/v1/{SITE}/H-8/commands", b"{}", qos=1)
        server.publish(f"tw/v1/{SITE}/H-7/commands", json.dumps(command), qos=1)
        assert served(lambda: commands)
        assert commands == [command]
        link.publish(f"tw/v1/{SITE}/H-7/receipts", b'{"v":1,"id":"0193c5e2","state":"played","t":5}')
        assert receipts.get(timeout=20) == {"v": 1, "id": "0193c5e2", "state": "played", "t": 5}
    finally:
        server.disconnect()
        server.loop_stop()
        loop.close()
    gateway.kill()
