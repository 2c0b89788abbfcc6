"""Simulated sensors: values that swing with the day, drift, waver, and rise to a peak now and then.

A value is a function of the time alone (and the sensor's name), so that a stored past and the live stream join.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from ingest.simulator.fleet_file import FleetFileRefused, MachinePlan, SensorPlan
from ingest.simulator.machines import SimulatedMachine

DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Wave:
    """How one quantity goes: around `base` by `swing` over the day (highest at `high_at_h` UTC), with noise.

    A peak of `peak` rises and falls within `peak_lasts_s`, every `peak_every_s`; `drift_per_day` adds up from
    `since_s` on.
    """

    quantity: str
    channel: str
    base: float
    swing: float = 0.0
    high_at_h: float = 6.0
    noise: float = 0.0
    peak: float = 0.0
    peak_every_s: float = 0.0
    peak_lasts_s: float = 0.0
    drift_per_day: float = 0.0
    since_s: float = 0.0
    low: float = -math.inf
    places: int = 2

    def at(self, code: str, epoch_s: float) -> float:
        """This function will return the value at a moment (seconds since 1970)."""
        hours = epoch_s % DAY_S / 3600.0
        value = self.base + self.swing * math.cos((hours - self.high_at_h) / 24.0 * 2.0 * math.pi)
        value += self.drift_per_day * (epoch_s - self.since_s) / DAY_S if self.drift_per_day else 0.0
        if self.peak_every_s > 0:
            into = epoch_s % self.peak_every_s
            value += self.peak * math.sin(math.pi * into / self.peak_lasts_s) if into < self.peak_lasts_s else 0.0
        if self.noise:
            value += Random(f"{code}/{self.quantity}/{self.channel}/{epoch_s:.0f}").gauss(0.0, self.noise)
        return round(max(self.low, value), self.places)


def read_wave(body: dict[str, Any], where: str) -> Wave:
    """This function will read a wave of the fleet file. Raises FleetFileRefused with the place that is wrong."""
    try:
        wave = Wave(**body)
        numbers = [value for name, value in body.items() if name not in ("quantity", "channel")]
        if not all(math.isfinite(float(value)) for value in numbers):
            raise ValueError("a value is not a number")
        if wave.peak_every_s and not 0 < wave.peak_lasts_s <= wave.peak_every_s:
            raise ValueError("peak_lasts_s must be above 0 and at most peak_every_s")
    except (TypeError, ValueError) as error:
        raise FleetFileRefused(f"{where}: {error}.") from error
    return wave


class SimulatedSensor(SimulatedMachine):
    """Measures its waves and reports them, each message kept until it is acknowledged."""

    def __init__(
        self, plan: SensorPlan, site: str, send: Callable[[str, bytes], bool], random: Random, started: float
    ) -> None:
        waves = [read_wave(wave, f"sensors[{plan.code}].waves[{number}]") for number, wave in enumerate(plan.waves)]
        still = (1.0, *(wave.base for wave in waves))
        names = tuple(wave.quantity for wave in waves)
        machine = MachinePlan(plan.code, plan.password, plan.interval_s, 0.0, names, (still,))
        super().__init__(machine, site, send, random, started)
        self._waves = waves

    def _readings(self, now: float, epoch_ms: int) -> list[dict[str, Any]]:
        readings = []
        for wave in self._waves:
            reading = {"q": wave.quantity, "t": epoch_ms, "value": wave.at(self.plan.code, epoch_ms / 1000.0)}
            readings.append({**reading, "ch": wave.channel} if wave.channel else reading)
        return readings
