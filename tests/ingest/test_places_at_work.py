"""As many work as there are places, the others stand by, and a dead holder's place is taken at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from deploy.supervision import wait_until
from ingest.mqtt.broker_session import topics_of
from ingest.places_at_work import Places
from ingest.sharing import Share

ROOT = Path(__file__).resolve().parents[2]
HOLD = """
import os, signal, sys, time
from pathlib import Path
from ingest.keeping import keep
from ingest.places_at_work import Places

place = Places(Path(sys.argv[1]), 2).wait()

def work():
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    print(place, flush=True)
    while True:
        signal.pause()

sys.exit(keep(work))
"""


@pytest.fixture
def holders(tmp_path):
    """Starts processes that want one of two places; each writes its place into a file when it works."""
    started: list[subprocess.Popen] = []

    def start() -> tuple[subprocess.Popen, Path]:
        told = tmp_path / f"holder-{len(started)}"
        with told.open("w") as out:
            command = [sys.executable, "-c", HOLD, str(tmp_path)]
            started.append(subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=subprocess.DEVNULL))
        return started[-1], told

    yield start
    for process in started:
        process.kill()
        process.wait(10)


def test_a_third_stands_by_and_takes_the_place_of_a_killed_keeper(holders, tmp_path):
    first, told_first = holders()
    assert wait_until(lambda: told_first.read_text() == "1\n", 20)
    _, told_second = holders()
    assert wait_until(lambda: told_second.read_text() == "2\n", 20)
    _, told_third = holders()
    assert Places(tmp_path, 2).take() is None
    first.kill()
    assert wait_until(lambda: told_third.read_text() == "1\n", 20)
    assert Places(tmp_path, 2).take() is None
    assert oct((tmp_path / "ingest-1.lock").stat().st_mode & 0o777) == "0o600"


def test_sites_are_dealt_out_in_the_order_of_their_making_and_a_new_one_moves_none():
    codes = ["north", "south", "harbour"]
    shares = [Share(place, 2) for place in (1, 2)]
    assert [sorted(share.own(codes)) for share in shares] == [["harbour", "north"], ["south"]]
    assert [sorted(share.own([*codes, "bridge"])) for share in shares] == [["harbour", "north"], ["bridge", "south"]]
    assert [share.hears_strays for share in (Share(), *shares)] == [False, True, False]


def test_one_worker_hears_every_topic_and_several_those_of_their_sites():
    assert topics_of("live")[0] == "$share/twinwall/tw/v1/+/+/positions"
    assert topics_of("backfill", ["north"])[0] == "$share/twinwall/tw/v1/north/+/positions/backfill"
    assert topics_of("live", []) == []
