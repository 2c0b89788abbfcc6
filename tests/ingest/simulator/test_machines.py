"""Machines that work in a cycle: exact values between frames, no jump at the turn of a round, and a strict file."""

from __future__ import annotations

import json
from random import Random

import pytest

from ingest.simulator.fleet_file import FleetFileRefused, MachinePlan, read_fleet
from ingest.simulator.machines import Cycle, SimulatedMachine
from spatial.observations.quantities import quantity_of
from webmap.demo.machines import CRANE_QUANTITIES, HOIST_QUANTITIES, crane_frames, demo_machines, hoist_frames

NAMES = ("slew_angle", "hoist_load")
FRAMES = ((10.0, 0.0, 2.0), (5.0, 90.0, 0.0), (20.0, 90.0, 1.0))


def test_values_go_straight_from_frame_to_frame_and_a_load_holds():
    cycle = Cycle(NAMES, FRAMES)
    assert cycle.seconds == 35.0
    assert cycle.at(5.0) == {"slew_angle": 45.0, "hoist_load": 2.0}
    assert cycle.at(12.0) == {"slew_angle": 90.0, "hoist_load": 0.0}
    assert cycle.at(25.0) == {"slew_angle": 45.0, "hoist_load": 1.0}
    assert cycle.at(35.0 + 5.0) == cycle.at(5.0)


def plan(**more) -> MachinePlan:
    return MachinePlan("C1", "secret", 1.0, 0.0, more.get("quantities", NAMES), more.get("frames", FRAMES))


def test_a_machine_reports_each_second_until_it_is_acknowledged():
    sent: list[tuple[str, dict]] = []

    def send(topic: str, payload: bytes) -> bool:
        sent.append((topic, json.loads(payload)))
        return True

    machine = SimulatedMachine(plan(), "S1", send, Random(1), 100.0)
    machine.work(101.0, 1_000_000)
    topic, body = sent[0]
    assert topic == "tw/v1/S1/C1/messages"
    assert (body["v"], body["seq"], [row["q"] for row in body["readings"]]) == (1, 1, list(NAMES))
    assert {row["t"] for row in body["readings"]} == {1_000_000}
    assert all(row["value"] >= 0 for row in body["readings"] if row["q"] == "hoist_load")
    machine.hear(json.dumps({"boot": "other", "seq": 1}).encode())
    assert machine.outbox.acknowledged == 0
    machine.hear(json.dumps({"boot": machine.boot, "seq": 1}).encode())
    assert (machine.outbox.acknowledged, machine.outbox.held) == (1, {})


@pytest.mark.parametrize("crane", [m for m in demo_machines() if m.stops], ids=lambda m: m.code)
def test_the_cranes_of_the_demo_turn_no_faster_than_a_crane_and_stay_within_their_jib(crane):
    cycle = Cycle(CRANE_QUANTITIES, crane_frames(crane))
    before = cycle.at(0.0)
    for second in range(1, int(cycle.seconds) + 2):
        now = cycle.at(float(second))
        assert abs((now["slew_angle"] - before["slew_angle"] + 180) % 360 - 180) <= 3.1
        assert 0 <= now["trolley_position"] <= crane.crane["jib_m"]
        assert 0 <= now["hook_height"] <= crane.crane["jib_height_m"] - 2.0
        before = now


def test_what_the_demo_sends_is_in_the_table_of_quantities():
    assert all(quantity_of(name) for name in (*CRANE_QUANTITIES, *HOIST_QUANTITIES))
    assert Cycle(HOIST_QUANTITIES, hoist_frames()).seconds > 60


@pytest.mark.parametrize(
    ("field", "value"),
    [("frames", []), ("frames", [[0.0, 1.0, 1.0]]), ("frames", [[1.0, 1.0]]), ("interval_s", 0), ("quantities", [])],
)
def test_a_machine_that_cannot_be_played_is_refused_by_its_place(field, value):
    machine = {"code": "C1", "password": "p", "interval_s": 1, "quantities": list(NAMES), "frames": [[1.0, 2.0, 3.0]]}
    body = {"site": "S", "mqtt": {"host": "h", "port": 1}, "devices": [], "machines": [machine]}
    assert read_fleet(body).machines[0].code == "C1"
    with pytest.raises(FleetFileRefused, match=r"machines\[0\]"):
        read_fleet({**body, "machines": [{**machine, field: value}]})
