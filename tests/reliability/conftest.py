"""One stage for the folder's tests: its tables are those of the test database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.reliability.stage import Stage, open_stage


@pytest.fixture(scope="package")
def stage(services: Any, django_db_setup: None) -> Iterator[Stage]:
    """Database, cache, broker and ingest with the product's own settings, for killing."""
    kept = Path(os.environ["TWINWALL_TEST_SCHEMA"])
    with open_stage(Path(services.folder) / "killing", devices=30, gateways=1, schema=kept) as stage:
        yield stage
