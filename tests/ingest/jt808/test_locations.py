"""Locations over real TCP: stored before they are answered, refused with a reason, taken once after a kill."""

from __future__ import annotations

import signal
from datetime import timedelta

from django.utils import timezone

from spatial.alarms.models import Alarm
from spatial.devices.models import RefusedMessage
from spatial.tracks.models import Position
from tests.ingest.cast import place
from tests.ingest.jt808.listening import NUMBER, truck
from tests.ingest.jt808.terminal import Terminal, batch, location, registration


def test_a_batch_from_where_there_was_no_network_is_stored_whole_and_the_emergency_button_raises_its_alarm(
    running, live_cast
):
    device, code = truck(live_cast)
    terminal = Terminal(running.address, NUMBER)
    assert terminal.authenticate(code) == 0
    start = timezone.now() - timedelta(minutes=10)
    old = [location(start + timedelta(seconds=n), *place(-60 + n / 10, 10)) for n in range(20)]
    serial = terminal.say(0x0704, batch(old, backfill=True))
    assert terminal.answer() == (serial, 0x0704, 0)
    assert Position.objects.filter(device=device).count() == 20
    terminal.say(0x0200, location(timezone.now(), *place(-50, 10), alarms=1))
    assert terminal.answer()[1:] == (0x0200, 0)
    assert Alarm.objects.filter(device=device, rule="P-08").count() == 1
    terminal.close()


def test_what_cannot_be_used_is_kept_with_its_reason_and_answered_as_wrong(running, live_cast):
    device, code = truck(live_cast)
    stranger = Terminal(running.address, "13900000000")
    stranger.say(0x0100, registration())
    assert stranger.hear().body[2] == 4
    assert stranger.authenticate("anything") == 1
    assert stranger.closed()
    terminal = Terminal(running.address, NUMBER)
    terminal.say(0x0200, location(timezone.now(), 113.77, 34.76))
    assert terminal.answer()[2] == 1
    assert terminal.closed()
    terminal = Terminal(running.address, NUMBER)
    assert terminal.authenticate(code) == 0
    serial = terminal.say(0x0200, location(timezone.now() + timedelta(hours=2), 113.77, 34.76))
    assert terminal.answer() == (serial, 0x0200, 2)
    terminal.say(0x0200, b"\0" * 27)
    assert terminal.answer()[2] == 2
    reasons = set(RefusedMessage.objects.filter(device_code=device.code).values_list("reason", flat=True))
    assert any("ahead of the server's clock" in reason for reason in reasons)
    assert any(reason.startswith("location: 27 bytes") for reason in reasons)
    assert RefusedMessage.objects.filter(reason="device: unknown terminal number").count() == 2
    assert Position.objects.count() == 0
    terminal.close()


def test_a_killed_listener_loses_nothing_that_it_answered_and_doubles_nothing_that_is_sent_again(running, live_cast):
    device, code = truck(live_cast)
    start = timezone.now() - timedelta(minutes=5)
    bodies = [location(start + timedelta(seconds=n), *place(-60 + n / 10, 10)) for n in range(60)]
    answered = 0
    waiting = list(bodies)
    while waiting:
        terminal = Terminal(running.address, NUMBER)
        assert terminal.authenticate(code) == 0
        for body in waiting[:25]:
            terminal.say(0x0200, body)
        try:
            for number in range(len(waiting[:25])):
                if answered == 0 and number == 7:
                    running.end(signal.SIGKILL)
                terminal.answer()
                waiting.pop(0)
                answered += 1
        except (EOFError, ConnectionError, IndexError):
            running.start()
        terminal.close()
        if answered and answered < 25:
            assert Position.objects.filter(device=device).count() >= answered
    assert Position.objects.filter(device=device).count() == 60


def test_a_terminal_whose_locations_are_refused_by_the_hundred_has_an_answer_to_each(running, live_cast):
    _device, code = truck(live_cast)
    terminal = Terminal(running.address, NUMBER)
    assert terminal.authenticate(code) == 0
    ahead = timezone.now() + timedelta(hours=2)
    for _ in range(2):
        bodies = [location(ahead + timedelta(seconds=n), 113.77, 34.76) for n in range(700)]
        serials = [terminal.say(0x0200, body) for body in bodies]
        assert sorted(terminal.answer() for _ in serials) == [(serial, 0x0200, 2) for serial in serials]
    terminal.close()
