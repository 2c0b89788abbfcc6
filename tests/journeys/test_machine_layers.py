"""The machines of a site in the control room: on the map, in 3D, and in their list."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import SITE, until

pytestmark = pytest.mark.journey
CONTROL = f"/sites/{SITE}/live/"


def test_machines_are_drawn_listed_and_picked_on_the_map_and_in_3d(at_page: Any) -> None:
    page = at_page("project_manager", CONTROL, width=1440, height=900)
    until(page, "() => window.twinwall.machinesDrawn().some((one) => one.zones.includes('swing'))")
    drawn = page.evaluate("() => window.twinwall.machinesDrawn()")
    page.click("#tab-machines")
    until(page, "() => document.querySelectorAll('.machine-line').length >= 2")
    listed = page.locator(".machine-line strong").all_inner_texts()
    assert {one["code"] for one in drawn} <= set(listed)
    until(page, "() => /m\\/s/.test(document.querySelector('.machine-board').textContent)")  # wind of a crane

    label = page.locator(".machine-label").first
    code = label.inner_text().split(" · ")[0].removeprefix("▲ ")
    label.dispatch_event("click")
    until(page, "() => document.querySelector('.machine-line[aria-current=true]')")
    assert page.locator(".machine-line[aria-current=true] strong").inner_text() == code
    assert page.url.endswith(CONTROL)

    page.click("#view-3d")
    until(page, "() => (window.twinwall.machines3d() ?? []).length > 0", timeout_s=180)
    page.check("#show-cones")
    until(page, "() => window.twinwall.cones3d() > 0")
    spot = page.evaluate("() => window.twinwall.machines3d()[0]")
    page.evaluate("() => document.getElementById('tab-people').click()")
    box = page.locator("#scene").bounding_box()
    page.mouse.click(box["x"] + spot["x"], box["y"] + spot["y"])
    until(page, "() => document.querySelector('.machine-line[aria-current=true]')")
