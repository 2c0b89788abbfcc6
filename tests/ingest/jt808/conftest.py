"""The listener as a process of its own, on the test database."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from tests.ingest.cast import Cast, build_cast
from tests.ingest.jt808.listening import Process


@pytest.fixture(scope="package")
def process(services: Any, django_db_setup: None) -> Iterator[Process]:
    process = Process(services.folder)
    yield process
    process.end(signal.SIGTERM)


@pytest.fixture
def live_cast(services: Any, transactional_db: None) -> Cast:
    return build_cast(timezone.now())


@pytest.fixture
def running(process: Process, live_cast: Cast) -> Iterator[Process]:
    process.start()
    yield process
    print(process.log_text()[-3000:])
    process.start()
