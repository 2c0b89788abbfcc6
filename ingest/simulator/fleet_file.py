"""The fleet file: which devices to play, with their credentials, routes and faults. Read strictly."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class FleetFileRefused(ValueError):
    """The fleet file cannot be used; the message names the place in it."""


@dataclass(frozen=True, slots=True)
class Waypoint:
    """A place of a route (degrees, Yellow Sea metres), the speed from here to the next, the pause here."""

    lon: float
    lat: float
    height_m: float
    speed_m_s: float
    pause_s: float


@dataclass(frozen=True, slots=True)
class Faults:
    """Shares (0..1) of messages that are held back, sent twice, or accompanied by garbage."""

    late_share: float = 0.0
    duplicate_share: float = 0.0
    garbage_share: float = 0.0


@dataclass(frozen=True, slots=True)
class DevicePlan:
    """One device to play: a fix each `interval_s`, a message each `batch` fixes."""

    code: str
    password: str
    interval_s: float
    batch: int
    source: str
    accuracy_m: float
    start_offset_s: float
    route: tuple[Waypoint, ...]
    loop: bool
    faults: Faults


@dataclass(frozen=True, slots=True)
class MachinePlan:
    """One machine to play: readings each `interval_s`; `frames` are (seconds to the next, one value per quantity)."""

    code: str
    password: str
    interval_s: float
    start_offset_s: float
    quantities: tuple[str, ...]
    frames: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class SensorPlan:
    """One sensor to play: a message each `interval_s` with the value of each of its waves (`simulator/sensors.py`)."""

    code: str
    password: str
    interval_s: float
    waves: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class BoxPlan:
    """One box of a maker to play: what it says in its own words each `interval_s` (`simulator/maker_boxes.py`)."""

    code: str
    password: str
    interval_s: float
    speaks: str
    waves: tuple[dict[str, Any], ...]
    body: Any


@dataclass(frozen=True, slots=True)
class GatewayPlan:
    """Where a gateway takes lines, and which devices of the fleet are on its cables rather than at the broker."""

    host: str
    port: int
    devices: frozenset[str]


@dataclass(frozen=True, slots=True)
class FleetPlan:
    """A site's fleet and the address of its broker."""

    site: str
    host: str
    port: int
    devices: tuple[DevicePlan, ...]
    machines: tuple[MachinePlan, ...] = ()
    sensors: tuple[SensorPlan, ...] = ()
    boxes: tuple[BoxPlan, ...] = ()
    gateway: GatewayPlan | None = None


def read_fleet_file(file: Path) -> FleetPlan:
    """This function will read a fleet file. Raises FleetFileRefused with the place that is wrong."""
    try:
        body = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise FleetFileRefused(f"{file} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise FleetFileRefused(f"{file} is not JSON: {error}.") from error
    return read_fleet(body)


def read_fleet(body: Any) -> FleetPlan:
    """This function will read the content of a fleet file. Raises FleetFileRefused."""
    try:
        devices = tuple(_device(device, f"devices[{number}]") for number, device in enumerate(body["devices"]))
        machines = tuple(
            _machine(machine, f"machines[{number}]") for number, machine in enumerate(body.get("machines", ()))
        )
        sensors = tuple(_sensor(row, f"sensors[{number}]") for number, row in enumerate(body.get("sensors", ())))
        boxes = tuple(_box(row, f"boxes[{number}]") for number, row in enumerate(body.get("boxes", ())))
        host, port = str(body["mqtt"]["host"]), int(body["mqtt"]["port"])
        return FleetPlan(
            str(body["site"]), host, port, devices, machines, sensors, boxes, _gateway(body.get("gateway"))
        )
    except (KeyError, TypeError) as error:
        raise FleetFileRefused(f"The fleet file lacks a field: {error}.") from error


def _gateway(body: dict[str, Any] | None) -> GatewayPlan | None:
    if body is None:
        return None
    try:
        return GatewayPlan(str(body["host"]), int(body["port"]), frozenset(map(str, body["devices"])))
    except (KeyError, TypeError, ValueError) as error:
        raise FleetFileRefused(f"gateway: {error}.") from error


def _device(body: dict[str, Any], where: str) -> DevicePlan:
    try:
        route = tuple(Waypoint(*(float(value) for value in point)) for point in body["route"])
        faults = Faults(**{name: float(share) for name, share in body.get("faults", {}).items()})
        plan = DevicePlan(
            code=str(body["code"]),
            password=str(body["password"]),
            interval_s=float(body["interval_s"]),
            batch=int(body["batch"]),
            source=str(body["source"]),
            accuracy_m=float(body["accuracy_m"]),
            start_offset_s=float(body.get("start_offset_s", 0.0)),
            route=route,
            loop=bool(body.get("loop", True)),
            faults=faults,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise FleetFileRefused(f"{where}: {error}.") from error
    _check(plan, where)
    return plan


def _machine(body: dict[str, Any], where: str) -> MachinePlan:
    try:
        plan = MachinePlan(
            code=str(body["code"]),
            password=str(body["password"]),
            interval_s=float(body["interval_s"]),
            start_offset_s=float(body.get("start_offset_s", 0.0)),
            quantities=tuple(str(name) for name in body["quantities"]),
            frames=tuple(tuple(float(value) for value in frame) for frame in body["frames"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise FleetFileRefused(f"{where}: {error}.") from error
    if not plan.quantities or not plan.frames:
        raise FleetFileRefused(f"{where}: needs quantities and frames.")
    if not 0.05 <= plan.interval_s <= 3600:
        raise FleetFileRefused(f"{where}.interval_s: is 0.05 to 3600.")
    for number, frame in enumerate(plan.frames):
        if len(frame) != len(plan.quantities) + 1 or not frame[0] > 0 or not all(map(math.isfinite, frame)):
            raise FleetFileRefused(f"{where}.frames[{number}]: must be seconds above 0 and one value per quantity.")
    return plan


def _sensor(body: dict[str, Any], where: str) -> SensorPlan:
    try:
        waves = tuple(dict(wave) for wave in body["waves"])
        plan = SensorPlan(str(body["code"]), str(body["password"]), float(body["interval_s"]), waves)
    except (KeyError, TypeError, ValueError) as error:
        raise FleetFileRefused(f"{where}: {error}.") from error
    if not plan.waves or not 0.05 <= plan.interval_s <= 86_400:
        raise FleetFileRefused(f"{where}: needs waves and an interval_s of 0.05 to 86400.")
    return plan


def _box(body: dict[str, Any], where: str) -> BoxPlan:
    try:
        waves = tuple(dict(wave) for wave in body["waves"])
        code, password, interval_s = str(body["code"]), str(body["password"]), float(body["interval_s"])
        plan = BoxPlan(code, password, interval_s, str(body["speaks"]), waves, body["body"])
    except (KeyError, TypeError, ValueError) as error:
        raise FleetFileRefused(f"{where}: {error}.") from error
    if plan.speaks not in ("mapped", "sensorthings"):
        raise FleetFileRefused(f"{where}.speaks: must be mapped or sensorthings.")
    if not plan.waves or not 1 <= plan.interval_s <= 86_400:
        raise FleetFileRefused(f"{where}: needs waves and an interval_s of 1 to 86400.")
    return plan


def _check(plan: DevicePlan, where: str) -> None:
    if not plan.route:
        raise FleetFileRefused(f"{where}.route: has no point.")
    if not (0.05 <= plan.interval_s <= 3600 and 1 <= plan.batch <= 500):
        raise FleetFileRefused(f"{where}: interval_s is 0.05 to 3600 and batch 1 to 500.")
    if plan.source not in ("GNSS", "UWB", "BLE"):
        raise FleetFileRefused(f"{where}.source: must be GNSS, UWB or BLE.")
    if any(not 0 <= share <= 1 for share in (*_shares(plan.faults),)):
        raise FleetFileRefused(f"{where}.faults: a share is 0 to 1.")
    if len(plan.route) > 1 and any(not point.speed_m_s > 0 for point in plan.route):
        raise FleetFileRefused(f"{where}.route: a speed must be above 0.")
    if any(not all(map(math.isfinite, (p.lon, p.lat, p.height_m, p.pause_s))) for p in plan.route):
        raise FleetFileRefused(f"{where}.route: a value is not a number.")


def _shares(faults: Faults) -> tuple[float, float, float]:
    return faults.late_share, faults.duplicate_share, faults.garbage_share
