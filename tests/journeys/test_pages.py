"""Every page opens for the people it is for, in both languages, and asks nobody outside for anything."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import SITE, until

pytestmark = pytest.mark.journey

PAGES = [
    ("regulator", "/region/"),
    ("project_manager", f"/sites/{SITE}/?testprofile"),
    ("project_manager", f"/sites/{SITE}/map/"),
    ("project_manager", f"/sites/{SITE}/heat/"),
    ("project_manager", f"/sites/{SITE}/hazards/"),
    ("worker", f"/sites/{SITE}/hazards/new/"),
    ("bim_engineer", f"/sites/{SITE}/models/"),
]


@pytest.mark.parametrize(("role", "path"), PAGES)
def test_a_page_opens_without_a_script_error_or_an_outside_request(at_page: Any, role: str, path: str) -> None:
    """`at_page` fails on any request outside our origin when the test ends."""
    page = at_page(role, path)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.reload()
    page.wait_for_load_state("load")
    page.locator("h1").first.wait_for(state="attached")
    assert page.locator("h1").first.text_content().strip()
    assert errors == []


@pytest.mark.parametrize("width", [390, 1440])
def test_no_page_scrolls_sideways_on_a_phone_or_a_desk(at_page: Any, width: int) -> None:
    page = at_page("project_manager", f"/sites/{SITE}/hazards/", width=width)
    for path in (f"/sites/{SITE}/hazards/new/", f"/sites/{SITE}/map/", f"/sites/{SITE}/models/"):
        page.goto(page.url.split("/sites/")[0] + path)
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_a_page_that_was_cut_off_misses_no_event(account: Any, at_page: Any, whole_product: Any) -> None:
    from .conftest import report_and_assign
    from .test_red_when_overdue import quiet_zone

    _zone, (lon, lat), height_m = quiet_zone(account)
    page = at_page("project_manager", f"/sites/{SITE}/map/")
    until(page, "() => window.twinwall && window.twinwall.state()")
    whole_product.stop_service("web")
    whole_product.start_service("web")
    ticket = report_and_assign(account, lon=lon, lat=lat, height_m=height_m, due_in_s=3600)
    seen = """id => window.twinwall.events()
        .filter(e => e.kind === "hazard_changed" && e.payload.hazard === id).map(e => e.id)"""
    until(page, f"id => ({seen})(id).length === 2", arg=ticket["id"], timeout_s=60)
    ids = page.evaluate(seen, ticket["id"])
    assert ids == sorted(set(ids))
