"""`./twin prove flood`: one device sends 5,000 bad messages a second, and the others do not notice.

Their alerts and acknowledgements are measured without the flood and with it; control: each refusal is a transaction of
its own, and messages are served in the order of their coming. Then three devices together send valid batches, more than
can be stored; control: they are read and stored in the order of their coming.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.supervision import wait_until
from tests.reliability.alerts import Follower, delays, live_walk
from tests.reliability.beside_floods import Met, beside_floods
from tests.reliability.flooding import PER_SECOND, Flood
from tests.reliability.senders import walkers
from tests.reliability.stage import open_stage

from . import _sheet
from ._page import write_page
from ._sheet import Row
from ._stage import machine

WITHIN_S = 2.0


@dataclass
class Period:
    """What the other devices met in one period."""

    bad_per_s: float
    alerts: list[float]
    acknowledged: list[float]
    missing: int


def measure(stage: Any, *, helmets: slice, flooding: int | None, seconds: float, per_second: int, fault: str) -> Period:
    """Let helmets walk for a while, with or without a flood beside them."""
    stage.run(web=True, fault=fault)
    follower = Follower(stage)
    follower.start()
    walking = walkers(stage, "helmets", seed=9, share=helmets)
    sender = live_walk(stage, walking, per_second=10 * len(walking))
    settle = time.monotonic() + 5
    assert wait_until(lambda: time.monotonic() > settle, 10)
    flood = None
    if flooding is not None:
        device = stage.cast["helmets"][flooding]
        flood = Flood(stage.broker, stage.cast["site"], device["code"], device["password"], per_second)
        flood.start()
    begun, clock = time.time(), time.monotonic()
    assert wait_until(lambda: time.time() > begun + seconds, seconds + 5)
    until, ended = time.time(), time.monotonic()
    tail = time.monotonic() + 8
    assert wait_until(lambda: time.monotonic() > tail, 10)
    if flood is not None:
        flood.end()
    sender.enough.set()
    wait_until(lambda: sender.finished or sender.fault is not None, 30)
    sender.end()
    follower.end()
    found, missing = delays(follower, walking, since_ms=round(begun * 1000), until_ms=round(until * 1000))
    answers = [came - made for came, made in sender.answers.times() if clock <= made < ended]
    sent = flood.sent / (seconds + 8) if flood is not None else 0.0
    period = Period(sent, found, answers, missing)
    print(f"{fault or 'all safeguards'}, {sent:,.0f} bad/s: {_told(found)}, {missing} missing", flush=True)
    return period


def prove(stage: Any, seconds: float, per_second: int) -> list[Row]:
    """Run the three periods on a stage and return the rows."""
    options: dict[str, Any] = {"seconds": seconds, "per_second": per_second}
    quiet = measure(stage, helmets=slice(58, 62), flooding=None, fault="", **options)
    flooded = measure(stage, helmets=slice(62, 66), flooding=78, fault="", **options)
    kept, counted = stage.rows(
        "SELECT count(*), coalesce(sum(repeats), 0) FROM devices_refusedmessage WHERE device_code = %s",
        stage.cast["helmets"][78]["code"],
    )[0]
    control = measure(stage, helmets=slice(66, 70), flooding=79, fault="dear_refusals", **options)
    p95 = _sheet.percentile(flooded.alerts, 0.95) if flooded.alerts else float("inf")
    late = bool(control.alerts) and _sheet.percentile(control.alerts, 0.95) >= WITHIN_S
    stopped = len(control.acknowledged) < len(quiet.acknowledged) / 2  # who is not answered walks no further
    harmed = late or control.missing > 0 or stopped
    return [
        Row("bad messages a second (QoS 1)", f"{flooded.bad_per_s:,.0f}", "5,000", flooded.bad_per_s >= 0.98 * 5000),
        Row("alerts of the others without the flood", _told(quiet.alerts)),
        Row("alerts of the others with it", _told(flooded.alerts), f"p95 < {WITHIN_S:g} s", p95 < WITHIN_S),
        Row("alerts that never came with it", str(flooded.missing), "0", flooded.missing == 0),
        Row("acknowledgements of the others without the flood", _told(quiet.acknowledged)),
        Row("acknowledgements of the others with it", _told(flooded.acknowledged)),
        Row("bad messages kept with their reason, counted on them", f"{kept:,}, {counted:,}", "some", kept > 0),
        Row(
            "control: a transaction for each refusal, first come first served; alerts and answers of the others",
            f"{_told(control.alerts)}, {control.missing} never in time; "
            f"{len(control.acknowledged):,} acknowledgements instead of {len(quiet.acknowledged):,}",
            f"alerts p95 >= {WITHIN_S:g} s, or none in time, or less than half of the acknowledgements",
            harmed,
        ),
    ]


def prove_three(stage: Any, seconds: float) -> list[Row]:
    """Let three devices together send valid batches, with turns and shares and without, and return the rows."""
    size: dict[str, Any] = {"seconds": seconds + 10, "flood_s": seconds, "per_second": 100, "fixes": 500}
    met: dict[str, Met] = {}
    for name, fault, qos, share in (("1", "", 1, 70), ("0", "", 0, 71), ("control", "no_turns", 1, 72)):
        stage.run(fault=fault)
        found = met[name] = beside_floods(stage, share=slice(share, share + 1), floods=slice(74, 77), qos=qos, **size)
        print(f"three beside, {name}: {_told(found.alerts)}, answers {_told(found.answers)}", flush=True)
    rows = [Row("fixes in valid batches of three devices, a second", f"{met['1'].fixes_sent / seconds:,.0f}")]
    for qos in ("1", "0"):
        found = met[qos]
        p95 = _sheet.percentile(found.alerts, 0.95) if found.alerts else float("inf")
        rows += [
            Row(
                f"alerts of a helmet beside them (QoS {qos})",
                _told(found.alerts),
                f"p95 < {WITHIN_S:g} s",
                p95 < WITHIN_S,
            ),
            Row(
                f"its answers (QoS {qos})",
                f"{_told(found.answers)}; {found.no_answer} never",
                "all",
                not found.no_answer,
            ),
        ]
    ours, control = max(met["1"].answers), met["control"]
    harmed = control.no_answer > 0 or max(control.answers) > 2 * ours
    told = f"{_told(control.answers)}; {control.no_answer} never"
    return [*rows, Row("control: first come first served; its answers", told, "twice as late, or never", harmed)]


def _told(seconds: list[float]) -> str:
    return _sheet.spread(seconds) if seconds else "none came"


def main() -> int:
    """Run the proof, write the page; 1 when a promise is broken."""
    parser = argparse.ArgumentParser(prog="./twin prove flood", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--per-second", type=int, default=PER_SECOND)
    asked = parser.parse_args()
    started = machine()
    with open_stage(Path(os.environ["TWINWALL_TEST_FOLDER"]) / "stage", devices=80, gateways=0) as stage:
        rows = prove(stage, asked.seconds, asked.per_second) + prove_three(stage, asked.seconds / 3)
    return write(rows, started)


def write(rows: list[Row], started: str) -> int:
    """Write the page; 1 when a promise is broken."""
    told = [
        f"Started {started}; ended {machine()}.",
        "Four helmets walk into a fenced pit and out of it, ten fixes a second each; beside them one device publishes "
        "garbage of five kinds on its own topic. Alerts: from the deciding fix until a follower of the live stream "
        "has it. Three devices that send valid batches: a helmet walks on without answers; alerts are looked up in the "
        "database fifty times a second.",
    ]
    return write_page("flood", "a flood of bad messages harms nobody else", told, rows)


if __name__ == "__main__":
    sys.exit(main())
