"""Fences of the demo that are more than "nobody enters": approach, stay, head-count, company, times, trades, shapes, a
confined space.

A centre and a path are degrees (EPSG:4490); `loading` makes points and lines of them. Pure.
"""

from __future__ import annotations

from typing import Any

from bim.ifc.demo_project import dimensions as d
from webmap.demo.placing import LonLat, to_lon_lat
from webmap.demo.zones import SUMP_ZONE, demo_zones

REASON = "按现场方案设置围栏规则"
CRANE_FOOT_M = 3.5
"""Radius of the circle about the foot of the tower crane, in which nobody walks below its counterweight."""


def fence_settings() -> dict[str, dict[str, Any]]:
    """This function will return settings of fences by the code of their zone."""
    return {
        "Z01": {"approach_m": 3.0},
        "Z05": {"shape": "circle", "centre": to_lon_lat(*d.CRANE_BASE), "radius_m": CRANE_FOOT_M},
        "Z12": {"shape": "corridor", **_along("Z12")},
        "Z17": {"lone_forbidden": True, "approach_m": 1.5},
        "Z22": {"admission": "anybody", "rule": "P-01", "person_limit": 9},
        "Z28": {
            "admission": "anybody",
            "needs_briefing": True,
            "person_limit": 2,
            "dwell_s": 300,
            "schedule": [{"days": [1, 2, 3, 4, 5, 6, 7], "from": "19:00", "to": "07:00", "first": None, "last": None}],
        },
        "Z29": {"trades": ["电工"], "certificates": ["electrician"], "dwell_s": 1800},
        SUMP_ZONE: {"rule": "C-01"},
    }


def _along(code: str) -> dict[str, Any]:
    """Return the line through the middle of an oblong zone, and how wide the zone is."""
    outline = next(zone.outline for zone in demo_zones() if zone.code == code)
    xs, ys = [x for x, _ in outline], [y for _, y in outline]
    west, east, south, north = min(xs), max(xs), min(ys), max(ys)
    path: list[LonLat]
    if east - west >= north - south:
        middle = (south + north) / 2.0
        path, width = [to_lon_lat(west, middle), to_lon_lat(east, middle)], north - south
    else:
        middle = (west + east) / 2.0
        path, width = [to_lon_lat(middle, south), to_lon_lat(middle, north)], east - west
    return {"path": path, "width_m": round(width, 3)}
