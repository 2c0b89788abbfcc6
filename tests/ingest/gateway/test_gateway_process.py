"""The gateway as a real process between a device, its disk and a real broker: nothing lost, nothing doubled."""

from __future__ import annotations

import shutil

from deploy.supervision import wait_until
from tests.ingest.gateway.conftest import GatewayProcess, LocalDevice, Platform

LARGE = {"readings": [{"q": "pm10", "t": 1, "value": 1.0, "ch": "x" * 40}] * 200}


def numbers(body):
    """Time stamps of the fixes tell which lines a message carries."""
    return [part["fixes"][0]["t"] - 1_763_892_000_000 for part in body["parts"]]


def test_a_line_is_answered_forwarded_under_a_number_and_forgotten_after_the_acknowledgement(gateway, platform):
    platform.answers = False
    gateway.start()
    device = LocalDevice(gateway.port)
    line = device.line()
    assert device.say(line) == {"device": "H-1", "boot": "00aa11bb", "seq": 1}
    topic, body = platform.next()
    assert (topic, body["v"], body["seq"]) == ("", 1, 1)
    assert body["parts"] == [{"device": "H-1", "fixes": line["fixes"]}]
    assert wait_until(lambda: gateway.written().get("held_lines") == 1, 10)
    platform.answer(body["boot"], 1)
    assert wait_until(lambda: gateway.written()["held_lines"] == 0, 10)
    status = gateway.status()
    assert (status["running"], status["exit_status"], status["platform"]) == (True, 0, "connected")
    assert (status["acknowledged_since_start"], status["held_bytes"], status["disk"]) == (1, 0, "ok")


def test_a_line_that_comes_again_is_answered_and_not_taken_again(gateway, platform):
    gateway.start()
    device = LocalDevice(gateway.port)
    line = device.line()
    assert device.say(line) == device.say(line) == {"device": "H-1", "boot": "00aa11bb", "seq": 1}
    device.say(device.line())
    assert sorted(numbers(platform.next()[1]) + numbers(platform.next()[1])) == [1, 2]


def test_a_gateway_killed_before_the_acknowledgement_sends_the_same_bytes_under_the_same_number(gateway, platform):
    platform.answers = False
    gateway.start()
    device = LocalDevice(gateway.port)
    device.say(device.line())
    first = platform.next()[1]
    gateway.kill()
    assert gateway.status()["running"] is False
    gateway.start()
    assert platform.next() == ("/backfill", first)
    platform.answers = True
    platform.answer(first["boot"], first["seq"])
    device = LocalDevice(gateway.port)
    device.sequence = 1
    assert device.say(device.line())["seq"] == 2
    topic, second = platform.next()
    assert (topic, second["boot"], numbers(second)) == ("", first["boot"], [2])
    assert second["seq"] > first["seq"]


def test_killed_again_and_again_in_the_middle_of_writing_it_keeps_every_line_it_answered(gateway, broker):
    """The device repeats what has no answer, as its protocol says; the platform hears each line exactly once."""
    platform = Platform(broker.port)
    waiting: dict[int, dict] = {}
    sequence, answered = 0, 0
    for round_ in range(6):
        gateway.start()
        device = LocalDevice(gateway.port)
        device.sequence = sequence
        for _ in range(120):
            line = device.line()
            waiting[line["seq"]] = line
        sequence = device.sequence
        device.send(*waiting.values())
        for _ in range(40 + 13 * round_):  # killed with lines in its hands
            answer = device.answer()
            if answer is None:
                break
            waiting.pop(answer["seq"], None)
            answered += 1
        gateway.kill()
        device.close()
    gateway.start()
    device = LocalDevice(gateway.port)
    device.send(*waiting.values())
    for _ in list(waiting):
        assert "refused" not in device.answer()
    found: list[int] = []
    seen: set[int] = set()
    while len(found) < sequence:
        _, body = platform.next()
        if body["seq"] not in seen:  # the platform takes a number once
            seen.add(body["seq"])
            found += numbers(body)
    platform.close()
    assert answered > 300
    assert sorted(found) == list(range(1, 721))
    assert wait_until(lambda: gateway.written()["held_lines"] == 0, 20)


def test_while_the_broker_is_away_lines_are_kept_and_afterwards_live_ones_go_first(gateway, broker, platform):
    gateway.start()
    device = LocalDevice(gateway.port)
    device.say(device.line())
    assert numbers(platform.next()[1]) == [1]
    assert wait_until(lambda: gateway.written().get("acknowledged_since_start") == 1, 10)
    broker.kill()
    assert wait_until(lambda: gateway.written()["platform"].startswith("away"), 20)
    device.send(*(device.line() for _ in range(300)))
    assert [device.answer()["seq"] for _ in range(300)] == list(range(2, 302))
    assert wait_until(lambda: gateway.written()["held_lines"] == 300, 10)
    gateway.stop()  # what an earlier run left is no longer live
    broker.start()
    gateway.start()
    device = LocalDevice(gateway.port)
    device.sequence = 301
    device.say(device.line())
    messages = []
    while sum(len(body["parts"]) for _, body in messages) < 301:
        messages.append(platform.next())
    assert {
        topic: sorted(n for at, body in messages if at == topic for n in numbers(body)) for topic, _ in messages
    } == {
        "": [302],
        "/backfill": list(range(2, 302)),
    }
    assert len(messages) <= 4  # held-back lines travel together


def test_a_silent_platform_is_asked_again_with_the_same_bytes(gateway, platform):
    platform.answers = False
    gateway.start()
    device = LocalDevice(gateway.port)
    device.say(device.line())
    assert platform.next() == platform.next() == platform.next()


def test_one_line_that_the_platform_refuses_costs_no_other_line(gateway, broker, platform):
    platform.refuses = '"h_ref":"moon"'
    broker.kill()
    gateway.start()
    device = LocalDevice(gateway.port)
    lines = [device.line() for _ in range(9)]
    lines[4]["fixes"][0]["h_ref"] = "moon"
    device.send(*lines)
    assert [device.answer()["seq"] for _ in range(9)] == list(range(1, 10))
    broker.start()
    arrived: set[int] = set()
    while len(arrived) < 8:
        _, body = platform.next()
        if not any(part["fixes"][0]["h_ref"] == "moon" for part in body["parts"]):
            arrived |= set(numbers(body))
    assert arrived == {1, 2, 3, 4, 6, 7, 8, 9}
    assert wait_until(lambda: gateway.written()["refused_by_platform"] == 1, 20)
    assert wait_until(lambda: gateway.written()["held_lines"] == 0, 20)
    assert gateway.written()["last_refusal"] == 'parts: "h_ref":"moon"'


def test_a_full_journal_refuses_new_lines_and_keeps_the_old_ones(tmp_path, broker):
    gateway = GatewayProcess(tmp_path, broker.port, max_mib=1)
    broker.kill()
    gateway.start()
    device = LocalDevice(gateway.port)
    answers = [device.say(device.line(**LARGE)) for _ in range(120)]
    taken = [answer["seq"] for answer in answers if "refused" not in answer]
    refused = [answer for answer in answers if "refused" in answer]
    assert taken == list(range(1, len(taken) + 1))
    assert len(taken) > 50
    assert (refused[0]["refused"], refused[0]["again_s"]) == (
        f"the gateway holds {len(taken)} lines and has no room",
        30,
    )
    broker.start()
    platform = Platform(broker.port)
    assert wait_until(lambda: gateway.written()["acknowledged_since_start"] == len(taken), 30)
    assert "refused" not in device.say(device.line(**LARGE))
    platform.close()
    gateway.stop()


def test_a_full_disk_refuses_by_name_and_what_was_promised_still_arrives(small_disk, broker):
    """On a disk of its own that another program fills: the reserve lets the gateway number, send and forget."""
    gateway = GatewayProcess(small_disk, broker.port)
    broker.kill()
    gateway.start()
    device = LocalDevice(gateway.port)
    taken = [device.say(device.line(**LARGE))["seq"] for _ in range(20)]
    filler = small_disk / "filler"
    filler.write_bytes(bytes(shutil.disk_usage(small_disk).free - 4 * 2**20))
    assert device.say(device.line(**LARGE))["refused"] == "the disk of the gateway is full, but for the last 8 MiB"
    assert wait_until(lambda: gateway.written()["disk"] == "full", 10)
    broker.start()
    platform = Platform(broker.port)
    arrived = 0
    while arrived < len(taken):
        arrived += len(platform.next()[1]["parts"])
    assert wait_until(lambda: gateway.written()["acknowledged_since_start"] == 20, 30)
    filler.unlink()
    assert "refused" not in device.say(device.line())
    assert wait_until(lambda: gateway.written()["disk"] == "ok", 10)
    platform.close()
    gateway.stop()


def test_a_disk_that_refuses_to_write_undoes_the_whole_line_and_says_so(gateway, platform):
    platform.answers = False
    gateway.start(largest_file_bytes=400_000)
    device = LocalDevice(gateway.port)
    answers = [device.say(device.line(**LARGE)) for _ in range(80)]
    taken = [answer["seq"] for answer in answers if "refused" not in answer]
    refused = [answer["refused"] for answer in answers if "refused" in answer]
    assert 10 < len(taken) < 80
    assert refused[0] == "the gateway's disk: disk I/O error"
    assert wait_until(lambda: gateway.written()["disk"] == "disk I/O error", 10)
    gateway.kill()
    platform.answers = True
    while not platform.heard.empty():
        platform.heard.get()
    gateway.start()
    arrived: dict[int, int] = {}
    while sum(arrived.values()) < len(taken):
        _, body = platform.next()
        arrived[body["seq"]] = len(body["parts"])
    assert sum(arrived.values()) == len(taken)


def test_lines_that_no_gateway_could_take_are_refused_by_field(gateway, platform):
    gateway.start()
    device = LocalDevice(gateway.port)
    assert device.say(b"\xff") == {"refused": "not UTF-8 JSON (UnicodeDecodeError)"}
    assert device.say(b"[]") == {"refused": "a line must be an object"}
    assert device.say({**device.line(), "boot": "X"}) == {
        "refused": "boot: must be 4 to 32 lower-case hexadecimal digits"
    }
    assert device.say({**device.line(), "v": 2})["refused"] == "v: must be 1"
    assert device.say({**device.line(), "speed": 2})["refused"] == "speed: is not a field of version 1"
    assert device.say({**device.line(), "fixes": []})["refused"].startswith("a line carries 1 to 500")
    for number, (value, why) in enumerate(UNREADABLE):
        assert why in device.say({**device.line(), "readings": [{"q": "x", "t": 1, "value": value}]})["refused"], number
    assert device.say(device.line())["seq"] == 5 + len(UNREADABLE)
    assert wait_until(lambda: gateway.written()["refused_to_devices_since_start"] == 6 + len(UNREADABLE), 10)


UNREADABLE = [
    (float("inf"), "not UTF-8 JSON"),
    ("\ud800", "not UTF-8 JSON"),
    ([[[]]], "flat objects"),
]


def test_a_whole_number_of_400_digits_is_the_platforms_to_refuse_and_costs_no_other_line(gateway, platform):
    platform.refuses = "1" + "0" * 400
    gateway.start()
    device = LocalDevice(gateway.port)
    device.say({**device.line(), "readings": [{"q": "x", "t": 1, "value": 10**400}]})
    device.say(device.line())
    assert wait_until(lambda: gateway.written()["refused_by_platform"] == 1, 20)
    assert wait_until(lambda: gateway.written()["held_lines"] == 0, 20)
