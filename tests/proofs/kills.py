"""`./twin prove kills`: broker, database, ingest, cache and gateway are killed by SIGKILL while 50,000 messages flow.

The devices count what they sent and which entries their walks have; the database must hold exactly that. Then the same
with one safeguard taken out at a time, which must be noticed.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from tests.reliability.killing import Count, Kill, count, kill_while_sending
from tests.reliability.senders import BrokerSender, GatewaySender, Sender, walkers
from tests.reliability.stage import open_stage
from tests.reliability.walking import Answers, Walking

from ._page import write_page
from ._sheet import Row, percentile
from ._stage import machine

TARGETS = ("broker", "postgres", "ingest", "redis", "gateway", "broker's keeper", "ingest's keeper")
BACK_WITHIN_S = 5.0
CONTROLS = (
    ("acknowledged before the commit", {"fault": "early_ack"}, ("ingest", "postgres"), "helmets", "lost"),
    ("messages are not recognised when they come again", {"fault": "no_dedup"}, ("ingest", "broker"), "helmets",
     "doubled"),
    ("the gateway answers from memory", {"gateway_fault": "gateway_in_memory"}, ("broker", "gateway"), "local",
     "lost"),
)  # fmt: skip


def trial(
    stage: Any, ways: Sequence[str], targets: Sequence[str], *, share: slice, messages: int, per_second: float,
    seed: int, **faults: str,
) -> Count:  # fmt: skip
    """Send and kill on the stage; return the count."""
    stage.run(gateway="local" in ways, **faults)
    kinds: dict[str, type[Sender]] = {"helmets": BrokerSender, "local": GatewaySender}
    senders: list[Sender] = []
    devices: list[Walking] = []
    for way in ways:
        walking = walkers(stage, way, seed=seed, share=share)
        options = {"count": messages // len(ways), "per_second": per_second / len(ways)}
        senders.append(kinds[way](stage, walking, Answers(time.monotonic), **options))
        devices += walking
    quiet_s = 0.8 * messages / per_second / len(targets)
    kills = kill_while_sending(stage, senders, targets, seed=seed, quiet_s=(0.3 * quiet_s, quiet_s))
    return count(stage, devices, kills=kills)


def promise_rows(found: Count) -> list[Row]:
    """Return the rows of the trial with every safeguard."""
    rows = [
        Row("messages counted at the sender", f"{found.made:,}", "50,000 or more", found.made >= 50_000),
        Row("processes killed by SIGKILL", str(len(found.kills)), "30 or more", len(found.kills) >= 30),
        Row("messages lost", str(found.lost + found.refused), "0", found.lost + found.refused == 0),
        Row("messages doubled", str(found.doubled), "0", found.doubled == 0),
        Row(
            f"of {found.crossings:,} entries and exits: missed, invented",
            f"{found.crossings_missed}, {found.crossings_invented}",
            "0, 0",
            found.crossings_missed + found.crossings_invented == 0,
        ),
        Row(
            f"of {found.entries:,} alarms: missed, invented",
            f"{found.alarms_missed}, {found.alarms_invented}",
            "0, 0",
            found.alarms_missed + found.alarms_invented == 0,
        ),
    ]
    times = [kill.back_s for kill in found.kills]
    within = f"p95 < {BACK_WITHIN_S:g} s"
    rows.append(Row("back at work", _spread(times), within, percentile(times, 0.95) < BACK_WITHIN_S))
    return rows + [Row(f"back at work: {name}", _spread(own)) for name in TARGETS if (own := _of(found.kills, name))]


def _of(kills: Sequence[Kill], target: str) -> list[float]:
    return [kill.back_s for kill in kills if kill.target == target]


def _spread(times: Sequence[float]) -> str:
    return (
        f"median {median(times):.2f} s, p95 {percentile(times, 0.95):.2f} s, max {max(times):.2f} s (n = {len(times)})"
    )


def main() -> int:
    """Run the proof and its controls, write the page; 1 when a promise is broken."""
    parser = argparse.ArgumentParser(prog="./twin prove kills", description=__doc__)
    parser.add_argument("--messages", type=int, default=50_000)
    parser.add_argument("--kills", type=int, default=35)
    parser.add_argument("--per-second", type=float, default=200)
    parser.add_argument("--control", type=int, default=2_000, help="messages of each negative control")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    started = machine()
    with open_stage(Path(os.environ["TWINWALL_TEST_FOLDER"]) / "stage", devices=50, gateways=1) as stage:
        rows = prove(stage, asked)
    return write(rows, started)


def prove(stage: Any, asked: argparse.Namespace) -> list[Row]:
    """Run the proof and its controls on a stage and return the rows."""
    targets = [TARGETS[number % len(TARGETS)] for number in range(asked.kills)]
    found = trial(
        stage, ("helmets", "local"), targets, share=slice(0, 20), messages=asked.messages,
        per_second=asked.per_second, seed=asked.seed,
    )  # fmt: skip
    print(found.words(), flush=True)
    rows = promise_rows(found)
    for number, (what, faults, victims, way, fault) in enumerate(CONTROLS):
        control = trial(
            stage, (way,), victims * 3, share=slice(20 + 10 * number, 30 + 10 * number), messages=asked.control,
            per_second=100, seed=asked.seed + number, **faults,
        )  # fmt: skip
        print(f"control, {what}: {control.words()}", flush=True)
        seen = int(getattr(control, fault))
        rows.append(Row(f"control: {what}", f"{seen} of {control.made:,} {fault}", "some", seen > 0))
    return rows


def write(rows: Sequence[Row], started: str) -> int:
    """Write the page; 1 when a promise is broken."""
    told = [
        f"Started {started}; ended {machine()}.",
        "20 helmets at the broker and 20 local devices at a gateway walk into a fenced pit and out of it, a message a "
        "fix, on a stage with the product's own settings (fsync, synchronous_commit, supervisor). *Back at work*: from "
        "the SIGKILL until a message that was made after it is acknowledged, on each way; for the cache until a "
        "follower is told of movements again. A *keeper* starts the broker, or forks ingest, and takes it along "
        "when it is killed itself. Which entries a walk has is counted by the sender, apart from the engine.",
    ]
    return write_page("kills", "nothing lost when processes are killed", told, rows)


if __name__ == "__main__":
    sys.exit(main())
