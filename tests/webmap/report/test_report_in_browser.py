"""The report opened from a file with no network: the map is drawn, and nothing is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from webmap.reports.shareable import render_report

from .test_shareable import HOSTILE, contents

pytestmark = pytest.mark.journey


def test_the_file_opens_offline_and_draws_zones_tickets_and_plan(tmp_path: Path, browser: Browser) -> None:
    file = tmp_path / "report.html"
    file.write_text(render_report(contents(name=HOSTILE)), encoding="utf-8")
    asked: list[str] = []
    problems: list[str] = []
    context = browser.new_context(offline=True, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("dialog", lambda dialog: problems.append(f"a name ran: {dialog.message}"))
    page.goto(file.as_uri())
    page.wait_for_selector(".leaflet-image-layer")
    assert page.locator("path.leaflet-interactive").count() == 1
    assert page.locator(".leaflet-marker-pane .tw-pin-overdue").count() == 1
    page.locator(".leaflet-marker-pane .tw-pin-overdue").click()
    popup = page.locator(".leaflet-popup-content")
    popup.wait_for()
    assert "YH-1" in popup.inner_text() and "栏杆缺失" in popup.inner_text()
    assert HOSTILE in page.locator("h1").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    context.close()
    assert problems == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
