"""Two plans of the demo are compared under a slider, and the 2D map shows the one that is chosen."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page

from .conftest import SITE, until

pytestmark = pytest.mark.journey
LEFT, RIGHT = ".leaflet-plan-left-pane", ".leaflet-plan-right-pane"


def cut_of(page: Page, pane: str) -> float:
    """Return where a pane is cut, in pixels from the left edge of the map: its right end, or the right one's start."""
    clip = page.evaluate("pane => document.querySelector(pane).style.clip", pane)
    _top, right, _bottom, left = (float(number) for number in re.findall(r"-?[\d.]+(?=px)", clip))
    shift = page.evaluate(
        "() => new DOMMatrix(getComputedStyle(document.querySelector('.leaflet-map-pane')).transform).m41"
    )
    return (right if pane == LEFT else left) + shift


def test_the_slider_cuts_both_plans_at_one_line_and_the_map_shows_the_chosen_plan(at_page: Any) -> None:
    page: Page = at_page("project_manager", f"/sites/{SITE}/plans/")
    until(
        page, f"() => document.querySelector('{LEFT} path') && document.querySelector('{RIGHT} img')?.naturalWidth > 0"
    )
    width = page.locator("#plans-map").bounding_box()["width"]  # type: ignore[index]
    for percent in (50, 20):
        page.fill("#plan-slider", str(percent))
        assert cut_of(page, LEFT) == pytest.approx(width * percent / 100, abs=2)
        assert cut_of(page, RIGHT) == pytest.approx(width * percent / 100, abs=2)
    page.focus("#plan-slider")
    page.keyboard.press("ArrowRight")
    assert cut_of(page, LEFT) == pytest.approx(width * 0.21, abs=2)

    page = at_page("project_manager", f"/sites/{SITE}/map/")
    until(page, "() => document.querySelectorAll('#plan-choice option').length === 2")
    assert page.locator("#plan-choice").input_value() == page.locator("#plan-choice option").nth(0).get_attribute(
        "value"
    )
    until(page, "() => document.querySelector('.leaflet-tile-pane img')")
    page.select_option("#plan-choice", index=1)
    until(page, "() => document.querySelectorAll('.leaflet-tile-pane path').length >= 5")
    assert page.locator(".leaflet-tile-pane img").count() == 0
    assert page.locator(".plan-text").count() >= 5
