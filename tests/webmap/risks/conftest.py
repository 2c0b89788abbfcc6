"""The field cast with its company's safety department and head, and browsers for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from spatial.people.operations import create_user, grant_role
from tests.webmap.field_cast import BUILT_AT, PASSWORD, build_cast


@pytest.fixture
def field(db) -> Any:
    """The cast of the field pages."""
    return build_cast()


@pytest.fixture
def company(field) -> dict[str, Any]:
    """The people of the company who review and publish, by role."""
    people = {}
    for name, role in (("department", "enterprise_safety"), ("head", "enterprise_head")):
        user = create_user(username=name, password=PASSWORD, full_name=name, now=BUILT_AT)
        grant_role(user=user, role=role, organisation=field.site.organisation, now=BUILT_AT)
        people[name] = user
    return people


@pytest.fixture
def browser() -> Callable[..., Client]:
    """Open a browser of somebody, in English unless said otherwise."""

    def open_for(user: Any, language: str = "en") -> Client:
        user.language = language
        user.save(update_fields=["language"])
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return open_for
