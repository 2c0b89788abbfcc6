"""The demo's district: our own fictional towns and twenty-four more sites. Not authoritative, and said so. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians
from typing import Literal

LonLat = tuple[float, float]
Profile = Literal["calm", "attention", "serious", "critical"]

BOUNDARY_SOURCE = "Twinwall 自绘虚构边界,非权威数据"
CITY = ("DEMO", "示范市(虚构)")
DISTRICT = ("DEMO-01", "示范区(虚构)")

_OUTER: dict[str, LonLat] = {
    "A": (113.690, 34.712),
    "B": (113.735, 34.702),
    "C": (113.782, 34.706),
    "D": (113.838, 34.699),
    "E": (113.866, 34.728),
    "F": (113.861, 34.768),
    "G": (113.872, 34.803),
    "H": (113.836, 34.832),
    "I": (113.787, 34.838),
    "J": (113.741, 34.829),
    "K": (113.699, 34.836),
    "L": (113.678, 34.796),
    "M": (113.686, 34.755),
}
_INNER: dict[str, LonLat] = {
    "X": (113.781, 34.776),
    "c1": (113.788, 34.733),
    "c2": (113.792, 34.752),
    "f1": (113.829, 34.772),
    "i1": (113.779, 34.811),
    "m1": (113.719, 34.762),
    "m2": (113.748, 34.781),
}


@dataclass(frozen=True)
class Town:
    """A town of the district; neighbours share their border points."""

    code: str
    name: str
    border: str

    @property
    def ring(self) -> list[LonLat]:
        """Closed ring in EPSG:4490 degrees."""
        places = {**_OUTER, **_INNER}
        points = [places[name] for name in self.border.split()]
        return [*points, points[0]]


TOWNS = (
    Town("DEMO-0101", "云溪街道", "A B C c1 c2 X m2 m1 M"),
    Town("DEMO-0102", "望湖街道", "C D E F f1 X c2 c1"),
    Town("DEMO-0103", "青禾街道", "F G H I i1 X f1"),
    Town("DEMO-0104", "白鹭街道", "I J K L M m1 m2 X i1"),
)
DEMO_SITE_TOWN = "DEMO-0101"
ENTERPRISES = ("中原示范建设集团", "豫新建工有限公司", "黄河筑城股份有限公司", "嵩山路桥工程有限公司")


def district_ring() -> list[LonLat]:
    """Closed ring of the whole district."""
    ring = list(_OUTER.values())
    return [*ring, ring[0]]


@dataclass(frozen=True)
class DistrictSite:
    """Another site of the district: a rectangle of ``width_m`` by ``depth_m`` around its middle."""

    code: str
    name: str
    town: str
    middle: LonLat
    width_m: float
    depth_m: float
    people: int
    enterprise: str
    profile: Profile

    def ring(self, share: float = 1.0) -> list[LonLat]:
        """Closed ring in degrees of the rectangle, or of its middle part of ``share`` of each side."""
        lon, lat = self.middle
        half_lon = self.width_m * share / 2 / (111_320 * cos(radians(lat)))
        half_lat = self.depth_m * share / 2 / 110_950
        west, east, south, north = lon - half_lon, lon + half_lon, lat - half_lat, lat + half_lat
        points = [(west, south), (east, south), (east, north), (west, north), (west, south)]
        return [(round(x, 8), round(y, 8)) for x, y in points]


_ROWS: tuple[tuple[str, str, LonLat, float, float, int, int, Profile], ...] = (
    ("云溪花园一期", "DEMO-0101", (113.7052, 34.7301), 210, 160, 180, 1, "calm"),
    ("云溪小学迁建", "DEMO-0101", (113.7205, 34.7183), 120, 100, 64, 0, "attention"),
    ("滨河路隧道", "DEMO-0101", (113.7436, 34.7226), 320, 70, 236, 3, "serious"),
    ("云溪商务中心", "DEMO-0101", (113.7611, 34.7415), 160, 140, 310, 2, "attention"),
    ("安置房三标段", "DEMO-0101", (113.7338, 34.7470), 240, 180, 274, 1, "critical"),
    ("市政管廊西段", "DEMO-0101", (113.7027, 34.7479), 300, 60, 88, 3, "calm"),
    ("望湖人民医院", "DEMO-0102", (113.8072, 34.7206), 220, 180, 402, 0, "attention"),
    ("望湖里住宅", "DEMO-0102", (113.8301, 34.7155), 190, 150, 156, 1, "calm"),
    ("湖东变电站", "DEMO-0102", (113.8502, 34.7292), 110, 90, 42, 2, "attention"),
    ("地铁9号线望湖站", "DEMO-0102", (113.8163, 34.7443), 260, 60, 288, 3, "serious"),
    ("望湖文化馆", "DEMO-0102", (113.8395, 34.7512), 130, 110, 97, 2, "attention"),
    ("东部污水处理厂", "DEMO-0102", (113.8102, 34.7612), 200, 160, 133, 3, "calm"),
    ("青禾科创园A区", "DEMO-0103", (113.8048, 34.7869), 260, 200, 365, 0, "serious"),
    ("青禾科创园B区", "DEMO-0103", (113.8239, 34.7925), 220, 180, 240, 0, "attention"),
    ("青禾中学", "DEMO-0103", (113.8452, 34.7838), 150, 130, 118, 1, "calm"),
    ("数据中心二期", "DEMO-0103", (113.8547, 34.8020), 180, 160, 205, 2, "critical"),
    ("青禾体育馆", "DEMO-0103", (113.8248, 34.8141), 170, 140, 176, 2, "serious"),
    ("北环立交改造", "DEMO-0103", (113.7982, 34.8226), 340, 80, 142, 3, "attention"),
    ("白鹭洲公寓", "DEMO-0104", (113.7572, 34.8032), 180, 150, 168, 1, "attention"),
    ("白鹭酒店", "DEMO-0104", (113.7341, 34.8121), 140, 120, 214, 2, "serious"),
    ("西湖公园地下车库", "DEMO-0104", (113.7066, 34.8178), 200, 160, 96, 3, "calm"),
    ("白鹭物流园", "DEMO-0104", (113.6968, 34.7935), 280, 220, 187, 1, "attention"),
    ("职业学院实训楼", "DEMO-0104", (113.7172, 34.7829), 150, 120, 121, 0, "attention"),
    ("湿地科普馆", "DEMO-0104", (113.7616, 34.7889), 120, 100, 55, 2, "calm"),
)
SITES = tuple(
    DistrictSite(f"DEMO-S{number:02d}", name, town, middle, width, depth, people, ENTERPRISES[owner], profile)
    for number, (name, town, middle, width, depth, people, owner, profile) in enumerate(_ROWS, start=1)
)

PROFILE_RISKS: dict[Profile, tuple[str, ...]] = {
    "calm": ("加工机械", "楼梯通道"),
    "attention": ("临时用电", "加工机械", "生活区火灾"),
    "serious": ("吊装作业", "临边作业(未受控)", "临时用电"),
    "critical": ("深基坑(未受控)", "吊装作业", "临边作业(未受控)"),
}
"""Kinds of risk (``risk_catalogue.TEMPLATES``) that stand on a site of each profile; colours follow from them."""
