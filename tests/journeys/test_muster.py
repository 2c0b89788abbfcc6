"""An evacuation: one button, every open page is told, and the missing shrink as people are found."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import SITE, until

pytestmark = pytest.mark.journey
COUNTS = "() => [...document.querySelectorAll('#muster .muster-figures dd')].map(dd => Number(dd.innerText))"


def test_from_the_button_to_the_last_one_found(account: Any, at_page: Any, whole_product: Any) -> None:
    control_room = at_page("project_manager", f"/sites/{SITE}/live/", width=1440, height=900)
    until(control_room, "() => window.twinwall?.state() && window.twinwall.people().length > 20")
    page = at_page("safety_officer", f"/sites/{SITE}/live/muster/", width=390, height=844)
    page.check("input[name=kind][value=real]")
    page.fill("#reason", "三层起火")
    page.click(".muster-button")
    page.locator("#muster .muster-head.real").wait_for()
    try:
        until(control_room, "() => document.getElementById('toasts').innerText.includes('三层起火')", timeout_s=15)
        missing, safe, roll, *_ = page.evaluate(COUNTS)
        assert missing + safe == roll > 20
        assert page.locator(".muster-storey h2").count() >= 2
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0

        phone = at_page("worker", f"/sites/{SITE}/live/muster/", width=390, height=844)
        line = phone.locator(".muster-line:has(form)").nth(3)
        form = line.locator("form").get_attribute("action")
        loaded = phone.evaluate("performance.timeOrigin")
        line.locator("button").click()
        ticked = "form => !document.querySelector(`.muster-storey form[action='${form}']`)"
        for one in (phone, page):
            until(one, ticked, arg=form, timeout_s=15)
            until(one, f"safe => ({COUNTS})()[1] > safe", arg=safe, timeout_s=15)
        assert phone.evaluate("performance.timeOrigin") == loaded, "the long list was left for one tick"
        assert phone.locator("#muster-said").text_content()
    finally:
        page.fill("#note", "演练结束,全部人员已电话确认")
        page.click(".button.danger")
        page.locator(".muster-start").wait_for()
    assert page.get_by_role("link", name="报告").count() + page.locator("a[href$='report.pdf']").count() >= 1
