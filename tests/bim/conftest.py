"""Folders of its own for an import into the database, and the sandboxes that children are kept in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bim.pipeline import sandbox
from bim.pipeline.lockdown import landlock_abi

needs_bubblewrap = pytest.mark.skipif(sandbox.bubblewrap() is None, reason="bubblewrap cannot be used on this machine")
needs_landlock = pytest.mark.skipif(not landlock_abi(), reason="this kernel has no Landlock")


@pytest.fixture
def data_root(tmp_path: Path, settings: Any) -> Path:
    """Give the test an empty folder of data, which is returned, and one of uploads."""
    settings.TWINWALL_DATA_ROOT, settings.MEDIA_ROOT = tmp_path / "data", tmp_path / "media"
    settings.TWINWALL_DATA_ROOT.mkdir()
    settings.MEDIA_ROOT.mkdir()
    return tmp_path / "data"


@pytest.fixture(
    params=[
        pytest.param("bubblewrap", marks=needs_bubblewrap),
        pytest.param("Landlock and seccomp", marks=needs_landlock),
    ]
)
def kept_by(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """Keep children as this machine does, and as one does on which bubblewrap cannot run."""
    if request.param != "bubblewrap":
        monkeypatch.setenv("PATH", str(tmp_path / "no-programs-here"))
    sandbox.bubblewrap.cache_clear()
    yield request.param
    monkeypatch.undo()
    sandbox.bubblewrap.cache_clear()
