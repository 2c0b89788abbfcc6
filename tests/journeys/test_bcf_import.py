"""A BIM coordinator's file of clashes comes in, is looked at, becomes a ticket, and its viewpoint opens in 3D."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bim.exchange.bcf.topics import Camera, Comment, Component, Topic, Viewpoint
from bim.exchange.bcf.viewpoints import ClippingPlane, Visibility
from bim.exchange.bcf.writing import write_bcf

from .conftest import SITE, photo, until

pytestmark = pytest.mark.journey


def clash(columns: list[str], eye: tuple[float, float, float]) -> Topic:
    """Return a topic on three columns, seen from the south; four are visible, and what is above 20 m is cut away."""
    four = tuple(Component(name) for name in columns)
    view = Viewpoint(
        str(uuid.uuid4()), four[:3], Visibility(False, four), camera=Camera(eye, (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
        clipping_planes=(ClippingPlane((0.0, 0.0, 20.0), (0.0, 0.0, 1.0)),), snapshot=photo(7),
    )  # fmt: skip
    remark = Comment(str(uuid.uuid4()), datetime(2026, 3, 2, 9, 0, tzinfo=UTC), "anna@example.com", "请设计复核")
    return Topic(
        str(uuid.uuid4()), "墙与管道碰撞", "Clash", "Open", datetime(2026, 3, 1, 9, 0, tzinfo=UTC), "bob@example.com",
        comments=(remark,), viewpoints=(view,),
    )  # fmt: skip


def test_a_file_becomes_a_ticket_whose_viewpoint_opens_in_3d_and_the_file_again_adds_nothing(
    account: Any, at_page: Any, tmp_path: Path
) -> None:
    models = account("project_manager").get(f"/sites/{SITE}/models")
    tower = max(models, key=lambda model: model["meshed_count"])
    columns = account("project_manager").get(f"/models/{tower['id']}/elements?class=IfcColumn")
    four = [item["global_id"] for item in columns["items"][:4]]
    column = four[0]
    topic = clash(four, (0.0, -30.0, 12.0))
    file = tmp_path / "碰撞.bcf"
    file.write_bytes(write_bcf([topic], "2.1"))

    page = at_page("project_manager", f"/sites/{SITE}/bcf/")
    page.set_input_files("#bcf-file", str(file))
    page.click("form[enctype] button[type=submit]")
    page.wait_for_selector(".bcf-topic")
    address = page.url
    assert "墙与管道碰撞" in page.locator(".bcf-topic h2").inner_text()
    assert "3 个中有 3 个在本工地模型中" in page.locator(".bcf-topic .facts").inner_text()
    until(
        page,
        "() => { const i = document.querySelector('.bcf-picture img'); return i.complete && i.naturalWidth > 100 }",
    )
    page.select_option("#bcf-category", "other")
    page.click(".bcf-take button")
    page.wait_for_selector(".note.success")
    assert "已上报 1 张隐患单" in page.locator(".note.success").inner_text()
    assert page.locator(".bcf-take").count() == 0

    page.click(".bcf-badges a")
    page.wait_for_selector("#bcf-comments")
    assert "anna@example.com" in page.locator("#bcf-comments").inner_text()
    link = page.locator("a", has_text="打开 BCF 视点").get_attribute("href")
    assert link is not None
    page.goto(page.url.split("/hazards/")[0] + link + "&testprofile")
    until(page, "id => window.twinwall?.elementColour?.(id)?.selected === true", arg=column, timeout_s=120)
    until(page, "() => window.twinwall.visibleCount() === 4", timeout_s=60)
    states = page.evaluate("ids => ids.map(id => window.twinwall.elementColour(id))", four)
    assert [(state["visible"], state["selected"]) for state in states] == [(True, True)] * 3 + [(True, False)]
    assert page.is_checked("#cut-on")
    numbers = [float(part) for part in link.split("camera=")[1].split("&")[0].split(",")]
    until(
        page,
        """place => {
            const canvas = document.querySelector('canvas').getBoundingClientRect();
            const at = window.twinwall.project(...place);
            return at && Math.abs(at.x - canvas.width / 2) < 3 && Math.abs(at.y - canvas.height / 2) < 3;
        }""",
        arg=numbers[3:],
    )
    page.screenshot(path=str(tmp_path / "viewpoint.png"))
    page.click("#show-all")
    until(page, "count => window.twinwall.visibleCount() > 1000", timeout_s=60)

    page.goto(address.rsplit("/imports/", 1)[0] + "/")
    page.set_input_files("#bcf-file", str(file))
    page.click("form[enctype] button[type=submit]")
    page.wait_for_selector(".bcf-topic")
    assert page.url == address
    assert page.locator(".bcf-topic input[type=checkbox]").count() == 0
