"""A limit is tried on last week before it is set, refused where it makes no sense, and taken back."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import SITE

pytestmark = pytest.mark.journey


def numbers(page: Any) -> list[list[int]]:
    """Return [as it is, as it would be] of each day of the preview."""
    rows = page.locator(".preview-table tbody tr").all()
    return [[int(cell.inner_text()) for cell in row.locator(".numeric").all()] for row in rows]


def test_a_limit_is_previewed_set_and_reset(at_page: Any) -> None:
    page = at_page("safety_officer", f"/sites/{SITE}/live/alarm-rules/", width=1440, height=900)
    page.locator("#D-02 tbody a").first.click()
    assert page.locator("[name=limit_yellow]").input_value() == "75"

    page.fill("[name=limit_yellow]", "200")
    page.click("button[value=preview]")
    assert page.locator("[name=limit_orange][aria-invalid=true]").count() == 1
    assert page.locator("#preview").count() == 0

    page.fill("[name=limit_yellow]", "")
    page.fill("[name=limit_orange]", "900")
    page.fill("[name=clear_limit]", "800")
    page.click("button[value=preview]")
    page.locator("#preview").wait_for()
    week = numbers(page)
    assert len(week) in (7, 8)
    assert sum(old for old, _new in week) >= 1 and sum(new for _old, new in week) == 0
    assert page.locator("#preview .badge.bad").count() >= 1, "an alarm that would be no more is marked"
    assert page.locator("#preview").bounding_box()["y"] < 900, "the preview is in sight"

    page.fill("#reason", "试行更高的限值")
    page.click("button[value=save]")
    assert page.locator("form .badge.good").first.is_visible()
    page.fill("#reason", "试行结束")
    page.click("button[value=reset]")
    assert page.locator("[name=limit_yellow]").input_value() == "75"
    history = page.locator("table").last.inner_text()
    assert "试行更高的限值" in history
