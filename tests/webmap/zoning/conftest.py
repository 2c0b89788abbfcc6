"""The cast and private media."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.webmap.field_cast import Cast, build_cast


@pytest.fixture
def cast(db: None, settings: Any, tmp_path: Path) -> Cast:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.STORAGES = {**settings.STORAGES}
    return build_cast()
