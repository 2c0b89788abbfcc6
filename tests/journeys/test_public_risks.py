"""A town's regulator sees public risk points on the map, switches them off and on, and adds one by a click."""

from __future__ import annotations

import re
from typing import Any

import pytest

from .conftest import SITE, until

pytestmark = pytest.mark.journey
SIX = "(selector) => document.querySelectorAll(selector).length === 6"


def test_the_layer_is_switched_and_a_click_places_a_new_point(at_page: Any) -> None:
    page = at_page("regulator", "/region/")
    until(page, SIX, ".public-risk")
    page.uncheck("#public-risks-switch")
    assert page.locator(".public-risk").count() == 0
    page.check("#public-risks-switch")
    until(page, SIX, ".public-risk")

    page.goto(page.url + "public-risks/new/")
    until(page, SIX, ".public-risk")
    page.select_option("#id_region", label="云溪街道")
    box = page.locator("#public-risk-map").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2 - 40, box["y"] + box["height"] / 2 + 60)
    assert re.fullmatch(r"113\.\d{7}", page.input_value("#id_x"))
    page.select_option("#id_method", "LS")
    assert page.locator("[data-method='LEC']:visible").count() == 0
    texts = {"code": "YX-99", "name": "旅途测试点", "measures": "巡查"}
    texts |= {"responsible_unit": "街道办", "responsible_person": "钱"}
    for name, text in texts.items():
        page.fill(f"#id_{name}", text)
    page.select_option("#id_ls_l", "4")
    page.select_option("#id_ls_s", "5")
    page.locator("form .button.primary").click()
    page.wait_for_url(re.compile(r"/region/public-risks/[0-9a-f-]{36}/"))
    assert "R = 20" in page.locator(".page-head").inner_text()


@pytest.mark.parametrize("width", [390, 1440])
def test_planning_and_assessment_do_not_scroll_sideways(at_page: Any, width: int) -> None:
    page = at_page("company_safety", f"/sites/{SITE}/risks/planning/", width=width)
    origin = page.url.split("/sites/")[0]
    for address in (page.url, f"{page.url}org_decision/", f"{origin}/assessments/", ""):
        if address:
            page.goto(address)
        else:
            page.locator("table a").first.click()
            page.wait_for_url(re.compile("/organisations/"))
        page.wait_for_load_state("load")
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, page.url
