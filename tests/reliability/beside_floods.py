"""Helmets that walk into a pit and out of it while other devices flood: how soon they are alerted and answered."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from deploy import postgres
from deploy.instance import DATABASE, PG_PORT
from deploy.supervision import wait_until

from .flooding import Flood, batches
from .senders import BrokerSender, walkers
from .walking import Answers

RAISED = """SELECT device.code, alarm.raised_at FROM alarms_alarm alarm JOIN devices_device device
            ON device.id = alarm.device_id WHERE device.code = ANY(%s)"""
LOOK_EVERY_S = 0.02


@dataclass
class Met:
    """What the helmets met while the others flooded, in seconds, and what they waited for in vain."""

    alerts: list[float]
    answers: list[float]
    no_alert: int
    no_answer: int
    fixes_sent: int


def beside_floods(
    stage: Any,
    *,
    share: slice,
    floods: slice,
    seconds: float,
    flood_s: float,
    per_second: int,
    fixes: int,
    qos: int,
    west_m: float = 50,
) -> Met:
    """Let helmets walk for some seconds beside devices that send valid batches; they need no answer to walk on."""
    walking = walkers(stage, "helmets", seed=9, share=share, window=100_000)
    sender = BrokerSender(stage, walking, Answers(time.monotonic), count=len(walking), per_second=10 * len(walking))
    sender.start()
    wait_until(lambda: sender.answers.first_after(0.0) is not None, 60)
    with raised_alarms(stage, [device.code for device in walking]) as heard:
        begun, clock = time.time(), time.monotonic()
        running = _flood(stage, floods, per_second=per_second, fixes=fixes, qos=qos, west_m=west_m)
        wait_until(lambda: time.monotonic() > clock + flood_s, flood_s + 5)
        for flood in running:
            flood.end()
        flooded = time.monotonic()
        wait_until(lambda: time.monotonic() > clock + seconds, seconds + 5)
        until = time.time()
        sender.enough.set()
        wait_until(lambda: sender.finished or sender.fault is not None, 20)
        sender.end()
    entries = [
        (device.code, at_ms)
        for device in walking
        for kind, at_ms in device.crossings
        if kind == "entered" and begun * 1000 <= at_ms < until * 1000
    ]
    alerts = [heard[entry] - entry[1] / 1000 for entry in entries if entry in heard]
    answers = [came - made for came, made in sender.answers.times() if clock <= made < flooded]
    late = sum(held.made < flooded for device in walking for held in device.outbox.values())
    return Met(alerts, answers, len(entries) - len(alerts), late, sum(flood.sent for flood in running) * fixes)


def _flood(stage: Any, floods: slice, *, per_second: int, fixes: int, qos: int, west_m: float) -> Sequence[Flood]:
    edge, metre = stage.cast["edge"], stage.cast["east_of_edge_1m"]
    place = (edge[0] - west_m * (metre[0] - edge[0]), edge[1] - west_m * (metre[1] - edge[1]))
    running = []
    for device in stage.cast["helmets"][floods]:
        bodies = batches(device["code"], place, fixes=fixes)
        account = (stage.broker, stage.cast["site"], device["code"], device["password"], per_second)
        running.append(Flood(*account, bodies=bodies, kind="binary", qos=qos))
    for flood in running:
        flood.start()
    return running


@contextmanager
def raised_alarms(stage: Any, codes: list[str]) -> Iterator[dict[tuple[str, int], float]]:
    """This function will note when which alarm of these devices was committed, looking fifty times a second."""
    heard: dict[tuple[str, int], float] = {}
    ending = threading.Event()
    address = f"host={stage.instance.postgres_socket} port={PG_PORT} dbname={DATABASE} user={postgres.SUPERUSER}"

    def look() -> None:
        with psycopg.connect(address, autocommit=True) as connection:
            while not ending.wait(LOOK_EVERY_S):
                for code, at in connection.execute(RAISED, (codes,)).fetchall():
                    heard.setdefault((code, round(at.timestamp() * 1000)), time.time())

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    try:
        yield heard
    finally:
        ending.set()
        looking.join(5)
