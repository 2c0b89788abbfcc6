"""The heat page in headless Chromium: our own deck.gl draws what pydeck described, from our own origin only."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser

from tests.webmap.field_cast import build_cast

from .test_heat_page import fix, helmet

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_columns_are_drawn_without_base_map_or_outside_request(browser: Browser, live_server: Any) -> None:
    cast = build_cast()
    device = helmet(cast, "H1")
    for seconds in (90, 60, 30):
        fix(device, timezone.now() - timedelta(seconds=seconds))
    client = Client()
    client.force_login(cast.manager, backend="django.contrib.auth.backends.ModelBackend")
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    asked: list[str] = []
    problems: list[str] = []
    context = browser.new_context(viewport={"width": 900, "height": 700})
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{live_server.url}/sites/field/heat/")
    page.wait_for_function("window.twinwall && window.twinwall.drawn()", timeout=60_000)
    assert page.evaluate("window.twinwall.failure()") == ""
    assert [cell["height"] for cell in page.evaluate("window.twinwall.cells()")] == [40]
    with page.expect_navigation():
        page.check('input[name="quantity"][value="risk"]')
    page.wait_for_function("window.twinwall && window.twinwall.drawn()", timeout=60_000)
    assert {cell["grade"] for cell in page.evaluate("window.twinwall.cells()")} == {1}
    context.close()
    assert problems == []
    assert [url for url in asked if not url.startswith((live_server.url, "data:", "blob:"))] == []
