"""Helmets for journeys: the demo's own keep still meanwhile, so that one walk decides what the pages show."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

import paho.mqtt.client as mqtt
from shapely.geometry import shape

from .conftest import SITE

Place = tuple[float, float, float]


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

    def walk(self, *points: Place, until_s_ago: float = 0.0) -> None:
        """Send a fix at each point, a second apart, the last of them so many seconds ago."""
        last_ms = int((time.time() - until_s_ago) * 1000)
        fixes = [
            {
                "t": last_ms - 1000 * (len(points) - 1 - i),
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

    def close(self) -> None:
        self.client.loop_stop()
        self.client.disconnect()


def fenced_zone(account: Any, *, below_grade: int = 5) -> tuple[dict[str, Any], Place]:
    """Return the largest danger zone on a storey that has no alarm now and is below a grade, and a point inside it."""
    state = account("project_manager").get(f"/sites/{SITE}/state")
    busy = {alarm["zone_id"] for alarm in state["alarms"]}
    busy |= {zone["id"] for zone in state["zones"] if zone["grade"] >= below_grade}
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
