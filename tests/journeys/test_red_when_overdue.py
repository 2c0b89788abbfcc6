"""A zone turns red by itself at the second its ticket goes overdue, on every open page, and back when it is closed."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import SITE, rectify_and_recheck, report_and_assign, until

pytestmark = pytest.mark.journey

ZONE_IS = "([id, grade]) => window.twinwall && window.twinwall.zoneColour(id)?.grade === grade"


def quiet_zone(account: Any) -> tuple[dict[str, Any], list[float], float]:
    """A zone of the demo that is not red and has nothing open in it, with a point inside and a height."""
    state = account("project_manager").get(f"/sites/{SITE}/state")
    grades = {z["id"]: z for z in state["zones"]}
    features = account("project_manager").get(f"/sites/{SITE}/zones.geojson")["features"]
    for feature in features:
        properties = feature["properties"]
        zone = grades[str(feature.get("id") or properties["id"])]
        if zone["grade"] not in (1, 2) or properties.get("fence") or zone["code"] in overlapping(features, feature):
            continue
        from shapely.geometry import shape

        inside = shape(feature["geometry"]).representative_point()
        bottom = properties["bottom_m"] if properties["bottom_m"] is not None else 88.6
        return zone, [inside.x, inside.y], bottom + 0.5
    raise AssertionError("the demo has no quiet zone")


def overlapping(features: list[dict[str, Any]], feature: dict[str, Any]) -> set[str]:
    """The zone's own code when another zone stands on the same ground: its colour would not be its own."""
    from shapely.geometry import shape

    ground = shape(feature["geometry"]).representative_point()
    code = feature["properties"]["code"]
    others = [f for f in features if f["properties"]["code"] != code and not f["properties"].get("parent")]
    return {code} if any(shape(f["geometry"]).covers(ground) for f in others) else set()


def test_a_zone_reddens_at_the_deadline_in_3d_2d_and_region_pages_without_a_reload_and_returns_when_closed(
    account: Any, at_page: Any, whole_product: Any
) -> None:
    zone, (lon, lat), height_m = quiet_zone(account)
    in_3d = at_page("project_manager", f"/sites/{SITE}/?testprofile")
    in_2d = at_page("safety_officer", f"/sites/{SITE}/map/")
    region = at_page("regulator", "/region/")
    for page in (in_3d, in_2d):
        until(page, ZONE_IS, arg=[zone["id"], zone["grade"]], timeout_s=90)
    until(region, "code => window.twinwall && window.twinwall.siteColour(code)", arg=SITE)
    loaded = [page.evaluate("window.twinwall.loadedAt") for page in (in_3d, in_2d, region)]

    ticket = report_and_assign(account, lon=lon, lat=lat, height_m=height_m, due_in_s=12)

    for page in (in_3d, in_2d):
        until(page, ZONE_IS, arg=[zone["id"], 4], timeout_s=40)
    until(region, "code => window.twinwall.siteColour(code).grade === 4", arg=SITE, timeout_s=40)
    state = account("project_manager").get(f"/sites/{SITE}/state")
    red = next(z for z in state["zones"] if z["id"] == zone["id"])
    assert red["grade"] == 4
    why = [r for r in red["reasons"] if r["kind"] == "HAZ_GENERAL_OVERDUE"]
    assert len(why) == 1
    assert ticket["number"] in why[0]["text"]
    assert why[0]["url"].endswith(f"/hazards/{ticket['id']}/")

    rectify_and_recheck(account, ticket["id"])

    for page in (in_3d, in_2d):
        until(page, ZONE_IS, arg=[zone["id"], zone["grade"]], timeout_s=40)
    assert [page.evaluate("window.twinwall.loadedAt") for page in (in_3d, in_2d, region)] == loaded


def test_a_zone_reddens_with_worker_and_beat_stopped(account: Any, at_page: Any, whole_product: Any) -> None:
    zone, (lon, lat), height_m = quiet_zone(account)
    page = at_page("project_manager", f"/sites/{SITE}/map/")
    until(page, ZONE_IS, arg=[zone["id"], zone["grade"]], timeout_s=60)
    whole_product.stop_service("worker")
    whole_product.stop_service("beat")
    try:
        ticket = report_and_assign(account, lon=lon, lat=lat, height_m=height_m, due_in_s=6)
        until(page, ZONE_IS, arg=[zone["id"], 4], timeout_s=40)
        rectify_and_recheck(account, ticket["id"])
        until(page, ZONE_IS, arg=[zone["id"], zone["grade"]], timeout_s=40)
    finally:
        whole_product.start_service("worker")
        whole_product.start_service("beat")
