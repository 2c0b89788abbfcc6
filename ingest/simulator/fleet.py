"""A fleet of simulated devices on one thread: one schedule, one selector, a broker session per device."""

from __future__ import annotations

import threading
import time
from random import Random

from ingest.mqtt.device_link import DeviceLink, Link, LinkLoop
from ingest.simulator.cable_link import CableLink
from ingest.simulator.device import SimulatedDevice
from ingest.simulator.fleet_file import BoxPlan, DevicePlan, FleetPlan, MachinePlan, SensorPlan
from ingest.simulator.machines import SimulatedMachine
from ingest.simulator.maker_boxes import SimulatedBox
from ingest.simulator.sensors import SimulatedSensor

_TICK_S = 0.05  # devices due within a tick are served together, so that forty devices do not wake forty times


Plan = DevicePlan | MachinePlan | SensorPlan | BoxPlan
Player = SimulatedDevice | SimulatedMachine | SimulatedBox


class Fleet:
    """Plays the devices of a plan until it is stopped."""

    def __init__(self, plan: FleetPlan, *, seed: int | None = None) -> None:
        self.loop = LinkLoop(time.monotonic)
        self.random = Random(seed)
        self.started = time.monotonic()
        plans: list[Plan] = [*plan.devices, *plan.machines, *plan.sensors, *plan.boxes]
        self.devices = [self._device(plan, one) for one in plans]

    def _device(self, fleet: FleetPlan, plan: Plan) -> Player:
        def hear(payload: bytes) -> None:
            device.hear(payload)

        def obey(payload: bytes) -> None:
            device.obey(payload)

        if fleet.gateway is not None and plan.code in fleet.gateway.devices:
            address = (fleet.gateway.host, fleet.gateway.port)
            link: Link = CableLink(self.loop, address=address, code=plan.code, on_message=hear, on_command=obey)
        else:
            link = DeviceLink(
                self.loop,
                host=fleet.host,
                port=fleet.port,
                username=plan.code,
                password=plan.password,
                inbox_topic=f"tw/v1/{fleet.site}/{plan.code}/ack",
                on_message=hear,
                more={f"tw/v1/{fleet.site}/{plan.code}/commands": obey},
            )
        random = Random(self.random.getrandbits(64))
        device: Player
        if isinstance(plan, BoxPlan):
            device = SimulatedBox(plan, fleet.site, link.publish, random, self.started)
        elif isinstance(plan, SensorPlan):
            device = SimulatedSensor(plan, fleet.site, link.publish, random, self.started)
        elif isinstance(plan, MachinePlan):
            device = SimulatedMachine(plan, fleet.site, link.publish, random, self.started)
        else:
            device = SimulatedDevice(plan, fleet.site, link.publish, random, self.started)
        return device

    def run(self, stopping: threading.Event) -> None:
        """This function will play the fleet until `stopping` is set, then disconnect."""
        due = {device.plan.code: device.due() for device in self.devices}
        try:
            while not stopping.is_set():
                now = time.monotonic()
                for device in self.devices:
                    if due[device.plan.code] <= now:
                        device.work(now, time.time_ns() // 1_000_000)
                        due[device.plan.code] = device.due()
                wake = max(min(due.values(), default=now + 1.0), now + _TICK_S)
                while time.monotonic() < wake and not stopping.is_set():
                    self.loop.step(min(wake, time.monotonic() + 0.5))
        finally:
            self.loop.close()
