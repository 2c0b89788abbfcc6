"""A site with zones and risk points of every grade, its cards issued."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from spatial.cards.models import NoticeCard
from spatial.cards.operations import issue_cards, save_post, set_wall_settings
from spatial.cards.queries import points_of
from spatial.places.operations import place_anchor
from spatial.risks.models import RiskPoint
from spatial.risks.operations import create_risk_point
from spatial.zones.models import Zone
from spatial.zones.operations import create_zone
from tests.webmap.field_cast import BUILT_AT, LAT, LON, RESPONSIBLE_LEVELS, Cast, build_cast, square

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
BACKEND = "django.contrib.auth.backends.ModelBackend"
MEASURES = [
    {"kind": "engineering", "text": "基坑周边设1.2m高防护栏杆,挂密目网,夜间设警示灯。"},
    {"kind": "management", "text": "坑边2m内不得堆载,土方开挖前验收支护,未经验收不得进入下道工序。"},
    {"kind": "training", "text": "入场教育、班前交底。"},
    {"kind": "ppe", "text": "安全帽、防滑鞋"},
    {"kind": "emergency", "text": "立即撤出坑内人员,清点人数并报告项目经理。"},
]
GRADED = (
    # code, zone, name, kind, scores, where (degrees east and north of the site's middle)
    ("RP-R", "Z-RED", "深基坑开挖", "activity", {"L": 6, "E": 6, "C": 40}, (0.0010, 0.0010)),
    ("RP-O", "Z-ORANGE", "塔吊吊装", "facility", {"L": 3, "E": 6, "C": 15}, (-0.0010, 0.0010)),
    ("RP-Y", "Z-YELLOW", "外架搭设", "activity", {"L": 1, "E": 6, "C": 15}, (-0.0010, -0.0010)),
    ("RP-B", "Z-BLUE", "材料堆场", "facility", {"L": 1, "E": 6, "C": 3}, (0.0010, -0.0010)),
)
HALF_DEG = 0.00035


@dataclass(frozen=True)
class Walls:
    """The cast with what hangs on its walls; `points` and `cards` by the point's code."""

    cast: Cast
    points: dict[str, RiskPoint]
    cards: dict[str, NoticeCard]
    zones: dict[str, Zone]

    @property
    def site(self) -> Any:
        return self.cast.site


def graded_point(site: Any, code: str, name: str, kind: str, scores: dict[str, float], lon: float, lat: float,
                 measures: list[dict[str, str]]) -> RiskPoint:  # fmt: skip
    return create_risk_point(
        site=site, code=code, name=name, kind=kind, anchor=place_anchor(site=site, lon=lon, lat=lat, height_m=92.5),
        sources=[{"name": f"{name}失稳,人员被埋", "accident_type": "坍塌", "method": "LEC", "scores": scores,
                  "measures": measures}],
        responsible=[{"level": level, "full_name": f"{level}负责人", "phone": "0371-1234567"}
                     for level in RESPONSIBLE_LEVELS],
        actor=None, now=BUILT_AT,
    )  # fmt: skip


@pytest.fixture
def walls(db: None) -> Walls:
    cast = build_cast()
    zones = {}
    for code, zone, name, kind, scores, (east, north) in GRADED:
        lon, lat = LON + east, LAT + north
        zones[zone] = create_zone(
            site=cast.site, code=zone, name=f"{name}区", kind="area", outline=square(lon, lat, HALF_DEG),
            bottom_m=85.0, top_m=110.0, actor=None, now=BUILT_AT,
        )  # fmt: skip
        graded_point(cast.site, code, name, kind, scores, lon, lat, MEASURES)
    save_post(
        site=cast.site, name="支护工岗位", trade="支护工", leader_name="支护班组",
        risk_points=RiskPoint.objects.filter(site=cast.site, code="RP-R"), actor=cast.safety, now=NOW,
    )  # fmt: skip
    issue_cards(site=cast.site, actor=cast.safety, now=NOW)
    points = {point.code: point for point in points_of(cast.site)}
    cards = {code: point.valid_cards[0] for code, point in points.items()}  # type: ignore[attr-defined]
    return Walls(cast, points, cards, zones)


@pytest.fixture
def open_walls(walls: Walls) -> Walls:
    """The same, with live cards open to everybody."""
    set_wall_settings(
        site=walls.site, open_without_login=True, emergency_name="值班室", emergency_phone="0371-7654321",
        actor=walls.cast.safety, now=NOW,
    )  # fmt: skip
    return walls
