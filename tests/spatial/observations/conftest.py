"""The cast of the ingest tests, in the test's own transaction."""

import pytest

from tests.ingest.cast import Cast, build_cast


@pytest.fixture
def cast(db: None) -> Cast:
    """A site with a fenced pit, a worker with a helmet, a safety officer."""
    return build_cast()
