"""The keeper of ingest: a killed worker is forked anew at once, and dies with its keeper."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy.supervision import wait_until

ROOT = Path(__file__).resolve().parents[2]
WORK = """
import os, signal, sys, time
from pathlib import Path
from ingest.keeping import keep

def work():
    told = []
    signal.signal(signal.SIGTERM, lambda *_: told.append(1))
    with open(sys.argv[1], "a") as file:
        print(os.getpid(), file=file)
    while not told:
        signal.pause()
    with open(sys.argv[1], "a") as file:
        print("ended in good order", file=file)

sys.exit(keep(work))
"""


@pytest.fixture
def kept(tmp_path):
    """A keeper and the file in which its workers write."""
    told = tmp_path / "workers"
    keeper = subprocess.Popen([sys.executable, "-c", WORK, str(told)], cwd=ROOT)
    assert wait_until(lambda: told.exists() and told.read_text().endswith("\n"), 15)
    yield keeper, lambda: told.read_text().split("\n")[:-1]
    keeper.kill()
    keeper.wait(10)


def alive(pid):
    return Path("/proc", pid, "stat").exists() and " Z " not in Path("/proc", pid, "stat").read_text()


def test_a_killed_worker_is_followed_by_another_within_a_second(kept):
    keeper, workers = kept
    lived_until = time.monotonic() + 1.1  # one that does not stay up for a second is the supervisor's to slow down
    assert wait_until(lambda: time.monotonic() > lived_until, 3)
    os.kill(int(workers()[0]), signal.SIGKILL)
    assert wait_until(lambda: len(workers()) == 2, 1)
    assert workers()[0] != workers()[1]
    assert keeper.poll() is None


def test_a_worker_that_does_not_stay_up_ends_the_keeper(kept):
    keeper, workers = kept
    os.kill(int(workers()[0]), signal.SIGKILL)
    assert keeper.wait(5) == 9


def test_a_killed_keeper_leaves_no_worker_behind(kept):
    keeper, workers = kept
    keeper.kill()
    assert wait_until(lambda: not alive(workers()[0]), 5)


def test_told_to_stop_the_worker_ends_in_good_order(kept):
    keeper, workers = kept
    keeper.terminate()
    assert keeper.wait(5) == 0
    assert workers()[1:] == ["ended in good order"]
