"""Memory of a child counts; what was there before does not."""

import subprocess
import sys

from deploy.supervision import wait_until

from .peak_memory import PeakMemory

CHILD = "import sys; held = bytearray(b'x') * 200_000_000; print('ready', flush=True); sys.stdin.read()"


def test_the_memory_of_a_child_of_200_mb_is_seen_and_a_second_measurement_starts_at_nothing() -> None:
    with PeakMemory() as peak:
        child = subprocess.Popen([sys.executable, "-c", CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert child.stdout is not None and child.stdout.readline() == b"ready\n"
        assert wait_until(lambda: peak.above_idle_bytes > 200_000_000, 30)
        child.communicate()
    assert child.returncode == 0
    assert 200e6 < peak.above_idle_bytes < 240e6
    with PeakMemory() as quiet:
        pass
    assert quiet.above_idle_bytes < 1e6
