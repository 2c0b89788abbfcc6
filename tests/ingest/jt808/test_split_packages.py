"""Messages that come in packages: what is missing is asked for, and named when it never comes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from deploy.supervision import wait_until
from ingest.jt808.listener import Limits
from spatial.devices.models import RefusedMessage
from spatial.tracks.models import Position
from tests.ingest.cast import place
from tests.ingest.jt808.listening import NUMBER, InThread, truck
from tests.ingest.jt808.terminal import Terminal, batch, location


@pytest.mark.parametrize("version", [None, 1])
def test_a_batch_whose_packages_were_lost_is_asked_for_and_stored_whole(running, live_cast, version):
    device, code = truck(live_cast)
    terminal = Terminal(running.address, NUMBER, version=version)
    assert terminal.authenticate(code) == 0
    start = timezone.now() - timedelta(minutes=10)
    body = batch([location(start + timedelta(seconds=n), *place(-60 + n / 10, 10)) for n in range(60)], backfill=True)
    pieces = [body[at : at + 500] for at in range(0, len(body), 500)]
    sent = [
        terminal.frame(0x0704, piece, package_total=len(pieces), package_index=number)
        for number, piece in enumerate(pieces, start=1)
    ]
    first = terminal.serial - len(pieces) + 1
    for content in (sent[0], *sent[2:]):
        terminal.send(content)
    ask = terminal.hear()  # after five seconds without the second one
    assert ask.header.message_id == 0x8003
    assert ask.body == first.to_bytes(2) + (1).to_bytes(2 if version else 1) + (2).to_bytes(2)
    assert Position.objects.count() == 0
    terminal.send(sent[1])
    assert sorted(terminal.answer() for _ in pieces) == [(first + n, 0x0704, 0) for n in range(len(pieces))]
    assert Position.objects.filter(device=device).count() == 60
    terminal.say(0x0004)
    assert terminal.hear().header.message_id == 0x8004
    terminal.close()


def test_packages_that_never_come_are_named_among_the_refused_messages(live_cast):
    device, code = truck(live_cast)
    with InThread(Limits(package_s=0.2)) as listener:
        terminal = Terminal(listener.address, NUMBER)
        assert terminal.authenticate(code) == 0
        terminal.send(terminal.frame(0x0704, b"\0\x01\0", package_total=3, package_index=1))
        assert [terminal.hear().header.message_id for _ in range(3)] == [0x8003] * 3
        assert wait_until(lambda: RefusedMessage.objects.filter(device_code=device.code).exists(), 10)
        refused = RefusedMessage.objects.get(device_code=device.code)
        assert refused.reason == "packages: of 0x0704, 3 packages these never came: 2, 3"
        terminal.say(0x0002)  # and the connection goes on
        assert terminal.answer()[1:] == (0x0002, 0)
        terminal.close()
