"""Memory and time of a child's child count; what was there before does not."""

import subprocess
import sys
import time

from deploy.supervision import wait_until

from .process_tree import ProcessTree

WORK = """
import subprocess, sys, time
if sys.argv[1:]:
    held = bytearray(b'x') * 200_000_000
    while time.process_time() < 1.0:
        pass
    print('ready', flush=True)
    sys.stdin.read()
else:
    subprocess.run([sys.executable, '-c', sys.stdin.readline().replace(chr(0), chr(10)), 'below'])
"""


def test_200_mb_and_a_second_of_work_two_processes_below_are_seen() -> None:
    with ProcessTree() as watch:
        child = subprocess.Popen([sys.executable, "-c", WORK], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert child.stdin is not None and child.stdout is not None
        child.stdin.write(WORK.replace("\n", "\0") + "\n")
        child.stdin.flush()
        assert child.stdout.readline() == "ready\n"
        assert wait_until(lambda: watch.above_idle_bytes > 200_000_000 and watch.cpu_s >= 0.9, 30)
        child.communicate()
    assert child.returncode == 0
    assert 200e6 < watch.above_idle_bytes < 260e6
    assert 0.9 <= watch.cpu_s < 2.5


def test_what_this_process_held_and_spent_before_is_not_counted() -> None:
    held = bytearray(b"x") * 100_000_000
    before = time.process_time()
    with ProcessTree() as watch:
        pass
    assert len(held) == 100_000_000
    assert watch.above_idle_bytes < 5e6
    assert watch.cpu_s <= time.process_time() - before + 0.05
