"""Sensors of the demo: weather and dust, gas in the pit, an electrical box, pit and formwork monitoring. Pure.

Values are invented; each sensor rises over a limit now and then, so that there are alarms to look at.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bim.ifc.demo_project import dimensions as d

WALL = "灌注桩、地下连续墙"
HOUR = 3600.0
GAS_SCALE, DIESEL_LEVEL = "ZD-S06", "ZD-S07"


@dataclass(frozen=True)
class DemoStream:
    """One datastream: the wave that it follows, its name, and the limits of its design."""

    wave: dict[str, Any]
    name: str
    limits: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class DemoSensor:
    """A sensor device: where it stands (local x, y, height), in which zone, how often it reports."""

    code: str
    name: str
    at: tuple[float, float, float]
    zone: str
    interval_s: int
    streams: tuple[DemoStream, ...]


def _wave(quantity: str, base: float, *, channel: str = "", **more: float) -> dict[str, Any]:
    return {"quantity": quantity, "channel": channel, "base": base, **more}


def _pit(channel: str, quantity: str, base: float, drift: float, name: str, **limits: Any) -> DemoStream:
    given = {"monitoring_class": 2, "wall": WALL, "depth_m": 6.0, **limits}
    return DemoStream(_wave(quantity, base, channel=channel, noise=0.12, drift_per_day=drift), name, given)


def demo_sensors() -> tuple[DemoSensor, ...]:
    """All sensors of the demo, in code order."""
    west = d.PIT[0]
    return (
        DemoSensor("ZD-S01", "环境气象监测站", (60.0, -38.0, 4.0), "", 60, (
            DemoStream(_wave("wind_speed", 4.2, swing=1.8, noise=0.6, peak=6.5, peak_every_s=31 * HOUR,
                             peak_lasts_s=2 * HOUR, low=0.0), "气象站 风速"),
            DemoStream(_wave("air_temperature", 9.0, swing=6.0, noise=0.2), "气象站 气温"),
            DemoStream(_wave("humidity", 55.0, swing=-15.0, noise=1.0, places=0), "气象站 湿度"),
            DemoStream(_wave("pm10", 78.0, swing=22.0, high_at_h=1.0, noise=6.0, peak=110.0, peak_every_s=43 * HOUR,
                             peak_lasts_s=5 * HOUR, low=5.0, places=0), "大门 PM10"),
            DemoStream(_wave("pm25", 42.0, swing=12.0, high_at_h=23.0, noise=4.0, peak=55.0, peak_every_s=57 * HOUR,
                             peak_lasts_s=3 * HOUR, low=3.0, places=0), "大门 PM2.5"),
            DemoStream(_wave("noise", 52.0, swing=9.0, noise=1.5, peak=14.0, peak_every_s=29 * HOUR,
                             peak_lasts_s=1.5 * HOUR, places=1), "大门 噪声"),
        )),
        DemoSensor("ZD-S02", "基坑气体检测仪", (west + 6.0, 22.0, -5.0), "Z01", 60, (
            DemoStream(_wave("oxygen", 20.8, noise=0.05, peak=-1.7, peak_every_s=67 * HOUR, peak_lasts_s=0.5 * HOUR),
                       "坑底 氧气"),
            DemoStream(_wave("h2s", 0.6, noise=0.15, peak=6.0, peak_every_s=53 * HOUR, peak_lasts_s=0.6 * HOUR,
                             low=0.0), "坑底 硫化氢"),
            DemoStream(_wave("co", 4.0, noise=0.8, peak=19.0, peak_every_s=71 * HOUR, peak_lasts_s=0.7 * HOUR, low=0.0,
                             places=0), "坑底 一氧化碳"),
            DemoStream(_wave("lel", 1.0, noise=0.3, low=0.0, places=1), "坑底 可燃气体"),
        )),
        DemoSensor("ZD-S03", "总配电箱监测", (52.0, -20.0, 1.2), "", 60, (
            DemoStream(_wave("residual_current_total", 85.0, swing=30.0, noise=6.0, low=0.0, places=0),
                       "总箱 剩余电流"),
            DemoStream(_wave("cable_temperature", 44.0, swing=9.0, noise=0.5, peak=24.0, peak_every_s=61 * HOUR,
                             peak_lasts_s=2 * HOUR, places=1), "总箱 A相线缆温度"),
            DemoStream(_wave("current_ratio", 55.0, swing=22.0, noise=3.0, peak=32.0, peak_every_s=37 * HOUR,
                             peak_lasts_s=1.2 * HOUR, low=0.0, places=0), "总箱 负荷"),
        )),
        DemoSensor("ZD-S04", "基坑自动化监测", (west - 0.6, 24.0, d.GROUND_M), "Z01", 600, (
            _pit("CX1", "deep_displacement", 9.0, 0.55, "测斜 CX1 深层水平位移"),
            _pit("DB1", "wall_top_settlement", -6.0, -0.35, "DB1 墙顶竖向位移"),
            _pit("DB2", "ground_settlement", -8.0, -0.40, "DB2 地表竖向位移"),
            DemoStream(_wave("strut_force", 1820.0, swing=60.0, noise=8.0, channel="ZC3", places=0), "ZC3 支撑轴力",
                       {"design_limit": 2600.0}),
            DemoStream(_wave("water_level", -340.0, noise=6.0, channel="SW1", drift_per_day=-18.0, places=0),
                       "SW1 地下水位变化"),
        )),
        DemoSensor("ZD-S05", "F13 模板支架监测", (26.25, 20.0, d.LEVEL["F13"].elevation_m), "", 60, (
            DemoStream(_wave("formwork_settlement", 3.2, noise=0.08, channel="C4", peak=2.0, peak_every_s=47 * HOUR,
                             peak_lasts_s=4 * HOUR), "C4 支架沉降"),
            DemoStream(_wave("post_force", 21.0, noise=0.25, channel="C4", peak=10.5, peak_every_s=47 * HOUR,
                             peak_lasts_s=4 * HOUR), "C4 立杆轴力", {"design_limit": 38.0}),
        )),
        DemoSensor(GAS_SCALE, "气瓶库称重台", (108.0, 76.0, 0.4), "Z28", 60, (
            DemoStream(_wave("stock_weight", 310.0, swing=40.0, noise=0.6, peak=560.0, peak_every_s=39 * HOUR,
                             peak_lasts_s=3 * HOUR, low=0.0, places=0), "乙炔瓶 净重"),
        )),
        DemoSensor(DIESEL_LEVEL, "柴油储罐液位计", (97.0, 52.0, 1.8), "Z30", 60, (
            DemoStream(_wave("tank_level", 2.9, swing=0.5, noise=0.004, low=0.0, places=3), "柴油储罐 液位"),
        )),
    )  # fmt: skip
