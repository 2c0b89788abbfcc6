"""The field's cast with folders of its own, and a browser-like client for each of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from spatial.people.models import User
from tests.webmap.field_cast import Cast, build_cast


@pytest.fixture
def cast(db: None, settings: Any, tmp_path: Path) -> Cast:
    settings.MEDIA_ROOT, settings.TWINWALL_DATA_ROOT = tmp_path / "media", tmp_path / "data"
    return build_cast()


@pytest.fixture
def log_in() -> Callable[[User], Client]:
    def open_session(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return open_session
