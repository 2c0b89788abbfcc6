"""Positions per second from the broker to the database, stored and evaluated, against one message at a time by ORM.

Ours is the real `manage.py run_ingest` beside the real broker; a gateway publishes binary batches as fast as they are
acknowledged, and every position is counted afterwards. The peer is what one writes first: paho hands over one JSON
message per position, and Django's ORM looks up the device, asks which zones hold it, and saves the position.
"""

from __future__ import annotations

import json
import os
import queue
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.contrib.gis.geos import Point

from spatial.devices.models import Device
from spatial.tracks.models import LatestPosition, Position
from spatial.zones.models import Zone

from ..harness import Row, Unmeasured, row_of
from .ground import SMALL, Ground, batches, connected, fixes_of, make_ground

ROOT = Path(__file__).resolve().parents[3]
HELMETS = 500 if SMALL else 5_000
PER_BATCH, PARTS = 1000, 100
BATCHES = 50 if SMALL else 1500
PEER_MESSAGES = 200 if SMALL else 2_000
UNDER_WAY = 60


@contextmanager
def ingest_running(workers: int = 1) -> Iterator[Path]:
    """Run the real ingest service; yields its log."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "ingest.log"
        command = [sys.executable, "manage.py", "run_ingest", "--workers", str(workers)]
        process = subprocess.Popen(command, cwd=ROOT, env=dict(os.environ), stdin=subprocess.DEVNULL,
                                   stdout=log.open("ab"), stderr=subprocess.STDOUT)  # fmt: skip
        try:
            end = time.monotonic() + 90
            while "Receiving live messages" not in log.read_text(encoding="utf-8"):
                if time.monotonic() > end or process.poll() is not None:
                    raise TimeoutError(log.read_text(encoding="utf-8")[-500:])
                time.sleep(0.1)
            yield log
        finally:
            process.terminate()
            process.wait(30)


def publish_all(ground: Ground, *, count: int, boot: int, end_us: int) -> float:
    """Publish batches with at most `UNDER_WAY` of them unacknowledged, and return the seconds until all are."""
    client = connected(ground.gateway.code, ground.password)
    room = threading.Semaphore(UNDER_WAY)
    answers: queue.Queue[dict[str, Any]] = queue.Queue()

    def on_message(_client: Any, _data: Any, message: Any) -> None:
        answers.put(json.loads(message.payload))
        room.release()

    client.on_message = on_message
    client.subscribe(ground.topic.removesuffix("binary") + "ack", qos=1)
    ready = list(batches(ground, count=count, fixes=PER_BATCH, parts=PARTS, boot=boot, end_us=end_us))
    started = time.perf_counter()
    for payload in ready:
        if not room.acquire(timeout=120):
            raise TimeoutError("no acknowledgement came for two minutes")
        client.publish(ground.topic, payload, qos=1)
    got = [answers.get(timeout=120) for _ in range(count)]
    elapsed = time.perf_counter() - started
    client.disconnect()
    client.loop_stop()
    if bad := [one for one in got if "refused" in one or "left_out" in one]:
        raise ValueError(f"the service answered {bad[0]}")
    return elapsed


def peer_positions_per_second(ground: Ground, count: int) -> float:
    """Take one JSON message per position and save it by the ORM; returns positions per second."""
    sender = connected(ground.gateway.code, ground.password)
    done: queue.Queue[None] = queue.Queue()
    arrived: queue.Queue[bytes] = queue.Queue()
    listener = connected(*_service_account())
    listener.on_message = lambda _c, _d, message: arrived.put(message.payload)
    listener.subscribe("tw/v1/+/+/positions", qos=1)

    def serve() -> None:
        for _ in range(count):
            _save_by_orm(json.loads(arrived.get(timeout=60)))
            done.put(None)

    worker = threading.Thread(target=serve, daemon=True)
    worker.start()
    fixes = fixes_of(count, count, seed=1, end_us=time.time_ns() // 1000)
    started = time.perf_counter()
    for x, y in fixes[["x", "y"]].tolist():
        body = {"device": random.choice(ground.codes), "t": time.time(), "lon": x, "lat": y, "h": 96.0}
        sender.publish(ground.topic.removesuffix("binary") + "positions", json.dumps(body), qos=1)
    for _ in range(count):
        done.get(timeout=120)
    elapsed = time.perf_counter() - started
    for client in (sender, listener):
        client.disconnect()
        client.loop_stop()
    return count / elapsed


def _service_account() -> tuple[str, str]:
    from django.conf import settings

    from spatial.devices.broker_files import service_credentials

    return service_credentials(Path(settings.TWINWALL_SECRETS_DIR))


def _save_by_orm(body: dict[str, Any]) -> None:
    device = Device.objects.select_related("site").get(code=body["device"])
    point = Point(body["lon"], body["lat"], body["h"], srid=4490)
    at, now = datetime.fromtimestamp(body["t"], UTC), datetime.now(UTC)
    list(Zone.objects.filter(site=device.site, fence__active=True, outline__covers=point))
    facts = {"organisation_id": device.organisation_id, "site": device.site, "fix_time": at, "received_at": now,
             "point": point, "accuracy_m": 0.3, "source": "UWB"}  # fmt: skip
    Position.objects.create(device=device, **facts)
    LatestPosition.objects.update_or_create(device=device, defaults=facts)


def rows(pairs: int) -> Iterator[Row | Unmeasured]:
    """Yield positions per second of ours and the peer, in turn, with every position counted."""
    ground = make_ground(helmets=HELMETS)
    measured: list[tuple[float, float]] = []
    lost = 0
    for pair in range(pairs):
        with ingest_running():
            hour_ago_us = time.time_ns() // 1000 - 3_600_000_000
            warm_us, end_us = (hour_ago_us + (2 * pair + turn) * 600_000_000 for turn in (0, 1))
            publish_all(ground, count=5, boot=1000 + pair, end_us=warm_us)  # machine code and caches
            before = Position.objects.filter(site=ground.site).count()
            elapsed = publish_all(ground, count=BATCHES, boot=2000 + pair, end_us=end_us)
            lost += BATCHES * PER_BATCH - (Position.objects.filter(site=ground.site).count() - before)
        ours = BATCHES * PER_BATCH / elapsed
        measured.append((ours, peer_positions_per_second(ground, PEER_MESSAGES)))
    yield row_of(name=f"positions/s stored and evaluated, {lost} lost", unit="positions/s", measured=measured,
                 peer_name="one message at a time, paho + ORM", goal=1 / 300, better="more")  # fmt: skip
    if lost:
        yield Unmeasured("0 rows lost", f"{lost} positions are missing")
