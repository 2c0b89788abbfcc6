"""`./twin prove backfill`: a gateway comes back after six hours with 432,000 positions, and live alerts do not wait.

Control: the same with one lane, served as it comes, and a gateway that sends all at once. What came late raises late
alarms only: no sound, no live colour.
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
from tests.reliability.holding_back import Cable, History, feed
from tests.reliability.senders import walkers
from tests.reliability.stage import open_stage

from . import _sheet
from ._page import write_page
from ._sheet import Row
from ._stage import machine

WITHIN_S = 2.0
DEVICES = 20


@dataclass
class Outcome:
    """What one return of the gateway did."""

    held: int
    stored: int
    doubled: int
    took_s: float
    alerts: list[float]
    missing: int
    entries: int
    late: int
    not_late: int
    coloured: int


def come_back(stage: Any, *, share: slice, helmets: slice, hours: float, **faults: str) -> Outcome:
    """Hold back, kill the gateway, plug it in, and measure live alerts until the last position is stored."""
    cable = Cable(stage.broker)
    stage.run(gateway=True, web=True, uplink=cable.address, **faults)
    cast, seconds = stage.cast, round(hours * 3600)
    begin_ms = round(time.time() * 1000) - seconds * 1000 - 120_000
    histories = [
        History(each["code"], "00aa00bb", tuple(cast["edge"]), tuple(cast["east_of_edge_1m"]), begin_ms, seconds, 1800)
        for each in cast["local"][share]
    ]
    answered = feed(stage.gateway_port, histories)
    stage.murder("gateway")
    assert wait_until(lambda: stage.gateway_state().get("held_lines") == answered, 60), stage.gateway_state()
    ids = tuple(each["id"] for each in cast["local"][share])
    follower = Follower(stage)
    follower.start()
    walking = walkers(stage, "helmets", seed=5, share=helmets)
    sender = live_walk(stage, walking, per_second=10 * len(walking))
    begun = time.time()
    cable.plug_in()
    assert wait_until(stage.gateway_is_empty, 1500), stage.gateway_state()
    ended = time.time()
    assert wait_until(lambda: time.time() > begun + 30, 60)
    sender.enough.set()
    assert wait_until(lambda: sender.finished or sender.fault is not None, 60)
    sender.end()
    until = ended if faults else max(ended, begun + 25)
    found, missing = delays(follower, walking, since_ms=round(begun * 1000), until_ms=round(until * 1000))
    follower.end()
    return _outcome(stage, ids, histories, len(histories) * seconds, ended - begun, found, missing)


def _outcome(
    stage: Any, ids: tuple[str, ...], histories: list[History], held: int, took_s: float, alerts: list[float],
    missing: int,
) -> Outcome:  # fmt: skip
    own = "device_id = ANY(%s::uuid[])"
    rows, different = stage.rows(
        f"SELECT count(*), count(DISTINCT (device_id, fix_time)) FROM tracks_position WHERE {own}", list(ids)
    )[0]
    alarms = f"alarms_alarm WHERE rule = 'P-01' AND disproved_at IS NULL AND {own}"
    colours = (
        "SELECT count(*) FROM zones_trigger t JOIN alarms_alarm a ON a.id::text = t.source_id "
        f"WHERE t.source_kind = 'alarm' AND a.{own}"
    )
    return Outcome(
        held=held,
        stored=different,
        doubled=rows - different,
        took_s=took_s,
        alerts=alerts,
        missing=missing,
        entries=sum(len(each.entries) for each in histories),
        late=stage.number(f"SELECT count(*) FROM {alarms} AND late", list(ids)),
        not_late=stage.number(f"SELECT count(*) FROM {alarms} AND NOT late", list(ids)),
        coloured=stage.number(colours, list(ids)),
    )


def prove(stage: Any, hours: float) -> list[Row]:
    """Run the proof and its control on a stage and return the rows."""
    good = come_back(stage, share=slice(50, 50 + DEVICES), helmets=slice(50, 54), hours=hours)
    print(good, flush=True)
    p95 = _sheet.percentile(good.alerts, 0.95)
    rows = [
        Row(
            f"positions held back for {hours:g} h and then stored, doubled",
            f"{good.stored:,} of {good.held:,}, {good.doubled}",
            "all, 0",
            (good.stored, good.doubled) == (good.held, 0),
        ),
        Row("until the last was stored", f"{good.took_s:.0f} s, {good.held / good.took_s:,.0f} positions/s"),
        Row(
            "live alerts meanwhile, deciding fix published to a follower of the live stream",
            _sheet.spread(good.alerts),
            f"p95 < {WITHIN_S:g} s",
            p95 < WITHIN_S,
        ),
        Row("live alerts that never came", str(good.missing), "0", good.missing == 0),
        Row(
            f"of {good.entries} entries in what was held back: late alarms, live ones, with live colour",
            f"{good.late}, {good.not_late}, {good.coloured}",
            f"{good.entries}, 0, 0",
            (good.late, good.not_late, good.coloured) == (good.entries, 0, 0),
        ),
    ]
    faults = {"fault": "one_lane", "gateway_fault": "gateway_all_at_once"}
    bad = come_back(stage, share=slice(70, 80), helmets=slice(54, 58), hours=min(hours, 4.0), **faults)
    print(bad, flush=True)
    told = _sheet.spread(bad.alerts) if bad.alerts else "none came"
    slow = bad.missing > 0 or (bool(bad.alerts) and _sheet.percentile(bad.alerts, 0.95) >= WITHIN_S)
    rows.append(
        Row(
            f"control: one lane, first come first served, no window ({bad.held:,} positions in {bad.took_s:.0f} s)",
            f"{told}, {bad.missing} never in time",
            f"p95 >= {WITHIN_S:g} s",
            slow,
        )
    )
    return rows


def main() -> int:
    """Run the proof, write the page; 1 when a promise is broken."""
    parser = argparse.ArgumentParser(prog="./twin prove backfill", description=__doc__)
    parser.add_argument("--hours", type=float, default=6.0)
    asked = parser.parse_args()
    started = machine()
    with open_stage(Path(os.environ["TWINWALL_TEST_FOLDER"]) / "stage", devices=80, gateways=1) as stage:
        rows = prove(stage, asked.hours)
    return write(rows, started)


def write(rows: list[Row], started: str) -> int:
    """Write the page; 1 when a promise is broken."""
    told = [
        f"Started {started}; ended {machine()}.",
        "20 devices tell a gateway one fix a second for six hours while its line is cut (told at once here, the fixes' "
        "times spread over the hours), the gateway is killed by SIGKILL, started by its supervisor, and plugged in. "
        "Meanwhile four helmets walk into a fenced pit and out of it, ten fixes a second each.",
    ]
    return write_page("backfill", "six hours held back do not delay an alert", told, rows)


if __name__ == "__main__":
    sys.exit(main())
