"""The platform that terminals speak to: the listener as it is deployed, or in a thread of the test; and a truck."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils import timezone

from deploy.ports import free_port
from deploy.supervision import wait_until
from ingest.jt808.listener import Limits, Listener
from ingest.jt808.registry import TerminalRegistry
from spatial.devices.models import Device
from spatial.devices.operations import register_device
from spatial.devices.rules import DeviceFacts
from tests.ingest.cast import Cast

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


def truck(cast: Cast, number: str = NUMBER, code: str = "V-1", **facts: Any) -> tuple[Device, str]:
    return register_device(
        site=cast.site, code=f"{code}-{cast.site.code[-6:]}", name="渣土车", kind="vehicle", report_interval_s=10,
        facts=DeviceFacts(protocol="jt808", terminal_number=number, **facts), actor=None, now=timezone.now(),
    )  # fmt: skip
