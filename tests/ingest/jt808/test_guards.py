"""One connection cannot harm another: hostile, slow, silent and greedy ones are closed or no longer read."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from django.utils import timezone

from deploy.supervision import wait_until
from ingest.jt808.listener import Limits
from spatial.tracks.models import Position
from tests.ingest.cast import place
from tests.ingest.jt808.listening import NUMBER, InThread, truck
from tests.ingest.jt808.terminal import Terminal, location


def test_hostile_connections_do_not_harm_the_others(running, live_cast):
    device, code = truck(live_cast)
    good = Terminal(running.address, NUMBER)
    assert good.authenticate(code) == 0
    half = [Terminal(running.address, f"1390000{n:04}") for n in range(20)]
    for one in half:
        one.send(b"\x7e\x02\x00")  # and never the rest
    flood = Terminal(running.address, "13988888888")
    with pytest.raises((EOFError, ConnectionError)):
        for _ in range(200):
            flood.send(b"\x7e" + b"A" * 100_000)
        flood.hear()
    web = Terminal(running.address, "13977777777")
    web.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert web.closed()
    noise = Terminal(running.address, "13966666666")
    with pytest.raises((EOFError, ConnectionError)):
        for _ in range(200):
            noise.send(b"\x7e" + os.urandom(40).replace(b"\x7e", b"") + b"\x7e")
        noise.hear()
    serial = good.say(0x0200, location(timezone.now(), *place(-50, 10)))
    assert good.answer() == (serial, 0x0200, 0)
    assert Position.objects.filter(device=device).count() == 1
    for one in (good, *half, flood, noise, web):
        one.close()


def test_a_slow_sender_a_silent_one_and_one_without_a_code_are_closed(live_cast):
    _device, code = truck(live_cast)
    with InThread(Limits(authenticate_s=1.0, frame_s=0.5, idle_s=1.5)) as listener:
        nameless = Terminal(listener.address, "13900000001")
        assert nameless.closed()
        slow = Terminal(listener.address, NUMBER)
        assert slow.authenticate(code) == 0
        slow.send(b"\x7e\x02")
        assert slow.closed()
        silent = Terminal(listener.address, NUMBER)
        assert silent.authenticate(code) == 0
        assert silent.closed()


def test_one_address_and_all_together_may_hold_so_many_connections_and_uncommitted_locations(live_cast):
    _device, code = truck(live_cast)
    with InThread(Limits(strangers_per_address=3, pending_locations=5)) as listener:
        strangers = [Terminal(listener.address, f"1390000{n:04}") for n in range(3)]
        for stranger in strangers:
            stranger.send(b"\x7e")
        assert Terminal(listener.address, "13999999999").closed()
        strangers[0].close()

        def enters() -> bool:
            one = Terminal(listener.address, NUMBER)
            try:
                return one.authenticate(code) == 0
            except (EOFError, ConnectionError):
                return False

        assert wait_until(enters, 10)
    with InThread(Limits(pending_locations=5)) as listener:
        terminal = Terminal(listener.address, NUMBER)
        assert terminal.authenticate(code) == 0
        now = timezone.now()
        for n in range(40):  # nobody commits: after five we read no more, and nothing is answered
            terminal.say(0x0200, location(now + timedelta(seconds=n), 113.77, 34.76))
        assert wait_until(lambda: len(listener.sessions["live"].arrivals) >= 5, 10)
        assert len(listener.sessions["live"].arrivals) < 40
        terminal.close()
