"""Public risk points of the demo's towns: invented places of our own. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class DemoPublicRisk:
    """One public risk point: `at` is one position (a point), several (a line), or a closed ring (an area)."""

    town: str
    code: str
    name: str
    kind: str
    at: tuple[tuple[float, float], ...]
    method: str
    scores: dict[str, float]
    unit: str
    person: str
    measures: str
    check_in_days: int
    direct_reason: str = ""


def _ring(lon: float, lat: float, half_lon: float, half_lat: float) -> tuple[tuple[float, float], ...]:
    west, east, south, north = lon - half_lon, lon + half_lon, lat - half_lat, lat + half_lat
    return (west, south), (east, south), (east, north), (west, north), (west, south)


def _lec(likelihood: float, exposure: float, consequence: float) -> dict[str, Any]:
    return {"L": likelihood, "E": exposure, "C": consequence}


PUBLIC_RISKS = (
    DemoPublicRisk(
        "DEMO-0101",
        "YX-01",
        "云溪路铁路下穿通道",
        "flooding",
        ((113.722, 34.736),),
        "LEC",
        _lec(6, 6, 15),
        "市政养护中心",
        "王建民",
        "水位标尺与积水自动报警；暴雨预警时专人值守，积水超过 27 cm 时封闭交通",
        12,
    ),
    DemoPublicRisk(
        "DEMO-0101",
        "YX-02",
        "溪北老旧家属院 3 号楼",
        "building",
        ((113.748, 34.744),),
        "LEC",
        _lec(3, 6, 15),
        "云溪街道办事处",
        "赵海燕",
        "设置警示围挡，每月沉降观测，汛期人员撤离预案",
        30,
    ),
    DemoPublicRisk(
        "DEMO-0101",
        "YX-03",
        "云溪河滨水步道",
        "water",
        ((113.728, 34.758), (113.736, 34.7545), (113.746, 34.753), (113.755, 34.7555)),
        "LS",
        {"L": 3, "S": 4},
        "河道管理所",
        "孙立志",
        "设置护栏、救生圈和警示牌，节假日巡查",
        -6,
    ),
    DemoPublicRisk(
        "DEMO-0102",
        "WH-01",
        "望湖中学放学路口",
        "road",
        ((113.808, 34.739),),
        "LEC",
        _lec(3, 10, 15),
        "交警大队望湖中队",
        "何志明",
        "高峰时段护学岗，减速带与人行横道信号灯",
        7,
    ),
    DemoPublicRisk(
        "DEMO-0102",
        "WH-02",
        "望湖公园人工湖",
        "water",
        _ring(113.822, 34.752, 0.0045, 0.0028),
        "LS",
        {"L": 3, "S": 5},
        "园林管理处",
        "田文静",
        "湖岸护栏与深水警示，冰面期禁止入内，专人巡护",
        20,
    ),
    DemoPublicRisk(
        "DEMO-0102",
        "WH-03",
        "次高压燃气管线穿越工地段",
        "gas",
        ((113.829, 34.742), (113.838, 34.7455), (113.846, 34.7462)),
        "direct",
        {},
        "城市燃气公司",
        "郭永亮",
        "施工交底与旁站监护，管位标识桩，泄漏监测与联动停气",
        3,
        "DJ-04",
    ),
    DemoPublicRisk(
        "DEMO-0103",
        "QH-01",
        "青禾采土坑边坡",
        "slope",
        _ring(113.835, 34.802, 0.003, 0.002),
        "LEC",
        _lec(6, 3, 15),
        "自然资源所",
        "马国成",
        "坡顶截水沟，位移监测，雨后专人巡查并限制通行",
        5,
    ),
    DemoPublicRisk(
        "DEMO-0103",
        "QH-02",
        "青禾集贸市场",
        "crowd",
        ((113.812, 34.798),),
        "LEC",
        _lec(3, 6, 15),
        "市场管理服务中心",
        "蒋秀兰",
        "消防通道保持畅通，用电检查，集日限流",
        14,
    ),
    DemoPublicRisk(
        "DEMO-0104",
        "BL-01",
        "白鹭 110 kV 线路跨路段",
        "power",
        ((113.735, 34.812), (113.752, 34.809)),
        "LS",
        {"L": 2, "S": 5},
        "供电公司",
        "韩志刚",
        "限高架与警示牌，吊装作业审批，定期测距",
        25,
    ),
    DemoPublicRisk(
        "DEMO-0104",
        "BL-02",
        "白鹭洲桥",
        "bridge",
        ((113.728, 34.796),),
        "LEC",
        _lec(1, 6, 15),
        "公路管理站",
        "邓小勇",
        "限载 20 t，每季度桥梁检测",
        60,
    ),
    DemoPublicRisk(
        "DEMO-0104",
        "BL-03",
        "白鹭街占道开挖",
        "manhole",
        ((113.716, 34.788),),
        "LEC",
        _lec(1, 6, 7),
        "水务集团",
        "唐敏",
        "围挡与夜间警示灯，井盖防坠网",
        2,
    ),
)
