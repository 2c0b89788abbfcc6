"""A simulated helmet takes a command, plays it once, and answers each time it comes."""

from __future__ import annotations

import json
from random import Random
from uuid import uuid4

from ingest.simulator.device import SimulatedDevice
from ingest.simulator.fleet_file import DevicePlan, Faults, Waypoint


def test_a_command_is_received_then_played_once_and_answered_again_when_it_comes_again():
    sent: list[tuple[str, dict]] = []
    plan = DevicePlan("H1", "p", 1.0, 1, "UWB", 0.3, 0.0, (Waypoint(113.7, 34.7, 90.0, 1.0, 0.0),), True, Faults())

    def send(topic: str, payload: bytes) -> bool:
        sent.append((topic, json.loads(payload)))
        return True

    device = SimulatedDevice(plan, "s", send, Random(1), 0.0)
    number = str(uuid4())
    command = json.dumps({"v": 1, "id": number, "kind": "buzz", "text": "", "t": 1, "until": 2}).encode()
    device.obey(b"no json")
    device.obey(command)
    assert device.due() == 0.0
    device.work(0.0, 1_772_413_200_000)
    device.work(5.0, 1_772_413_205_000)
    device.obey(command)
    device.work(6.0, 1_772_413_206_000)
    device.work(9.0, 1_772_413_209_000)
    receipts = [body for topic, body in sent if topic == "tw/v1/s/H1/receipts"]
    assert [body["state"] for body in receipts] == ["received", "played", "received", "played"]
    assert {body["id"] for body in receipts} == {number}
    assert device.played == [number]
