"""Machines of the demo: three cranes, a hoist, an excavator and a truck, with their measures, papers and cycles. Pure.

Angles of cycles are degrees from map east, so that the cranes' slew zero is east; the demo's local axes are turned by
`ROTATION_DEG`. The second crane sets a load down over the middle road, where people walk, and once a round the first
crane's rope hangs where the second one's jib turns: both raise alarms now and then.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import atan2, degrees, hypot
from typing import Any

from bim.ifc.demo_project import dimensions as d

CRANE_QUANTITIES = ("slew_angle", "trolley_position", "hook_height", "hoist_load", "wind_speed")
HOIST_QUANTITIES = ("cage_height", "load_ratio", "wind_speed")
SLEW_DEG_S = 3.0
TROLLEY_M_S = 0.8
HOOK_M_S = 1.2
CHART = [[3, 8.0], [15, 8.0], [20, 5.8], [25, 4.5], [30, 3.6], [40, 2.5], [50, 1.85], [55, 1.5]]
SMALL_CHART = [[3, 6.0], [14, 6.0], [20, 4.0], [25, 3.1], [30, 2.5], [40, 1.7], [45, 1.4]]


@dataclass(frozen=True)
class Stop:
    """Where a crane takes or sets down a load: local place, height of the hook above its base, the load it leaves
    with (t), and how long it stays (s)."""

    x: float
    y: float
    hook_m: float
    load_t: float
    stay_s: float = 12.0


@dataclass(frozen=True)
class DemoMachine:
    """A machine: register facts, measures, and the code of the device that tells of it."""

    code: str
    name: str
    kind: str
    device: str
    device_name: str
    at: tuple[float, float, float] | None = None
    crane: dict[str, Any] | None = None
    vehicle: dict[str, float] | None = None
    stops: tuple[Stop, ...] = ()
    travel_hook_m: float = 0.0
    route: tuple[tuple[float, float, float, float], ...] = ()
    facts: dict[str, str] = field(default_factory=dict)
    due_days: dict[str, int] = field(default_factory=dict)


def demo_machines() -> tuple[DemoMachine, ...]:
    """All machines of the demo, in code order; the truck's route is local x, y, speed (m/s) and pause (s)."""
    x, y = d.CRANE_BASE
    ground = d.GROUND_M
    lessor = {"lessor": "中州机械租赁有限公司"}
    return (
        DemoMachine(
            "T1", "1号塔吊", "tower_crane", "ZD-C01", "1号塔吊黑匣子",
            at=(x, y, ground),
            crane=_crane(d.CRANE_JIB_M, d.CRANE_COUNTER_JIB_M, d.CRANE_JIB_LEVEL_M - ground, 7.5, 1.8, CHART),
            stops=(
                Stop(50.0, 58.0, 3.0, 2.2), Stop(30.0, 28.0, 62.0, 0.0), Stop(50.0, 58.0, 3.0, 1.6),
                Stop(64.0, 34.0, 12.0, 0.0),
            ),
            travel_hook_m=66.0,
            facts={"maker": "华机重工", "model": "QTZ125(6015)", "factory_number": "HJ-2023-0917",
                   "registration_number": "豫A-T-示范01", "owner": "中州机械租赁有限公司", **lessor},
            due_days={"property": 900, "use": 210, "inspection": 140, "acceptance": 200},
        ),
        DemoMachine(
            "T2", "2号塔吊", "tower_crane", "ZD-C02", "2号塔吊黑匣子",
            at=(98.0, 24.0, ground),
            crane=_crane(40.0, 12.0, 40.0, 6.5, 1.8, SMALL_CHART),
            stops=(Stop(98.0, 54.0, 3.0, 1.8), Stop(69.0, 22.0, 6.5, 1.8, 26.0), Stop(86.0, 0.0, 4.0, 0.0)),
            travel_hook_m=16.0,
            facts={"maker": "华机重工", "model": "QTZ63(5013)", "factory_number": "HJ-2022-0231",
                   "registration_number": "豫A-T-示范02", "owner": "中州机械租赁有限公司", **lessor},
            due_days={"property": 500, "use": 90, "inspection": 12},
        ),
        DemoMachine(
            "T3", "3号塔吊", "tower_crane", "ZD-C03", "3号塔吊黑匣子",
            at=(-14.0, 40.0, ground),
            crane=_crane(45.0, 13.0, 46.0, 6.5, 1.8, SMALL_CHART),
            stops=(Stop(-14.0, 66.0, 3.0, 1.2), Stop(8.0, 30.0, 20.0, 0.0)),
            travel_hook_m=40.0,
            facts={"maker": "中岳机械", "model": "QTZ63(5013)", "factory_number": "ZY-2021-0108",
                   "registration_number": "豫A-T-示范03", "owner": "中岳机械", **lessor},
            due_days={"property": 320, "use": 45, "inspection": -6},
        ),
        DemoMachine(
            "H1", "1号施工升降机", "hoist", "ZD-L01", "1号升降机监测终端",
            at=(*d.HOIST_MAST, ground),
            facts={"maker": "中岳机械", "model": "SC200/200", "registration_number": "豫A-S-示范01", **lessor},
            due_days={"property": 700, "use": 160, "inspection": 75, "fall_arrester": 22},
        ),
        DemoMachine(
            "E1", "1号挖掘机", "excavator", "ZD-E01", "1号挖掘机终端",
            vehicle={"length_m": 9.5, "width_m": 3.2, "work_radius_m": 8.0, "height_m": 3.2},
            route=((112.0, 46.0, 0.6, 40.0), (116.0, 50.0, 0.6, 40.0)),
            facts={"maker": "中岳机械", "model": "ZY215", **lessor},
            due_days={"inspection": 240},
        ),
        DemoMachine(
            "V1", "1号渣土车", "truck", "ZD-T01", "1号渣土车终端",
            vehicle={"length_m": 8.6, "width_m": 2.5, "work_radius_m": 0.0, "height_m": 3.4},
            route=(
                (69.0, -36.0, 3.0, 8.0), (69.0, -14.0, 3.0, 0.0), (124.0, -12.0, 3.5, 0.0), (124.0, 60.0, 3.0, 30.0),
                (124.0, -12.0, 3.5, 0.0), (69.0, -14.0, 3.0, 0.0),
            ),
            facts={"model": "自卸 8×4", **lessor},
            due_days={"insurance": 20},
        ),
    )  # fmt: skip


def _crane(jib: float, counter: float, height: float, head: float, drop: float, chart: list[list[float]]) -> dict:
    return {
        "jib_m": jib,
        "counter_jib_m": counter,
        "jib_height_m": round(height, 3),
        "top_height_m": round(height + head, 3),
        "counterweight_drop_m": drop,
        "load_chart": chart,
    }


def crane_frames(machine: DemoMachine, wind_m_s: float = 4.0) -> list[list[float]]:
    """The cycle of a crane from its stops: lower, take, hoist, turn to the next; as frames of the simulator."""
    if machine.at is None or not machine.stops:
        return []
    base_x, base_y, _ = machine.at
    places = []
    angle = 0.0
    for stop in machine.stops:
        dx, dy = stop.x - base_x, stop.y - base_y
        aim = degrees(atan2(dy, dx)) + d.ROTATION_DEG
        angle += (aim - angle + 180.0) % 360.0 - 180.0  # the short way round, without a jump at 360
        places.append((angle, hypot(dx, dy), stop))
    frames = []
    carried = machine.stops[-1].load_t
    for number, (slew, trolley, stop) in enumerate(places):
        after_slew, after_trolley, _ = places[(number + 1) % len(places)]
        after_slew = slew + (after_slew - slew + 180.0) % 360.0 - 180.0
        lowering = max(2.0, (machine.travel_hook_m - stop.hook_m) / HOOK_M_S)
        turning = max(4.0, abs(after_slew - slew) / SLEW_DEG_S, abs(after_trolley - trolley) / TROLLEY_M_S)
        frames.append([round(lowering, 1), slew, trolley, machine.travel_hook_m, carried, wind_m_s])
        frames.append([stop.stay_s, slew, trolley, stop.hook_m, carried, wind_m_s + 1.5])
        frames.append([round(lowering, 1), slew, trolley, stop.hook_m, stop.load_t, wind_m_s])
        frames.append([round(turning, 1), slew, trolley, machine.travel_hook_m, stop.load_t, wind_m_s + 0.5])
        carried = stop.load_t
    return [[round(value, 2) for value in frame] for frame in frames]


def hoist_frames() -> list[list[float]]:
    """Up and down the stops with people in the cage."""
    heights = [d.LEVEL[code].elevation_m for code in ("F01", "F06", "F13", "F09", "F01")]
    frames = []
    for number, height in enumerate(heights):
        after = heights[(number + 1) % len(heights)]
        load = (55.0, 40.0, 20.0, 35.0, 0.0)[number]
        frames.append([15.0, height, load, 4.0])
        frames.append([max(2.0, round(abs(after - height) / 0.6, 1)), height, load, 4.5])
    return frames
