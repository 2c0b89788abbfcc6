"""Simulated sensors: the same moment gives the same value, peaks come when they should, messages are read."""

import json
from random import Random

import pytest

from ingest.decoders.messages_json import decode_json
from ingest.simulator.fleet_file import FleetFileRefused, read_fleet
from ingest.simulator.sensors import SimulatedSensor, read_wave
from spatial.observations.quantities import reading_fault
from webmap.demo.sensors import demo_sensors

WAVE = {
    "quantity": "lel", "channel": "", "base": 1.0, "noise": 0.0, "peak": 10.0, "peak_every_s": 100.0,
    "peak_lasts_s": 20.0,
}  # fmt: skip


def test_a_value_is_a_function_of_the_time_and_peaks_in_the_middle_of_its_peak():
    wave = read_wave(WAVE, "x")
    assert [wave.at("S1", 1000.0 + second) for second in (0, 10, 20, 99)] == [1.0, 11.0, 1.0, 1.0]
    noisy = read_wave({**WAVE, "noise": 1.0}, "x")
    assert noisy.at("S1", 1234.0) == noisy.at("S1", 1234.0) != noisy.at("S2", 1234.0)


def test_what_a_sensor_sends_is_read_by_the_platforms_own_decoder():
    sent = []
    body = {
        "site": "a", "mqtt": {"host": "h", "port": 1}, "devices": [],
        "sensors": [{"code": "S1", "password": "p", "interval_s": 60, "waves": [{**WAVE, "channel": "c1"}]}],
    }  # fmt: skip
    plan = read_fleet(body).sensors[0]
    sensor = SimulatedSensor(plan, "a", lambda topic, payload: not sent.append((topic, payload)), Random(1), 0.0)
    sensor.work(100.0, 1_700_000_000_000)
    topic, payload = sent[0]
    reading = decode_json(payload, sender_code="S1").parts[0].readings[0]
    assert (topic, reading.quantity, reading.channel) == ("tw/v1/a/S1/messages", "lel", "c1")
    sensor.hear(json.dumps({"boot": sensor.boot, "seq": 1}).encode())
    assert (sensor.outbox.acknowledged, sensor.outbox.held) == (1, {})


@pytest.mark.parametrize("change", [{"base": float("nan")}, {"peak_lasts_s": 0.0}, {"colour": 1.0}])
def test_a_wave_that_makes_no_sense_is_refused_with_its_place(change):
    with pytest.raises(FleetFileRefused, match=r"sensors\[0\]"):
        read_wave({**WAVE, **change}, "sensors[0]")


def test_the_demos_sensors_stay_within_what_their_quantities_can_be():
    for sensor in demo_sensors():
        for stream in sensor.streams:
            wave = read_wave({**stream.wave, "since_s": 1_790_000_000.0}, sensor.code)
            values = [wave.at(sensor.code, 1_790_000_000 + 600 * n) for n in range(1000)]
            assert {reading_fault(wave.quantity, value) for value in values} == {""}
