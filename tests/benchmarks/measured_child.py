"""Run a command from a small process and write what it took: `python measured_child.py RESULT COMMAND...`.

Between fork and exec a child counts the memory of its parent as its own peak (`ru_maxrss`). A test session or a
benchmark of two gigabytes would therefore lend its size to a peer of 60 MB; this process has nothing to lend.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path


def main() -> None:
    started = time.perf_counter()
    process = subprocess.Popen(sys.argv[2:], stdin=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    took = {
        "seconds": time.perf_counter() - started,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "peak_bytes": usage.ru_maxrss * 1024,
        "exit_code": os.waitstatus_to_exitcode(status),
    }
    Path(sys.argv[1]).write_text(json.dumps(took))


if __name__ == "__main__":
    main()
