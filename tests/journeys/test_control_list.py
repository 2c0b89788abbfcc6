"""From a template of the library to a red point on the map: compiled, placed, reviewed, signed, published."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import SITE, until

pytestmark = pytest.mark.journey
LISTS = f"/sites/{SITE}/risks/lists/"
NAME = "悬挑式脚手架"


def test_from_a_template_to_a_published_red_point_on_the_map(account: Any, at_page: Any, whole_product: Any) -> None:
    page = at_page("safety_officer", LISTS, width=1440, height=900)
    page.locator("form:has(input[name=kind][value=facility]) button").click()
    page.wait_for_url("**/risks/lists/*-*/")
    version = page.url

    page.goto(version + "library/")
    page.locator("li", has_text=NAME).get_by_role("button").click()
    page.wait_for_url("**/rows/*/")
    page.check("input[name='s0-LEC-after-L'][value='3']")
    until(page, "() => document.querySelectorAll('.lec-bands tr.picked[data-grade=\"4\"]').length === 1")
    until(page, "() => document.querySelectorAll('.lec-bands tr.picked').length === 1")
    for level in ("company", "project", "team", "post"):
        page.fill(f"textarea[name='people-{level}']", f"责任人{level} 13800000000")
    page.locator("button[name=then][value=place]").click()
    page.wait_for_url("**/place/")
    until(page, "() => document.querySelectorAll('#place-map .zone-sign').length > 3")
    page.locator("#place-map").click(position={"x": 300, "y": 240})
    until(page, "() => document.querySelector('#place-form [name=geometry]').value.includes('Point')")
    page.fill("input[name=height_m]", "100")
    page.locator("#place-form button[type=submit]").click()
    page.wait_for_url(version)
    page.locator("button[name=verb][value=submit]").click()
    page.locator("#list-state[data-state=department]").wait_for()

    page = at_page("company_safety", version.replace(whole_product.url, ""))
    page.locator("form:has(button[value=pass]) textarea").fill("同意报批")
    page.locator("button[name=verb][value=pass]").click()
    page.locator("#list-state[data-state=head]").wait_for()

    page = at_page("company_head", version.replace(whole_product.url, ""))
    page.fill("input[name=password]", whole_product.logins["company_head"][1])
    page.locator("button[name=verb][value=publish]").click()
    page.locator("#list-state[data-state=published]").wait_for()

    points = account("project_manager").get(f"/sites/{SITE}/state")["risk_points"]
    point = next(one for one in points if one["name"] == NAME)
    assert point["grade"] == 4
    page = at_page("project_manager", f"/sites/{SITE}/map/?risk={point['id']}")
    page.locator(".leaflet-popup .grade[data-grade='4']").wait_for()
    link = page.locator(f".leaflet-popup a[href='/sites/{SITE}/risks/points/{point['id']}/']")
    link.click()
    page.wait_for_url("**/risks/points/*/")
    assert "责任人company" in page.content()
