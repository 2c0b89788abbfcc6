"""From publish to the event at an SSE client, p99, while 20,000 and 100,000 positions a second pass, against the bare
delivery of the same probe messages by the same broker to a second MQTT subscriber at the same time.

A probe is a helmet's own message whose two fixes lie in a danger zone (or outside it): it enters, an alarm is raised
and its durable event is read by a real HTTP client of the site's stream; then it leaves, and the alarm is cleared.
The helmets of the load raise alarms of their own meanwhile: only events of the probe's alarm count.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from deploy.ports import free_port
from spatial import crs
from spatial.devices.operations import register_device, write_broker_credentials
from spatial.people.operations import create_user, grant_role

from ..harness import Row, Unmeasured, row_of
from .ground import EAST_M, NORTH_M, SMALL, SRID, Ground, batches, connected, make_ground
from .sustained import PARTS, PER_BATCH, ROOT, ingest_running

RATES = (2_000, 5_000) if SMALL else (20_000, 100_000)
PROBES = 20 if SMALL else 200
PROBE_EVERY_S = 0.15
QUIET_S = 3.0
LOT = 60
PEER = "bare delivery to a second MQTT subscriber"


@contextmanager
def web_running() -> Iterator[int]:
    """Run the web server on a free port."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "webmap.project.asgi:application", "--port", str(port),
               "--no-access-log", "--log-level", "warning", "--timeout-graceful-shutdown", "3"]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, env=dict(os.environ), stdin=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 90
        while time.monotonic() < end:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.2)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def session_cookie(ground: Ground) -> str:
    """Log a safety officer of the site in, and return the cookie."""
    user = create_user(username=f"m-{uuid4().hex[:8]}", password="Correct-horse-9", full_name="测")
    grant_role(user=user, role="site_safety", site=ground.site)
    session = SessionStore()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


class StreamReader:
    """Reads a site's stream and notes when each event of the alarms of one device came."""

    def __init__(self, ground: Ground, port: int, code: str) -> None:
        self._code = code.encode()
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._connection.request("GET", f"/api/v1/sites/{ground.site.code}/stream",
                                 headers={"Cookie": session_cookie(ground), "Host": "127.0.0.1"})  # fmt: skip
        self._answer = self._connection.getresponse()
        if self._answer.status != 200:
            raise LookupError(f"the stream answered {self._answer.status}")
        self.came: list[float] = []
        self.heard = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        try:
            for line in self._answer:
                if self._tells_of_probe(line):
                    with self.heard:
                        self.came.append(time.perf_counter())
                        self.heard.notify_all()
        except (OSError, ValueError, AttributeError, http.client.HTTPException):  # closed under the reader
            return

    def _tells_of_probe(self, line: bytes) -> bool:
        return (
            line.startswith(b"data:") and self._code in line and (b"alarm_raised" in line or b"alarm_cleared" in line)
        )

    def close(self) -> None:
        """End the stream."""
        self._connection.close()


class Load(threading.Thread):
    """Publishes batches of the gateway at a rate until it is stopped."""

    def __init__(self, ground: Ground, rate: int, boot: int) -> None:
        super().__init__(daemon=True)
        self.client = connected(ground.gateway.code, ground.password)
        self.topic, self.pause_s = ground.topic, PER_BATCH / rate
        self.ground, self.boot, self.stopping, self.sent = ground, boot, threading.Event(), 0
        self.ready = self._next()

    def _next(self) -> list[bytes]:
        """Return the batches of the seconds that come: each helmet's fixes go on where its last ones ended."""
        span_s = self.pause_s * len(self.ground.codes) / PARTS
        end_us = time.time_ns() // 1000 + int(LOT * self.pause_s * 1e6)
        return list(batches(self.ground, count=LOT, fixes=PER_BATCH, parts=PARTS, boot=self.boot,
                            span_s=span_s, end_us=end_us))  # fmt: skip

    def run(self) -> None:
        due = time.perf_counter()
        made = iter(self.ready)
        while not self.stopping.is_set():
            payload = next(made, None)
            if payload is None:
                self.boot += 1
                made = iter(self._next())
                continue
            self.client.publish(self.topic, payload, qos=1)
            self.sent += PER_BATCH
            due += self.pause_s
            time.sleep(max(0.0, due - time.perf_counter()))
        self.client.disconnect()
        self.client.loop_stop()


def _probe_body(number: int, inside: bool) -> bytes:
    east, north = (6.0, 6.0) if inside else (20.0, 6.0)
    lon, lat = crs.transform_point(EAST_M + east, NORTH_M + north, from_srid=SRID, to_srid=4490)
    at = datetime.now(UTC)
    fixes = [
        {"t": int((at - timedelta(milliseconds=wait)).timestamp() * 1000), "lon": lon, "lat": lat, "h": 96.0,
         "h_ref": "yellow_sea", "acc": 0.3, "src": "UWB"}
        for wait in (60, 0)
    ]  # fmt: skip
    return json.dumps({"v": 1, "boot": "0a0b0c0d", "seq": number, "fixes": fixes}).encode()


def _measure(
    ground: Ground, reader: StreamReader, probe: tuple[str, str], first: int
) -> tuple[list[float], list[float]]:
    """Send probes one after the other; returns seconds to the event, and seconds of bare delivery."""
    code, password = probe
    sender, bare = connected(code, password), connected(*_watcher())
    delivered: list[float] = []
    topic = f"tw/v1/{ground.site.code}/{code}/positions"
    bare.on_message = lambda _c, _d, _m: delivered.append(time.perf_counter())
    bare.subscribe(topic, qos=1)
    time.sleep(0.5)
    to_event, to_subscriber = [], []
    for number in range(PROBES):
        before_events, before_bare = len(reader.came), len(delivered)
        started = time.perf_counter()
        sender.publish(topic, _probe_body(first + number, inside=number % 2 == 0), qos=1)
        with reader.heard:
            if not reader.heard.wait_for(lambda n=before_events: len(reader.came) > n, timeout=20):
                raise TimeoutError(f"no event of probe {number} came in 20 s")
            to_event.append(reader.came[before_events] - started)
        while len(delivered) == before_bare:
            time.sleep(0.001)
        to_subscriber.append(delivered[before_bare] - started)
        time.sleep(PROBE_EVERY_S)
    for client in (sender, bare):
        client.disconnect()
        client.loop_stop()
    return to_event, to_subscriber


def _watcher() -> tuple[str, str]:
    from .sustained import _service_account

    return _service_account()


def p99(values: list[float]) -> float:
    """Return the 99th percentile."""
    return statistics.quantiles(values, n=100, method="inclusive")[-1]


def rows(pairs: int) -> Iterator[Row | Unmeasured]:
    """Yield p99 and median of ours and of bare delivery at each rate."""
    ground = make_ground(helmets=1_000)
    code = f"P-{uuid4().hex[:6]}"
    _, password = register_device(site=ground.site, code=code, name="探针", kind="vehicle", report_interval_s=5,
                                  actor=None, now=datetime.now(UTC))  # fmt: skip
    write_broker_credentials()
    with ingest_running(), web_running() as port, closing(StreamReader(ground, port, code)) as reader:
        for turn, rate in enumerate(RATES):
            at_worst: list[tuple[float, float]] = []
            usually: list[tuple[float, float]] = []
            sent: list[Any] = []
            for pair in range(pairs):
                load = Load(ground, rate, boot=10_000 * (1 + turn) + 100 * pair)
                load.start()
                time.sleep(QUIET_S)
                began = time.perf_counter(), load.sent
                ours, bare = _measure(ground, reader, (code, password), first=1000 * (turn * pairs + pair))
                sent.append((load.sent - began[1]) / (time.perf_counter() - began[0]))
                load.stopping.set()
                load.join()
                time.sleep(QUIET_S)
                at_worst.append((p99(ours), p99(bare)))
                usually.append((statistics.median(ours), statistics.median(bare)))
            load_name = f"{rate:,} positions/s ({statistics.median(sent):,.0f} sent)"
            yield row_of(name=f"publish to event at an SSE client, p99, {load_name}", unit="s",
                       measured=at_worst, peer_name=PEER, goal=3)  # fmt: skip
            yield row_of(name=f"publish to event at an SSE client, median, {load_name}", unit="s",
                       measured=usually, peer_name=PEER)  # fmt: skip
