"""The 3D page: who gets it, and what its script is told."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from webmap.templatetags import vite

from .conftest import Cast


@pytest.fixture(autouse=True)
def front_end_built() -> None:
    """The page is served with the built scripts, or not at all."""
    if not finders.find(vite.MANIFEST):
        pytest.fail("Build the front end first: npm ci && npm run build in webmap/frontend", pytrace=False)


def settings_of(response: Any) -> dict[str, Any]:
    """What the page hands to its script."""
    found = re.search(r'<script id="view-settings" type="application/json">(.*?)</script>', response.content.decode())
    assert found
    return json.loads(found.group(1))


def test_the_page_tells_its_script_where_the_site_stands_and_what_to_read(cast: Cast, as_manager: Client) -> None:
    told = settings_of(as_manager.get("/sites/ZD-TOWER/"))

    assert told["site"]["lon"] == pytest.approx(113.625, abs=1e-9)
    assert told["site"]["lat"] == pytest.approx(34.745, abs=1e-9)
    assert told["site"]["ground_height_m"] == 110.5
    assert told["urls"]["stream"] == "/api/v1/sites/ZD-TOWER/stream"
    assert told["urls"]["report_hazard"] == "/sites/ZD-TOWER/hazards/new/"
    assert told["may_import"] is True
    assert told["test_profile"] is False


def test_the_test_profile_is_asked_for_in_the_address(cast: Cast, as_manager: Client) -> None:
    assert settings_of(as_manager.get("/sites/ZD-TOWER/?testprofile"))["test_profile"] is True


def test_the_page_may_talk_to_our_own_origin_only(cast: Cast, as_manager: Client) -> None:
    policy = as_manager.get("/sites/ZD-TOWER/")["Content-Security-Policy"]

    assert "connect-src 'self';" in policy
    assert "'unsafe-eval'" not in policy.replace("'wasm-unsafe-eval'", "")
    assert not re.search(r"https?:", policy)


def test_a_stranger_gets_404_and_an_anonymous_visitor_the_login_page(cast: Cast, as_stranger: Client) -> None:
    assert as_stranger.get("/sites/ZD-TOWER/").status_code == 404
    assert Client().get("/sites/ZD-TOWER/")["Location"].startswith("/login/")
