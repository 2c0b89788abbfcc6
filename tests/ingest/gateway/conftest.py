"""A gateway process, a broker of its own, a platform that answers as the test says, and a device's TCP connection."""

from __future__ import annotations

import json
import os
import queue
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest

from deploy.ports import free_port
from deploy.supervision import wait_until

ROOT = Path(__file__).resolve().parents[3]
SITE, GATEWAY = "zd-1", "GW-1"
TOPIC = f"tw/v1/{SITE}/{GATEWAY}/messages"


class Broker:
    """A real Mosquitto that takes everybody; killed and started by the test."""

    def __init__(self, folder: Path) -> None:
        self.port, self._folder = free_port(), folder
        self._process: subprocess.Popen | None = None

    def start(self) -> None:
        """Start it and wait until it accepts connections."""
        settings = self._folder / "mosquitto.conf"
        settings.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\nuser root\n")
        self._process = subprocess.Popen(
            ["/usr/sbin/mosquitto", "-c", str(settings)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        assert wait_until(lambda: _listens(self.port), 10)

    def kill(self) -> None:
        """Kill it as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)


class Platform:
    """What stands behind the broker: hears everything, and acknowledges when `answers` is set."""

    def __init__(self, port: int) -> None:
        self.heard: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self.answers = True
        self.refuses: str | None = None
        self._client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="platform")
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = lambda client, *_: client.subscribe(f"{TOPIC}/#", qos=1)
        self._client.on_message = self._hear
        subscribed: queue.Queue[int] = queue.Queue()
        self._client.on_subscribe = lambda *_: subscribed.put(1)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        subscribed.get(timeout=10)

    def _hear(self, _client: Any, _data: Any, message: mqtt.MQTTMessage) -> None:
        payload = bytes(message.payload)
        self.heard.put((message.topic, payload))
        body = json.loads(payload)
        if self.refuses and self.refuses.encode() in payload:
            self.answer(body["boot"], body["seq"], refused=f"parts: {self.refuses}")
        elif self.answers:
            self.answer(body["boot"], body["seq"])

    def answer(self, boot: str, seq: int, **more: str) -> None:
        """Publish an acknowledgement."""
        self._client.publish(f"tw/v1/{SITE}/{GATEWAY}/ack", json.dumps({"boot": boot, "seq": seq, **more}), qos=1)

    def next(self) -> tuple[str, dict[str, Any]]:
        """Return topic and content of the next message."""
        topic, payload = self.heard.get(timeout=20)
        return topic.removeprefix(TOPIC), json.loads(payload)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


class GatewayProcess:
    """The real `python -m ingest.gateway` with a file of its own."""

    def __init__(self, folder: Path, broker_port: int, *, max_mib: int = 16) -> None:
        self.folder, self.port = folder, free_port()
        self.file, self.journal = folder / "gateway.json", folder / "journal.sqlite3"
        body = {
            "site": SITE,
            "gateway": GATEWAY,
            "password": "secret",
            "broker": {"host": "127.0.0.1", "port": broker_port},
            "listen": {"host": "127.0.0.1", "port": self.port},
            "journal": {"file": "journal.sqlite3", "max_mib": max_mib},
        }
        self.file.write_text(json.dumps(body))
        self._process: subprocess.Popen | None = None

    def start(self, *, largest_file_bytes: int | None = None) -> None:
        """Start it and wait until devices reach it; with a limit, the system refuses to let its files grow further."""

        def limit() -> None:
            if largest_file_bytes is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file_bytes, largest_file_bytes))

        self._process = subprocess.Popen(
            [sys.executable, "-m", "ingest.gateway", str(self.file)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=(self.folder / "gateway.log").open("ab"),
            stderr=subprocess.STDOUT,
            preexec_fn=limit,
        )
        assert wait_until(lambda: _listens(self.port), 15), (self.folder / "gateway.log").read_text()

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

    def status(self) -> dict[str, Any]:
        """What `--status` says."""
        command = [sys.executable, "-m", "ingest.gateway", str(self.file), "--status"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        return {**json.loads(done.stdout), "exit_status": done.returncode}

    def written(self) -> dict[str, Any]:
        """What the status file says now."""
        file = self.journal.with_suffix(".status.json")
        found: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
        return found


class LocalDevice:
    """A device beside the gateway: sends lines, keeps each until it is answered."""

    def __init__(self, port: int, code: str = "H-1") -> None:
        self.code, self.boot, self.sequence = code, "00aa11bb", 0
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=15)
        self._answers = self._socket.makefile("rb")

    def line(self, **fields: Any) -> dict[str, Any]:
        """Return the device's next line with one fix, or with what is given."""
        self.sequence += 1
        fix = {"t": 1_763_892_000_000 + self.sequence, "lon": 113.77, "lat": 34.76, "h": 96.4}
        fix |= {"h_ref": "yellow_sea", "acc": 0.3, "src": "UWB"}
        head = {"v": 1, "device": self.code, "boot": self.boot, "seq": self.sequence}
        return {**head, **(fields or {"fixes": [fix]})}

    def send(self, *lines: dict[str, Any] | bytes) -> None:
        """Send lines without waiting for answers."""
        packed = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
        self._socket.sendall(b"".join(text + b"\n" for text in packed))

    def answer(self) -> dict[str, Any] | None:
        """The next answer; None when the gateway is gone."""
        try:
            text = self._answers.readline()
        except ConnectionError:
            return None
        return json.loads(text) if text.endswith(b"\n") else None

    def say(self, line: dict[str, Any] | bytes) -> dict[str, Any] | None:
        """Send one line and return its answer."""
        self.send(line)
        return self.answer()

    def close(self) -> None:
        self._socket.close()


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    broker = Broker(tmp_path)
    broker.start()
    yield broker
    broker.kill()


@pytest.fixture
def platform(broker: Broker) -> Iterator[Platform]:
    platform = Platform(broker.port)
    yield platform
    platform.close()


@pytest.fixture
def gateway(tmp_path: Path, broker: Broker) -> Iterator[GatewayProcess]:
    gateway = GatewayProcess(tmp_path, broker.port)
    yield gateway
    gateway.stop()
    print((tmp_path / "gateway.log").read_text())


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 32 MB of its own, where this machine lets us mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", place], capture_output=True).returncode:
        pytest.skip("mounting a small disk needs root")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)
