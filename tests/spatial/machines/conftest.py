"""A site with two tower cranes, an excavator, and their devices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests.spatial.conftest import LAT, LON

CRANE = {"jib_m": 50.0, "counter_jib_m": 15.0, "jib_height_m": 60.0, "top_height_m": 67.0}
LOW_CRANE = {"jib_m": 40.0, "counter_jib_m": 12.0, "jib_height_m": 40.0, "top_height_m": 47.0}
CHART = [[3, 6.0], [15, 6.0], [30, 2.7], [50, 1.5]]


@dataclass
class Yard:
    """The machines and devices of the cast's site, and the rule tables."""

    crane: Any
    low: Any
    digger: Any
    box: Any
    low_box: Any
    tag: Any
    helmet: Any
    person: Any


@pytest.fixture
def yard(cast) -> Yard:
    from spatial.devices.operations import register_device
    from spatial.machines.operations import register_machine
    from spatial.people.operations import create_person
    from spatial.rulebook.operations import load_editions

    load_editions()
    common = {"site": cast.site, "actor": None, "now": cast.now}

    def device(code: str, kind: str, person: Any = None) -> Any:
        return register_device(code=code, name=code, kind=kind, report_interval_s=1, person=person, **common)[0]

    person = create_person(site=cast.site, full_name="王小明", trade="钢筋工", now=cast.now)
    box, low_box, tag = device("C1", "crane"), device("C2", "crane"), device("E1", "vehicle")
    here = (LON, LAT, 100.0)
    away = (LON + 0.000874, LAT, 100.0)  # about 80 m east
    return Yard(
        crane=register_machine(
            code="T1", name="1号塔吊", kind="tower_crane", place=here, crane={**CRANE, "load_chart": CHART},
            devices=[box], **common,
        ),
        low=register_machine(
            code="T2", name="2号塔吊", kind="tower_crane", place=away, crane=LOW_CRANE, devices=[low_box], **common
        ),
        digger=register_machine(
            code="E1", name="挖掘机", kind="excavator", devices=[tag],
            vehicle={"length_m": 6.0, "width_m": 3.0, "work_radius_m": 9.0}, **common,
        ),
        box=box, low_box=low_box, tag=tag, helmet=device("H1", "helmet", person), person=person,
    )  # fmt: skip
