"""What the tests of pages, API and streams share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from webmap.live.database import close_connections


@pytest.fixture(scope="package", autouse=True)
def live_connections_end() -> Iterator[None]:
    """Close what the live threads opened, or the throw-away database cannot be removed."""
    yield
    close_connections()
