"""A helmet walks into a danger zone: every open page of the site says who, where and on which storey."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import SITE, until
from .helmets import Helmet, fenced_zone

pytestmark = pytest.mark.journey


def test_an_entry_is_on_the_open_3d_and_2d_pages_with_name_zone_and_storey(
    account: Any, at_page: Any, fleet: dict[str, Any]
) -> None:
    feature, inside = fenced_zone(account)
    zone_id = str(feature.get("id") or feature["properties"]["id"])
    pages = [
        at_page("project_manager", f"/sites/{SITE}/?testprofile"),
        at_page("safety_officer", f"/sites/{SITE}/map/"),
    ]
    for page in pages:
        until(page, "id => window.twinwall && window.twinwall.zoneColour(id)", arg=zone_id, timeout_s=90)
    loaded = [page.evaluate("window.twinwall.loadedAt") for page in pages]
    helmet = Helmet(fleet, 20)
    helmet.walk(inside, inside, inside, inside)
    raised = """([device, zone]) => window.twinwall.events().find(e => e.kind === "alarm_raised"
        && e.payload.device === device && e.payload.zone_id === zone)"""
    for page in pages:
        until(page, raised, arg=[helmet.code, zone_id], timeout_s=30)
        event = page.evaluate(raised, [helmet.code, zone_id])
        assert event["payload"]["zone"] == feature["properties"]["name"]
        assert event["payload"]["person"]
        assert event["payload"]["storey"]
        until(
            page,
            "words => words.every(word => document.body.innerText.includes(word))",
            arg=[event["payload"][name] for name in ("person", "zone", "storey")],
        )
    assert [page.evaluate("window.twinwall.loadedAt") for page in pages] == loaded
