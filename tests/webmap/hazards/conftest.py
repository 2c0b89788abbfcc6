"""The cast, private media, and a browser-like client for each of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from spatial.hazards.models import Hazard
from spatial.people.models import User
from tests.webmap.field_cast import Cast, build_cast


@pytest.fixture
def cast(db: None, settings: Any, tmp_path: Path) -> Cast:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.STORAGES = {**settings.STORAGES}
    return build_cast()


@pytest.fixture
def logged_in() -> Callable[[User], Client]:
    """Return a client with this user's session; CSRF is checked as for a browser."""

    def open_session(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return open_session


@pytest.fixture
def ticket(cast: Cast, logged_in: Callable[[User], Client]) -> Hazard:
    """A hazard that the worker has reported through the page."""
    from .phone import report

    answer = report(logged_in(cast.worker), cast, event_id="report-1", photo="before")
    assert answer.status_code == 302, answer.content.decode()
    return Hazard.objects.get()
