"""A helmet walks into a danger zone: every open page of the site says who, where and on which storey."""

from __future__ import annotations

import json
import time
import uuid
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from shapely.geometry import shape

from .conftest import SITE, until

pytestmark = pytest.mark.journey


class Helmet:
    """A device as its maker would write it: knows the broker, its own name and password, nothing else."""

    def __init__(self, fleet: dict[str, Any], index: int) -> None:
        self.code = fleet["devices"][index]["code"]
        self.topic = f"tw/v1/{fleet['site']}/{self.code}/positions"
        self.client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"journey-{self.code}")
        self.client.username_pw_set(self.code, fleet["devices"][index]["password"])
        self.client.connect(fleet["mqtt"]["host"], fleet["mqtt"]["port"])
        self.client.loop_start()
        self.boot, self.seq = uuid.uuid4().hex, 0

    def walk(self, *points: tuple[float, float, float]) -> None:
        now_ms = int(time.time() * 1000)
        fixes = [
            {
                "t": now_ms - 1000 * (len(points) - 1 - i),
                "lon": lon,
                "lat": lat,
                "h": height,
                "h_ref": "yellow_sea",
                "acc": 0.3,
                "src": "UWB",
                "worn": True,
            }
            for i, (lon, lat, height) in enumerate(points)
        ]
        self.seq += 1
        message = {"v": 1, "boot": self.boot, "seq": self.seq, "battery": 80, "fixes": fixes}
        self.client.publish(self.topic, json.dumps(message), qos=1).wait_for_publish(10)


def fenced_zone(account: Any) -> tuple[dict[str, Any], tuple[float, float, float]]:
    """The largest danger zone on a storey of the demo that has no alarm now, and a point inside it."""
    state = account("project_manager").get(f"/sites/{SITE}/state")
    busy = {alarm["zone_id"] for alarm in state["alarms"]}
    fenced = [
        f
        for f in account("project_manager").get(f"/sites/{SITE}/zones.geojson")["features"]
        if f["properties"].get("fence")
        and f["properties"]["storeys"]
        and str(f.get("id") or f["properties"]["id"]) not in busy
    ]
    feature = max(fenced, key=lambda f: shape(f["geometry"]).area)
    inside = shape(feature["geometry"]).representative_point()
    bottom, top = feature["properties"]["bottom_m"], feature["properties"]["top_m"]
    return feature, (inside.x, inside.y, (bottom + top) / 2)


def test_an_entry_is_on_the_open_3d_and_2d_pages_with_name_zone_and_storey(
    account: Any, at_page: Any, whole_product: Any
) -> None:
    whole_product.stop_service("simulator")
    try:
        fleet = json.loads((Path(whole_product.data_root) / "demo" / "fleet.json").read_text(encoding="utf-8"))
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
    finally:
        whole_product.start_service("simulator")
