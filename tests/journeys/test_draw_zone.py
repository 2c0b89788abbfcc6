"""A manager draws a zone with a hole, takes a step back, mends a crossing, saves, and sees it in 2D and 3D."""

from __future__ import annotations

from typing import Any

import pytest
import shapely
from playwright.sync_api import Page

from spatial import crs

from .conftest import SITE, until

pytestmark = pytest.mark.journey


def metric(geometry: dict[str, Any]) -> shapely.Geometry:
    """Return a GeoJSON geometry on the site's grid."""
    return crs.transform_shape(shapely.geometry.shape(geometry), from_srid=4490, to_srid=4547)


class Drawing:
    """The map of the page as a hand sees it: places in metres from its middle."""

    def __init__(self, page: Page) -> None:
        self.page = page
        until(page, "() => window.twinwall && window.twinwall.isLoaded && window.twinwall.isLoaded()")
        box = page.locator("#zone-map").bounding_box()
        assert box is not None
        self.left, self.top, self.width, self.height = box["x"], box["y"], box["width"], box["height"]

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return pixels of the window for hundredths of the map."""
        return self.left + self.width * x / 100, self.top + self.height * y / 100

    def click(self, *places: tuple[float, float]) -> None:
        for place in places:
            self.page.mouse.move(*self.at(*place))
            self.page.mouse.click(*self.at(*place))

    def shape(self, name: str, *places: tuple[float, float], hole: bool = False) -> dict[str, Any]:
        """Draw a shape, wait until it is there, and return the whole outline."""
        before = self.page.evaluate("() => JSON.stringify(window.twinwall.outline())")
        self.page.check(f'input[name="draw-as"][value="{"hole" if hole else "area"}"]')
        self.page.click(f'[data-draw="{name}"]')
        self.click(*places)
        until(self.page, "before => JSON.stringify(window.twinwall.outline()) !== before", arg=before)
        return self.page.evaluate("() => window.twinwall.outline()")

    def checked(self) -> list[str]:
        """Wait for the server's answer and return the codes of its findings."""
        until(self.page, "() => window.twinwall.findings() !== null")
        return self.page.evaluate("() => window.twinwall.findings().map(finding => finding.code)")

    def shown_area(self) -> float:
        return float(self.page.locator("#zone-area").text_content() or "nan")


def test_a_zone_with_a_hole_is_drawn_undone_saved_and_seen_in_2d_and_3d(at_page: Any, account: Any) -> None:
    page = at_page("project_manager", f"/sites/{SITE}/zones/new/", width=1440, height=900)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    drawing = Drawing(page)
    page.uncheck("#snap")

    whole = drawing.shape("Rectangle", (30, 40), (50, 70))
    assert drawing.checked() == []
    assert drawing.shown_area() == pytest.approx(metric(whole).area, abs=0.006)

    with_hole = drawing.shape("Polygon", (36, 50), (44, 50), (44, 60), (36, 60), (36, 50), hole=True)
    assert [len(rings) for rings in with_hole["coordinates"]] == [5, 5]
    assert drawing.checked() == []
    area = metric(with_hole).area
    hole = shapely.Polygon(metric(with_hole).interiors[0]).area
    assert area == pytest.approx(metric(whole).area - hole, abs=1e-6)
    assert drawing.shown_area() == pytest.approx(area, abs=0.006)

    drawing.shape("Circle", (60, 55), (63, 55))
    page.click("#undo")
    assert page.evaluate("() => window.twinwall.outline()") == with_hole
    page.click("#redo")
    assert len(page.evaluate("() => window.twinwall.outline().coordinates")) == 2
    page.click("#undo")
    assert drawing.checked() == []

    page.fill("#zone-code", "J-HOLE")
    page.fill("#zone-name", "环形作业区")
    page.fill("#zone-bottom", "100")
    page.fill("#zone-top", "90")
    until(page, "() => document.querySelector('[data-repair=\"height_upside_down\"]')")
    assert page.locator("#zone-save").is_disabled()
    page.click('[data-repair="height_upside_down"]')
    assert drawing.checked() == []
    page.click("#zone-save")
    page.wait_for_url(f"**/sites/{SITE}/zones/*-*/")
    zone_id = page.url.rstrip("/").rsplit("/", 1)[1]
    assert page.locator(".zone-versions li").count() == 1

    features = account("worker").get(f"/sites/{SITE}/zones.geojson")["features"]
    stored = next(feature for feature in features if feature["id"] == zone_id)
    assert (stored["properties"]["bottom_m"], stored["properties"]["top_m"]) == (90.0, 100.0)
    assert metric(stored["geometry"]).area == pytest.approx(area, abs=1e-6)
    assert account("worker").get(f"/sites/{SITE}/zones/{zone_id}")["area_m2"] == pytest.approx(area, abs=0.0006)

    page.goto(page.url.split("/sites/")[0] + f"/sites/{SITE}/map/")
    zones = account("worker").get(f"/sites/{SITE}/state")["zones"]
    grade = next(zone["grade"] for zone in zones if zone["id"] == zone_id)
    coloured = "([id, grade]) => window.twinwall?.zoneColour?.(id)?.grade === grade"
    until(page, coloured, arg=[zone_id, grade])

    page.goto(page.url.split("/sites/")[0] + f"/sites/{SITE}/")
    until(page, coloured, arg=[zone_id, grade], timeout_s=120)
    assert page.evaluate("id => window.twinwall.zoneRings(id)", zone_id) == [[4, 4]]
    assert errors == []


def test_a_crossing_is_shown_and_mended_only_on_a_click(at_page: Any) -> None:
    page = at_page("project_manager", f"/sites/{SITE}/zones/new/", width=1440, height=900)
    drawing = Drawing(page)
    page.uncheck("#snap")
    drawn = drawing.shape("Polygon", (30, 40), (50, 70), (50, 40), (30, 70), (30, 40))
    assert drawing.checked() == ["self_crossing"]
    assert page.locator(".crossing-mark").count() == 1
    page.fill("#zone-code", "J-CROSS")
    page.fill("#zone-name", "交叉")
    assert drawing.checked() == ["self_crossing"]
    assert page.locator("#zone-save").is_disabled()
    page.click('[data-repair="self_crossing"]')
    assert drawing.checked() == []
    mended = page.evaluate("() => window.twinwall.outline()")
    assert len(mended["coordinates"]) == 2
    repaired = shapely.make_valid(metric(drawn))
    assert metric(mended).area == pytest.approx(repaired.area, abs=1e-4)
    assert drawing.shown_area() == pytest.approx(repaired.area, abs=0.006)
    page.click("#undo")
    assert drawing.checked() == ["self_crossing"]
