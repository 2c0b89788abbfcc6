"""A helmet behind a gateway: its fixes arrive in the compact form, commands reach it, and its receipts come back."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from deploy.ports import free_port
from deploy.supervision import wait_until
from ingest.gateway.running import read_status
from spatial.commands.models import Delivery
from spatial.commands.operations import send_command
from spatial.devices.operations import register_device, write_broker_credentials
from spatial.tracks.models import Message, Position
from tests.ingest.cast import Cast
from tests.ingest.conftest import ROOT
from tests.ingest.test_commands_end_to_end import sender  # noqa: F401


class Local:
    """A helmet on a cable to the gateway; it speaks in lines."""

    def __init__(self, port: int, code: str) -> None:
        self.code = code
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._lines = self._socket.makefile("rb")

    def say(self, **body: Any) -> None:
        self._socket.sendall(json.dumps({"v": 1, "device": self.code, **body}).encode() + b"\n")

    def hear(self) -> dict[str, Any]:
        return json.loads(self._lines.readline())

    def close(self) -> None:
        self._lines.close()
        self._socket.close()


@pytest.fixture
def gateway(services: Any, live_cast: Cast, tmp_path: Any) -> Iterator[tuple[int, Any]]:
    """A real gateway process of the cast's site, in the compact form; yields its port and its row."""
    row, password = register_device(site=live_cast.site, code=f"G-{live_cast.site.code}", name="网关", kind="gateway",
                                    report_interval_s=5, actor=None, now=timezone.now())  # fmt: skip
    write_broker_credentials()
    port, file = free_port(), tmp_path / "gateway.json"
    body = {
        "site": live_cast.site.code, "gateway": row.code, "password": password, "form": "binary",
        "broker": {"host": services.mqtt_host, "port": services.mqtt_port},
        "listen": {"host": "127.0.0.1", "port": port}, "journal": {"file": "journal.sqlite3"},
    }  # fmt: skip
    file.write_text(json.dumps(body))
    process = subprocess.Popen([sys.executable, "-m", "ingest.gateway", str(file)], cwd=ROOT,
                               env={**os.environ, "PYTHONPATH": str(ROOT)})  # fmt: skip
    status = tmp_path / "journal.status.json"
    assert wait_until(lambda: read_status(status, timezone.now().timestamp()).get("platform") == "connected", 60)
    yield port, row
    process.terminate()
    process.wait(20)


def test_a_helmet_behind_a_gateway_is_heard_called_and_answers(services, live_cast, ingest, sender, gateway):  # noqa: F811
    port, row = gateway
    helmet = Local(port, live_cast.helmet.code)
    try:
        fix = live_cast.fix(timezone.now(), -30.0)
        helmet.say(boot="00aa", seq=1, battery=71, fixes=[fix])
        assert helmet.hear() == {"device": live_cast.helmet.code, "boot": "00aa", "seq": 1}
        assert wait_until(lambda: Position.objects.count() == 1, 30)
        position = Position.objects.get()
        assert (position.device_id, Message.objects.get().device_id) == (live_cast.helmet.pk, row.pk)
        assert abs(position.point.x - fix["lon"]) <= 0.6e-7

        send_command(site=live_cast.site, devices=[live_cast.helmet], kind="voice", text="请立即撤离", target="person",
                     target_label="张三", actor=live_cast.officer, now=timezone.now())  # fmt: skip
        heard = helmet.hear()
        assert (heard["device"], heard["command"]["text"]) == (live_cast.helmet.code, "请立即撤离")
        moment = int(timezone.now().timestamp() * 1000)
        helmet.say(receipt={"id": heard["command"]["id"], "state": "played", "t": moment})
        assert helmet.hear() == {"device": live_cast.helmet.code, "receipt": "carried"}
        assert wait_until(lambda: Delivery.objects.get().state == "played", 20)

        helmet.say(receipt={"id": "x" * 2000})
        assert helmet.hear()["refused"] == "receipt: 2015 bytes, more than 1024"
        helmet.say(receipt=[1])
        assert helmet.hear()["refused"] == "a receipt is a line of v, device and receipt (an object)"
    finally:
        helmet.close()
