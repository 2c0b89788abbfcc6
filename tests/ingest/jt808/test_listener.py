"""Terminals over real TCP: the process as it is deployed, the database behind it, and everything hostile in front."""

from __future__ import annotations

import asyncio
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from deploy.ports import free_port
from deploy.supervision import wait_until
from ingest.jt808.listener import Limits, Listener
from ingest.jt808.registry import TerminalRegistry
from spatial.alarms.models import Alarm
from spatial.devices.broker_files import service_credentials
from spatial.devices.models import Device, RefusedMessage, Sighting
from spatial.devices.operations import (
    let_terminal_register,
    register_device,
    renew_password,
    write_broker_credentials,
)
from spatial.devices.rules import DeviceFacts, is_password
from spatial.observations.models import Observation
from spatial.tracks.models import Message, Position
from tests.ingest.cast import Cast, build_cast, place
from tests.ingest.jt808.terminal import Terminal, batch, location, registration

ROOT = Path(__file__).resolve().parents[3]
NUMBER = "13912345678"


class Process:
    """`manage.py run_jt808` on the test database."""

    def __init__(self, folder: Path) -> None:
        self.address = ("127.0.0.1", free_port())
        self._log = folder / "jt808.log"
        self._process: subprocess.Popen | None = None

    def start(self) -> None:
        """Start it unless it runs, and wait until it listens."""
        if self._process is not None and self._process.poll() is None:
            return
        before = self.log_text().count("Receiving JT/T 808")
        environment = {
            **os.environ,
            "TWINWALL_PG_DATABASE": str(connection.settings_dict["NAME"]),
            "TWINWALL_JT808_PORT": str(self.address[1]),
        }
        self._process = subprocess.Popen(
            [sys.executable, "manage.py", "run_jt808"], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL,
            stdout=self._log.open("ab"), stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert wait_until(lambda: self.log_text().count("Receiving JT/T 808") > before, 90), self.log_text()

    def log_text(self) -> str:
        """What it logged so far."""
        return self._log.read_text(encoding="utf-8") if self._log.exists() else ""

    def end(self, number: int) -> None:
        """Send it a signal and wait until it is gone."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)
            self._process.wait(20)


@pytest.fixture(scope="module")
def process(services: Any, django_db_setup: None) -> Iterator[Process]:
    process = Process(services.folder)
    yield process
    process.end(signal.SIGTERM)


@pytest.fixture
def live_cast(services: Any, transactional_db: None) -> Cast:
    return build_cast(timezone.now())


@pytest.fixture
def running(process: Process, live_cast: Cast) -> Iterator[Process]:
    process.start()
    yield process
    print(process.log_text()[-3000:])
    process.start()


def truck(cast: Cast, number: str = NUMBER, code: str = "V-1", **facts: Any) -> tuple[Device, str]:
    return register_device(
        site=cast.site, code=f"{code}-{cast.site.code[-6:]}", name="渣土车", kind="vehicle", report_interval_s=10,
        facts=DeviceFacts(protocol="jt808", terminal_number=number, **facts), actor=None, now=timezone.now(),
    )  # fmt: skip


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


class InThread:
    """A listener with tight limits in a thread of this test."""

    def __init__(self, limits: Limits) -> None:
        self.listener = Listener(
            host="127.0.0.1", port=0, registry=TerminalRegistry(timezone.now), now=timezone.now, limits=limits
        )
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        asyncio.run(self.listener.serve(self._ready.set))
        connection.close()

    def __enter__(self) -> Listener:
        self._thread.start()
        assert self._ready.wait(10)
        return self.listener

    def __exit__(self, *_: object) -> None:
        self.listener.stop()
        self._thread.join(10)


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


def test_a_text_is_shown_and_a_new_code_or_retirement_ends_the_connection(live_cast):
    device, code = truck(live_cast)
    with InThread(Limits()) as listener:
        terminal = Terminal(listener.address, NUMBER)
        assert terminal.authenticate(code) == 0
        outcome = listener.send_text(device.code, "立即撤离", urgent=True)
        text = terminal.hear()
        assert (text.header.message_id, text.body) == (0x8300, b"\x0d" + "立即撤离".encode("gbk"))
        terminal.say(0x0001, text.header.serial.to_bytes(2) + (0x8300).to_bytes(2) + b"\0")
        assert outcome.result(10) == 0
        with pytest.raises(LookupError, match="not connected"):
            listener.send_text("V-9", "x").result(10)
        renew_password(device=device, actor=None, now=timezone.now())
        assert listener._loop is not None
        asyncio.run_coroutine_threadsafe(listener.review(), listener._loop).result(10)
        assert terminal.closed()


def test_a_command_reaches_a_terminal_as_a_text_and_its_answer_comes_back_as_a_receipt(running, services, live_cast):
    device, code = truck(live_cast)
    write_broker_credentials()
    username, password = service_credentials(settings.TWINWALL_SECRETS_DIR)
    receipts: queue.Queue[tuple[str, dict]] = queue.Queue()
    base = f"tw/v1/{live_cast.site.code}/{device.code}"
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    client.username_pw_set(username, password)
    client.on_message = lambda _c, _d, message: receipts.put((message.topic, json.loads(message.payload)))
    client.on_connect = lambda c, *_: c.subscribe(f"{base}/receipts", qos=1)
    listening = threading.Event()
    client.on_subscribe = lambda *_: listening.set()
    client.connect(services.mqtt_host, services.mqtt_port)
    client.loop_start()
    assert listening.wait(20)
    terminal = Terminal(running.address, NUMBER)
    assert terminal.authenticate(code) == 0
    command = json.dumps({"v": 1, "id": "0190-a", "kind": "voice", "text": "塔吊下方立即撤离"}).encode()
    client.publish(f"{base}/commands", command, qos=1)
    text = terminal.hear()
    assert (text.header.message_id, text.body[1:].decode("gbk")) == (0x8300, "塔吊下方立即撤离")
    terminal.say(0x0001, text.header.serial.to_bytes(2) + (0x8300).to_bytes(2) + b"\0")
    topic, said = receipts.get(timeout=20)
    assert (topic, said["id"], said["state"]) == (f"{base}/receipts", "0190-a", "played")
    client.publish(f"{base}/commands", command, qos=1)  # sent again: answered again, not shown again
    assert receipts.get(timeout=20)[1]["id"] == "0190-a"
    terminal.say(0x0002)
    assert terminal.answer()[1] == 0x0002
    terminal.close()
    client.loop_stop()


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
