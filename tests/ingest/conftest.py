"""The cast, and a running ingest service on the throw-away broker and database."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from django.db import connection

from deploy.supervision import wait_until
from spatial.devices.operations import write_broker_credentials
from tests.ingest.cast import Cast, build_cast

RECEIVING = "Receiving live messages from the broker"
ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def cast(db: None) -> Cast:
    """The cast inside the test's own transaction."""
    return build_cast()


@pytest.fixture
def live_cast(services: Any, transactional_db: None) -> Cast:
    """The cast, committed, with the broker's files written."""
    cast = build_cast()
    write_broker_credentials()
    return cast


class IngestProcess:
    """The real `manage.py run_ingest` as a process of its own, on the test database."""

    def __init__(self, folder: Path) -> None:
        self._log = folder / "ingest.log"
        self._process: subprocess.Popen | None = None

    def start(self) -> None:
        """Start it unless it runs, and wait until it listens."""
        if self._process is not None and self._process.poll() is None:
            return
        before = self.log_text().count(RECEIVING)
        self._process = manage("run_ingest", log=self._log)
        assert wait_until(lambda: self.log_text().count(RECEIVING) > before, 60), self.log_text()

    def log_text(self) -> str:
        """What it has logged so far; shown with a test that fails."""
        return self._log.read_text(encoding="utf-8") if self._log.exists() else ""

    def kill(self) -> None:
        """Kill it as a crash would."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(10)

    def stop(self) -> None:
        """Stop it in good order."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(20)


def manage(*arguments: str, log: Path) -> subprocess.Popen:
    """Run a management command in the background, on the test database."""
    database = str(connection.settings_dict["NAME"])
    return subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**os.environ, "TWINWALL_PG_DATABASE": database},
        stdin=subprocess.DEVNULL,
        stdout=log.open("ab"),
        stderr=subprocess.STDOUT,
    )


@pytest.fixture(scope="package")
def ingest_process(services: Any, django_db_setup: None) -> Iterator[IngestProcess]:
    """The ingest service, started once for the package."""
    process = IngestProcess(services.folder)
    yield process
    process.stop()


@pytest.fixture
def ingest(ingest_process: IngestProcess, live_cast: Cast) -> Iterator[IngestProcess]:
    """The ingest service, running now and quiet when the test ends (the database is emptied then)."""
    ingest_process.start()
    yield ingest_process
    print(ingest_process.log_text())
    ingest_process.start()


class Client:
    """A plain MQTT client, as any device maker would write one."""

    def __init__(self, services: Any, username: str | None, password: str | None, site: str) -> None:
        self.site, self.username = site, username
        self.answers: queue.Queue[tuple[str, dict[str, Any]]] = queue.Queue()
        self.outcome: queue.Queue[str] = queue.Queue()
        self._published: queue.Queue[int] = queue.Queue()
        self._client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"test-{username}")
        if username is not None:
            self._client.username_pw_set(username, password)
        self._client.on_connect = lambda _c, _d, _f, reason, _p: self.outcome.put(str(reason))
        self._client.on_message = lambda _c, _d, message: self.answers.put((message.topic, json.loads(message.payload)))
        self._client.on_publish = lambda _c, _d, mid, _r, _p: self._published.put(mid)
        self._client.connect(services.mqtt_host, services.mqtt_port)
        self._client.loop_start()
        self.said = self.outcome.get(timeout=10)

    def listen(self, device: str | None = None) -> None:
        """Subscribe to the acknowledgements of a device (its own, unless another is named)."""
        granted: queue.Queue[Any] = queue.Queue()
        self._client.on_subscribe = lambda _c, _d, _m, reasons, _p: granted.put(reasons)
        self._client.subscribe(f"tw/v1/{self.site}/{device or self.username}/ack", qos=1)
        granted.get(timeout=10)

    def publish(
        self, body: Any, *, site: str | None = None, device: str | None = None, kind: str = "positions"
    ) -> None:
        """Publish a body (JSON, or raw bytes) and wait until the broker has it."""
        payload = body if isinstance(body, bytes) else json.dumps(body).encode()
        topic = f"tw/v1/{site or self.site}/{device or self.username}/{kind}"
        self._client.publish(topic, payload, qos=1)
        self._published.get(timeout=10)

    def answer(self, timeout_s: float = 15.0) -> dict[str, Any]:
        """The next acknowledgement."""
        return self.answers.get(timeout=timeout_s)[1]

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def connected(services: Any, cast: Cast) -> Client:
    """A client with the helmet's credentials; the broker reads new credentials within a second."""
    clients: list[Client] = []

    def succeeds() -> bool:
        client = Client(services, cast.helmet.code, cast.password, cast.site.code)
        if client.said == "Success":
            clients.append(client)
            return True
        client.close()
        return False

    assert wait_until(succeeds, 15), "the broker never accepted the helmet's credentials"
    clients[0].listen()
    return clients[0]


@pytest.fixture
def helmet(services: Any, ingest: IngestProcess, live_cast: Cast) -> Iterator[Client]:
    """The helmet's own client, connected, while the ingest service runs."""
    client = connected(services, live_cast)
    yield client
    client.close()
