"""The people of planning, logged in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.spatial.conftest import cast, private_folders
from tests.spatial.planning.conftest import planners

__all__ = ["cast", "planners", "private_folders"]


@pytest.fixture
def as_user() -> Callable[..., Client]:
    """Return a browser logged in as somebody, in English unless said otherwise."""

    def log_in(user: Any, language: str = "en") -> Client:
        user.language = language
        user.save()
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return log_in
