"""The way back: texts and commands that a terminal shows, and its receipt."""

from __future__ import annotations

import asyncio
import json
import queue
import threading

import paho.mqtt.client as mqtt
import pytest
from django.conf import settings
from django.utils import timezone

from ingest.jt808.listener import Limits
from spatial.devices.broker_files import service_credentials
from spatial.devices.operations import renew_password, write_broker_credentials
from tests.ingest.jt808.listening import NUMBER, InThread, truck
from tests.ingest.jt808.terminal import Terminal


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
