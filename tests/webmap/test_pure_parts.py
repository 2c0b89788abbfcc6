"""The pure modules of the pages, tested in JavaScript by Node's own test runner."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PURE = sorted(Path(__file__).parent.glob("*/pure/*.test.mjs"))


def node() -> str:
    """The machine's Node, or the one beside this Python."""
    found = shutil.which("node") or shutil.which("node", path=str(Path(sys.executable).parent))
    if found is None:
        pytest.fail("Node is missing; ./twin test brings its own.", pytrace=False)
    return found


@pytest.mark.parametrize("file", PURE, ids=lambda file: file.name.partition(".")[0])
def test_the_javascript_tests_of_the_pages_pass(file: Path) -> None:
    done = subprocess.run([node(), "--test", str(file)], capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "fail 0" in done.stdout
