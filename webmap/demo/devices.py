"""The registry of the demo: gateways, sensors, tags and trucks beside helmets and machines; papers that end. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bim.ifc.demo_project import dimensions as d

Place = tuple[float, float, float]


@dataclass(frozen=True)
class DemoDevice:
    """A device with its papers and calibrations; days are counted from the day of loading."""

    code: str
    name: str
    kind: str
    at: Place | None = None
    protocol: str = "twinwall"
    interval_s: int = 60
    terminal_number: str = ""
    maker: str = ""
    model: str = ""
    add_ons: tuple[str, ...] | None = None
    papers: tuple[tuple[str, str, int], ...] = ()
    calibrations: tuple[tuple[str, str, float, float, int], ...] = ()


@dataclass(frozen=True)
class Facts:
    """Maker and papers of a device that another part of the demo registers."""

    maker: str
    model: str
    papers: tuple[tuple[str, str, int], ...] = field(default=())


_G = d.GROUND_M
PIT_X, PIT_Y = d.PIT[0], d.PIT[1]
DEVICES = (
    DemoDevice(
        "ZD-G01", "环境监测网关", "gateway", (66.0, -38.0, _G + 3), "sensorthings", 60, maker="绿野环境", model="LY-G2"
    ),
    DemoDevice(
        "ZD-G02",
        "地下室定位网关",
        "gateway",
        (30.0, 18.0, -3.0),
        maker="精位科技",
        model="UG-8",
        add_ons=("uplink", "uwb"),
    ),
    DemoDevice(
        "ZD-N01",
        "大门扬尘噪声监测站",
        "sensor",
        (66.0, -36.0, _G + 3),
        "silent",
        maker="绿野环境",
        model="YC-100",
        add_ons=("dust", "noise", "weather"),
        calibrations=(("pm10", "JZ-PM-2606", 1.04, -1.5, 12), ("noise", "JZ-ZS-2601", 1.0, 0.3, 180)),
    ),
    DemoDevice(
        "ZD-N02",
        "地下室四合一气体探测器",
        "sensor",
        (24.0, 12.0, -4.0),
        "mapped",
        30,
        maker="安泰仪器",
        model="AT-4G",
        add_ons=("gas_oxygen", "gas_co", "gas_h2s", "gas_lel"),
        papers=(("explosion", "FB-2024-0917", 96),),
        calibrations=(
            ("oxygen", "JZ-O2-2511", 1.02, 0.1, 6),
            ("co", "JZ-CO-2511", 0.98, 0.0, -4),
            ("lel", "JZ-LEL-2511", 1.0, 0.0, 27),
        ),
    ),
    DemoDevice(
        "ZD-N03",
        "1号总配电箱电气监测",
        "sensor",
        (58.0, -30.0, _G + 1.5),
        "mapped",
        60,
        maker="泰安电气",
        model="TD-3",
        add_ons=("total_current",),
        papers=(("inspection", "JC-DQ-1182", 210),),
    ),
    DemoDevice(
        "ZD-N04",
        "13层卸料平台称重",
        "sensor",
        (40.0, -2.0, 56.0),
        "mapped",
        30,
        maker="衡力",
        model="HL-2",
        add_ons=("load_cell",),
        papers=(("inspection", "JC-XL-0326", -9),),
        calibrations=(("platform_load", "JZ-CZ-2605", 1.0, 0.02, 44),),
    ),
    DemoDevice(
        "ZD-N05",
        "基坑北侧防护开关",
        "sensor",
        (20.0, d.PIT[3] + 0.8, _G),
        "mapped",
        60,
        maker="安泰仪器",
        model="KG-1",
        add_ons=("edge_guard",),
    ),
    DemoDevice("ZD-K01", "访客标签 1", "tag", interval_s=1, maker="精位科技", model="UT-1"),
    DemoDevice("ZD-K02", "访客标签 2", "tag", interval_s=1, maker="精位科技", model="UT-1"),
    DemoDevice("ZD-K03", "钢筋堆场物资标签", "tag", (72.0, 20.0, _G), "twinwall", 60, maker="精位科技", model="UT-1"),
    DemoDevice(
        "ZD-J01",
        "2号渣土车部标终端",
        "vehicle",
        None,
        "jt808",
        10,
        "13900007101",
        "远途车载",
        "YT-808",
        papers=(("insurance", "BX-豫A7101", 14), ("inspection", "NJ-豫A7101", 120)),
    ),
    DemoDevice(
        "ZD-J02",
        "3号渣土车部标终端",
        "vehicle",
        None,
        "jt808",
        10,
        "13900007102",
        "远途车载",
        "YT-808",
        papers=(("insurance", "BX-豫A7102", -2),),
    ),
    DemoDevice(
        "ZD-J03",
        "1号混凝土泵车部标终端",
        "vehicle",
        None,
        "jt808",
        10,
        "00000000013900007103",
        "远途车载",
        "YT-2019",
        papers=(("insurance", "BX-豫A7103", 260),),
    ),
)
KNOWN = {
    "ZD-C01": Facts("中联智控", "TC-BOX", (("inspection", "TJ-2026-0815", 25), ("filing", "CQ-豫A-0457", 900),
                                      ("use_permit", "SY-2026-031", 410))),
    "ZD-C02": Facts("中联智控", "TC-BOX", (("inspection", "TJ-2026-0816", 5), ("use_permit", "SY-2026-032", 410))),
    "ZD-C03": Facts("中联智控", "TC-BOX", (("inspection", "TJ-2026-0902", 140),)),
    "ZD-L01": Facts("升安科技", "SC-M1", (("inspection", "SJ-2026-0420", -1), ("use_permit", "SY-2026-033", 380))),
    "ZD-M01": Facts("测维", "CW-D2", (("certificate", "HG-D2-118", 700),)),
    "ZD-M02": Facts("测维", "CW-Z1", (("certificate", "HG-Z1-052", 700),)),
    "ZD-V01": Facts("明视", "IPC-4", ()),
    "ZD-V02": Facts("明视", "PTZ-8", ()),
}  # fmt: skip
STREAMS = (
    ("101", "pm10", 1.0), ("102", "pm25", 1.0), ("103", "noise", 1.0), ("104", "wind_speed", 1.0),
    ("105", "air_temperature", 1.0), ("106", "humidity", 1.0),
)  # fmt: skip
AIR = {"pm10": 62.0, "pm25": 31.0, "noise": 58.0, "wind_speed": 3.2, "air_temperature": 11.0, "humidity": 54.0}
"""What the station at the gate measures on a quiet day; the calmest hours are before dawn (our zone is UTC+8)."""

GAS_MAPPING: dict[str, Any] = {
    "time": {"path": "$.t", "format": "pattern", "pattern": "%Y-%m-%d %H:%M:%S", "zone": "Asia/Shanghai"},
    "battery": {"path": "$.pwr", "optional": True},
    "readings": [
        {
            "each": "$.gas[*]",
            "value": "v",
            "quantity": {"path": "n", "table": {"O2": "oxygen", "CO": "co", "H2S": "h2s", "EX": "lel"}},
        },
    ],
}
GAS_EXAMPLE: dict[str, Any] = {
    "t": "2026-03-01 09:00:00", "pwr": 88,
    "gas": [{"n": "O2", "v": "20.8"}, {"n": "CO", "v": 2}, {"n": "H2S", "v": 0}, {"n": "EX", "v": 0}],
}  # fmt: skip
BOX_MAPPING: dict[str, Any] = {
    "time": {"path": "$.ts", "format": "unix_s"},
    "readings": [
        {"quantity": "residual_current_total", "value": "$.leak", "unit": "A", "optional": True},
        {"quantity": "cable_temperature", "value": "$.temp", "optional": True},
        {"quantity": "platform_load", "value": "$.kg", "unit": "kg", "optional": True},
        {"quantity": "edge_guard_open", "value": {"path": "$.door", "table": {"open": 1, "closed": 0}},
         "optional": True},
    ],
}  # fmt: skip
BOX_EXAMPLE: dict[str, Any] = {"ts": 1772326800, "leak": 0.042, "temp": 38.5}
REFUSED = (
    ("ZD-N02", "mapped", b'{"t": "2026-13-01 09:00:00", "gas": [{"n": "O2", "v": 20.8}]}'),
    ("ZD-N02", "mapped", b'{"t": "2026-03-01 09:00:00", "gas": [{"n": "NH3", "v": 3}]}'),
    ("ZD-N03", "mapped", b'{"ts": 1772326800, "leak": "n/a"}'),
    (
        "ZD-G01",
        "sensorthings",
        b'{"Datastream": {"@iot.id": 199}, "phenomenonTime": "2026-03-01T01:00:00Z", "result": 1}',
    ),
    ("ZD-J02", "jt808", bytes(27)),
    ("ZD-K01", "positions", b"\x01\x7e\x00\x13not json at all"),
)


@dataclass(frozen=True)
class DemoBox:
    """A box that speaks in its maker's words for as long as the demo runs: what it measures, and what it says."""

    code: str
    speaks: str
    interval_s: int
    waves: tuple[dict[str, Any], ...]
    body: Any


def _air_wave(quantity: str, base: float) -> dict[str, Any]:
    return {"quantity": quantity, "base": base, "swing": round(0.12 * base, 3), "noise": 0.02 * base, "low": 0.0}


def _gas(name: str, quantity: str, **more: str) -> dict[str, Any]:
    return {"n": name, "v": {"wave": quantity, **more}}


BOXES = (
    DemoBox(
        "ZD-G01",
        "sensorthings",
        60,
        tuple(_air_wave(quantity, base) for quantity, base in AIR.items()),
        [
            {"Datastream": {"@iot.id": stream_id}, "phenomenonTime": {"time": "iso"}, "result": {"wave": quantity}}
            for stream_id, quantity, _scale in STREAMS
        ],
    ),
    DemoBox(
        "ZD-N02",
        "mapped",
        30,
        (
            {"quantity": "oxygen", "base": 20.5, "noise": 0.05, "places": 1},
            {"quantity": "co", "base": 2.0, "swing": 1.0, "noise": 0.4, "low": 0.0, "places": 0},
            {"quantity": "h2s", "base": 0.2, "noise": 0.1, "low": 0.0, "places": 1},
            {"quantity": "lel", "base": 0.6, "noise": 0.3, "low": 0.0, "places": 1},
        ),
        {
            "t": {"time": "%Y-%m-%d %H:%M:%S", "zone": "Asia/Shanghai"},
            "pwr": 88,
            "gas": [_gas("O2", "oxygen", **{"as": "text"}), _gas("CO", "co"), _gas("H2S", "h2s"), _gas("EX", "lel")],
        },
    ),
    DemoBox(
        "ZD-N03",
        "mapped",
        60,
        (
            {"quantity": "residual_current_total", "base": 0.042, "noise": 0.003, "low": 0.0, "places": 4},
            {"quantity": "cable_temperature", "base": 37.0, "swing": 4.0, "noise": 0.2, "places": 1},
        ),
        {"ts": {"time": "unix"}, "leak": {"wave": "residual_current_total"}, "temp": {"wave": "cable_temperature"}},
    ),
)
