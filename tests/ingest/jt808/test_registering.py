"""Who a terminal is: registering and authenticating, and what it hears while the database is away."""

from __future__ import annotations

import pytest
from django.db import connection
from django.utils import timezone

from ingest.jt808.listener import Limits
from spatial.devices.models import RefusedMessage, Sighting
from spatial.devices.operations import let_terminal_register
from spatial.devices.rules import is_password
from spatial.observations.models import Observation
from spatial.tracks.models import Message, Position
from tests.ingest.cast import place
from tests.ingest.jt808.listening import NUMBER, InThread, truck
from tests.ingest.jt808.terminal import Terminal, batch, location, registration


@pytest.mark.parametrize("version", [None, 1])
def test_a_terminal_registers_authenticates_and_is_answered_only_after_its_location_is_stored(
    running, live_cast, version
):
    device, first = truck(live_cast)
    terminal = Terminal(running.address, NUMBER, version=version)
    terminal.say(0x0100, registration(version=version))
    assert terminal.hear().body[2] == 3  # registered already: nobody let it register
    let_terminal_register(device=device, actor=live_cast.officer, now=timezone.now())
    asked = terminal.say(0x0100, registration(version=version))
    answer = terminal.hear()
    assert (answer.header.message_id, answer.header.version, answer.body[:3]) == (
        0x8100,
        version,
        asked.to_bytes(2) + b"\0",
    )
    code = answer.body[3:].decode()
    device.refresh_from_db()
    assert is_password(code, device.credential_hash) and code != first
    assert terminal.authenticate(code) == 0
    terminal.say(0x0002)
    assert terminal.answer()[1:] == (0x0002, 0)
    now = timezone.now()
    lon, lat = place(-50, 10)
    items = b"\x01\x04" + (1234).to_bytes(4)
    body = location(now, lon, lat, items=items)
    serial = terminal.say(0x0200, body)
    assert terminal.answer() == (serial, 0x0200, 0)
    row = Position.objects.get()
    assert (row.device_id, row.source, row.fix_time) == (device.pk, "GNSS", now.replace(microsecond=0))
    assert row.point.x == pytest.approx(lon, abs=2e-6)
    assert Observation.objects.get().value == 123.4
    again = terminal.say(0x0704, batch([body]))
    assert terminal.answer() == (again, 0x0704, 0)
    assert (Position.objects.count(), Message.objects.count()) == (1, 1)
    assert Sighting.objects.get().device == device
    device.refresh_from_db()
    assert device.firmware == ("V2.1" if version else "")
    terminal.say(0x0003)
    assert terminal.answer()[1:] == (0x0003, 0)
    terminal.close()


def test_while_the_database_is_away_a_terminal_hears_nothing_rather_than_that_its_code_is_wrong(live_cast):
    _device, code = truck(live_cast)
    database = connection.ops.quote_name(connection.settings_dict["NAME"])

    def end_sessions(most: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER DATABASE {database} CONNECTION LIMIT {most}")
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    with InThread(Limits()) as listener:
        assert Terminal(listener.address, NUMBER).authenticate(code) == 0
        try:
            end_sessions(most=0)
            with pytest.raises((EOFError, ConnectionError)):
                Terminal(listener.address, NUMBER).authenticate(code)
        finally:
            end_sessions(most=-1)  # the database is back: it went away and came before anybody asked
        assert RefusedMessage.objects.count() == 0
        assert Terminal(listener.address, NUMBER).authenticate(code) == 0
