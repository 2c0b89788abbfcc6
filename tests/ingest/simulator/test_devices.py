"""Simulated devices: where they walk, how they report, and how they keep what is not acknowledged."""

import json
from random import Random

import pytest

from ingest.decoders.messages_json import decode_json
from ingest.simulator.device import SimulatedDevice
from ingest.simulator.fleet_file import FleetFileRefused, read_fleet
from ingest.simulator.walk import TagNoise, Walk

METRE = 1 / 111_320.0


def fleet(**changes):
    device = {
        "code": "H-1",
        "password": "secret",
        "interval_s": 1,
        "batch": 2,
        "source": "UWB",
        "accuracy_m": 0.3,
        "start_offset_s": 0,
        "route": [[113.77, 34.765, 96.0, 2.0, 5.0], [113.77, 34.765 + 100 * METRE, 96.0, 1.0, 0.0]],
        "loop": True,
        "faults": {"late_share": 0, "duplicate_share": 0, "garbage_share": 0},
        **changes,
    }
    return {"site": "zd", "mqtt": {"host": "127.0.0.1", "port": 1883}, "devices": [device]}


class Wire:
    """Records what a device sends; `up` says whether there is a connection."""

    def __init__(self):
        self.sent, self.up = [], True

    def send(self, topic, payload):
        if self.up:
            self.sent.append((topic, payload))
        return self.up


def device(wire, seed=1, **changes):
    plan = read_fleet(fleet(**changes)).devices[0]
    return SimulatedDevice(plan, "zd", wire.send, Random(seed), started=0.0)


def play(device, until, step=0.25):
    now = 0.0
    while now < until:
        if now >= device.due():
            device.work(now, 1_760_000_000_000 + int(now * 1000))
        now += step


def test_a_walker_pauses_walks_at_its_speeds_and_comes_round():
    walk = Walk(read_fleet(fleet()).devices[0].route, loop=True)
    north_m = [(walk.at(second)[1] - 34.765) / METRE for second in (0, 5, 30, 55, 105, 155, 185)]
    assert walk.duration_s == pytest.approx(155.0)
    assert north_m == pytest.approx([0, 0, 50, 100, 50, 0, 50], abs=1e-6)


def test_a_route_that_does_not_loop_ends_at_its_last_point():
    walk = Walk(read_fleet(fleet()).devices[0].route, loop=False)
    assert (walk.at(1e6)[1] - 34.765) / METRE == pytest.approx(100)


def test_95_percent_of_the_noise_lies_within_the_stated_accuracy():
    noise = TagNoise("UWB", 0.3, Random(3))
    places = [noise.blur(113.77, 34.765, 96.0, 10.0) for _ in range(4000)]
    errors = [((lat - 34.765) / METRE) ** 2 + ((lon - 113.77) / METRE * 0.8215) ** 2 for lon, lat, _ in places]
    assert sum(error <= 0.09 for error in errors) / 4000 == pytest.approx(0.95, abs=0.012)


def test_messages_are_numbered_batched_and_readable_by_the_decoder():
    wire = Wire()
    sender = device(wire)
    play(sender, 9.0)
    messages = [decode_json(payload, sender_code="H-1") for _, payload in wire.sent]
    assert {topic for topic, _ in wire.sent} == {"tw/v1/zd/H-1/positions"}
    assert [message.sequence for message in messages] == [1, 2, 3, 4]
    assert [len(message.parts[0].fixes) for message in messages] == [2, 2, 2, 2]
    assert {message.boot_id for message in messages} == {sender.boot}


def test_what_is_not_acknowledged_is_sent_again_until_it_is():
    wire = Wire()
    sender = device(wire, interval_s=3600)
    sender.next_fix = 0.0
    sender.work(0.0, 1_760_000_000_000)
    sender.next_fix = 0.0
    sender.work(0.5, 1_760_000_000_500)
    assert len(wire.sent) == 1
    sender.work(9.0, 0)
    assert len(wire.sent) == 1
    sender.work(11.0, 0)
    assert wire.sent[1] == wire.sent[0]
    sender.hear(json.dumps({"boot": "ffff", "seq": 1}).encode())
    sender.hear(b"junk")
    assert len(sender.outbox.held) == 1
    sender.hear(json.dumps({"boot": sender.boot, "seq": 1}).encode())
    assert (sender.outbox.held, sender.outbox.acknowledged) == ({}, 1)


def test_who_is_not_answered_sends_twenty_at_a_time_the_newest_first_and_the_old_by_the_slow_lane():
    wire = Wire()
    sender = device(wire, batch=1)  # a message a second
    play(sender, 600.0)
    assert sum(each.under_way for each in sender.outbox.held.values()) == 20
    assert len(wire.sent) <= 1000  # all that is held, each time again, would be 5,000
    assert json.loads(wire.sent[-1][1])["seq"] >= 590  # what happens now is told within ten seconds
    wire.sent.clear()
    sender.next_fix, now = 1e9, 600.0
    while sender.outbox.held:
        for number in [number for number, each in sender.outbox.held.items() if each.under_way]:
            sender.hear(json.dumps({"boot": sender.boot, "seq": number}).encode())
        now += 1.0
        sender.work(now, 0)
    assert (now, sender.outbox.acknowledged) == (630.0, 600)  # thirty windows of twenty
    assert {topic for topic, _ in wire.sent} == {"tw/v1/zd/H-1/positions", "tw/v1/zd/H-1/positions/backfill"}


def test_without_a_connection_messages_wait_in_the_outbox():
    wire = Wire()
    wire.up = False
    sender = device(wire)
    play(sender, 9.0)
    assert (wire.sent, len(sender.outbox.held)) == ([], 4)


def test_faults_come_in_their_shares():
    wire = Wire()
    sender = device(wire, faults={"late_share": 0.5, "duplicate_share": 0.3, "garbage_share": 0.2})
    for second in range(4000):
        sender.next_fix = float(second)
        sender.work(float(second), 1_760_000_000_000 + second * 1000)
        for number in [n for n, held in sender.outbox.held.items() if held.pause_s > 10]:
            sender.hear(json.dumps({"boot": sender.boot, "seq": number}).encode())
    readable, order = [], []
    for _, payload in wire.sent:
        try:
            message = decode_json(payload, sender_code="H-1")
        except ValueError:
            continue
        readable.append(payload)
        order.append(message.sequence)
    unique = list(dict.fromkeys(order))
    assert len(unique) == pytest.approx(2000, abs=20)
    assert (len(readable) - len(unique)) / len(unique) == pytest.approx(0.3, abs=0.05)
    assert (len(wire.sent) - len(readable)) / len(unique) == pytest.approx(0.2, abs=0.05)
    overtaken = sum(later < max(unique[:place]) for place, later in enumerate(unique) if place)
    assert overtaken / len(unique) == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"route": []}, r"devices\[0\]\.route: has no point"),
        ({"interval_s": 0}, "interval_s is 0.05 to 3600"),
        ({"source": "GPS"}, "must be GNSS, UWB or BLE"),
        ({"faults": {"late_share": 2}}, "a share is 0 to 1"),
        ({"faults": {"lazy": 1}}, r"devices\[0\]"),
        ({"route": [[1, 2, 3, 0, 0], [1, 2, 3, 1, 0]]}, "a speed must be above 0"),
    ],
)
def test_a_fleet_file_with_a_mistake_is_refused_by_its_place(changes, reason):
    with pytest.raises(FleetFileRefused, match=reason):
        read_fleet(fleet(**changes))
