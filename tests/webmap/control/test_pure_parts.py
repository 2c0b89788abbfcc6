"""The pure modules of the live pages, tested in JavaScript by Node's own test runner."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.webmap.viewer.test_pure_parts import node

PURE = Path(__file__).parent / "pure"


@pytest.mark.parametrize("file", sorted(PURE.glob("*.test.mjs")), ids=lambda file: file.name.partition(".")[0])
def test_the_javascript_tests_of_the_live_pages_pass(file: Path) -> None:
    done = subprocess.run([node(), "--test", str(file)], capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
