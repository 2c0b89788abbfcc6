"""Fences of the demo that are more than "nobody enters": approach, stay, head-count, company, times, trades."""

from __future__ import annotations

from typing import Any

REASON = "按现场方案设置围栏规则"


def fence_settings() -> dict[str, dict[str, Any]]:
    """This function will return settings of fences by the code of their zone."""
    return {
        "Z01": {"approach_m": 3.0},
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
    }
