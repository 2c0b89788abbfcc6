"""Register the demo's sensors, tell a week of their past with its alarms, and let the simulator play them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.gis.geos import Point

from ingest.simulator.sensors import Wave
from spatial.alarms.conditions import evaluate
from spatial.alarms.handling import close_alarm, handle_alarm, mark_false
from spatial.alarms.models import Alarm
from spatial.alarms.operations import acknowledge_alarm, clear_alarm, follow_readings
from spatial.alarms.rule_queries import SiteConditions, site_conditions, stream_facts
from spatial.devices.models import Device
from spatial.devices.operations import register_device, renew_password
from spatial.observations.models import Datastream
from spatial.observations.operations import ReadingRow, create_datastream, make_partitions, store_readings
from spatial.people.models import User
from spatial.places.models import Site
from spatial.zones.models import Zone
from webmap.demo.loading.private_files import read_json, write_json
from webmap.demo.placing import point_z
from webmap.demo.sensors import DemoSensor, DemoStream, demo_sensors

PAST = timedelta(days=7)
DONE = ("已现场核查并通风，数值恢复正常。", "已停止作业并洒水降尘。", "已通知班组长，复测正常。", "已减载并检查线路。")


def ensure_sensors(site: Site, users: dict[str, User], fleet_file: Path, now: datetime) -> int:
    """This function will register the sensors that are missing with a week of past, and add all to the fleet file."""
    make_partitions(first_day=(now - PAST).date() - timedelta(days=1), days=16)
    known = {row["code"]: row["password"] for row in (read_json(fleet_file) or {}).get("sensors", [])}
    entries = []
    for sensor in demo_sensors():
        device = Device.objects.filter(code=sensor.code).first()
        password = known.get(sensor.code)
        if device is None:
            device, password = register_device(
                site=site, code=sensor.code, name=sensor.name, kind=Device.Kind.SENSOR,
                report_interval_s=sensor.interval_s, actor=None, now=now,
            )  # fmt: skip
            _tell_past(site, sensor, device, now)
        elif password is None:
            password = renew_password(device=device, actor=None, now=now)
        entries.append(_entry(sensor, password, now))
    _handle_past(site, users, now)
    content = read_json(fleet_file) or {}
    if content.get("sensors") != entries:
        write_json(fleet_file, {**content, "sensors": entries})
    return len(entries)


def _entry(sensor: DemoSensor, password: str, now: datetime) -> dict[str, Any]:
    waves = [_wave_of(stream, now) for stream in sensor.streams]
    return {"code": sensor.code, "password": password, "interval_s": min(sensor.interval_s, 60), "waves": waves}


def _wave_of(stream: DemoStream, now: datetime) -> dict[str, Any]:
    """Drift adds up over the demo's own weeks only: it counts from the Monday before the last."""
    if not stream.wave.get("drift_per_day"):
        return stream.wave
    monday = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=now.weekday() + 7)
    return {**stream.wave, "since_s": monday.timestamp()}


def _tell_past(site: Site, sensor: DemoSensor, device: Device, now: datetime) -> None:
    place = Point(*point_z(*sensor.at), srid=4490)
    zone = Zone.objects.filter(site=site, code=sensor.zone).first() if sensor.zone else None
    held = site_conditions(site, at=now)
    for stream in sensor.streams:
        wave = Wave(**_wave_of(stream, now))
        row = create_datastream(
            device=device, quantity=wave.quantity, channel=wave.channel, name=stream.name, zone=zone, location=place,
            limits=stream.limits, actor=None, now=now,
        )  # fmt: skip
        _store_past(site, row, wave, sensor, held, now)


def _store_past(
    site: Site, stream: Datastream, wave: Wave, sensor: DemoSensor, held: SiteConditions, now: datetime
) -> None:
    step = timedelta(seconds=sensor.interval_s)
    start = (now - PAST).replace(second=0, microsecond=0)
    count = int((now - start) / step)
    moments = [start + step * number for number in range(count)]
    readings = [(moment, wave.at(sensor.code, moment.timestamp())) for moment in moments]
    facts = stream_facts(stream, ZoneInfo(site.time_zone))
    changes: set[datetime] = set()
    for condition in held.of_stream(stream, facts):
        for episode in evaluate(condition, facts, readings):
            changes |= {change.time for change in episode.changes}
            changes |= {episode.ended_at} if episode.ended_at else set()
    for part in _parts(readings, changes):
        received_at = part[-1][0] + timedelta(seconds=1)
        rows = [
            ReadingRow(stream.device, wave.channel, wave.quantity, moment, value, received_at) for moment, value in part
        ]
        follow_readings(stored=store_readings(rows=rows))


def _parts(readings: list[tuple[datetime, float]], changes: set[datetime]) -> Iterator[list[tuple[datetime, float]]]:
    """Split readings so that each change of an alarm is known when it happens, as it would have been."""
    part: list[tuple[datetime, float]] = []
    for reading in readings:
        part.append(reading)
        if reading[0] in changes:
            yield part
            part = []
    if part:
        yield part


def _handle_past(site: Site, users: dict[str, User], now: datetime) -> None:
    """What people did about the alarms of the week, but for those of today."""
    officer = users["safety_officer"]
    old = Alarm.objects.filter(
        site=site, datastream__isnull=False, closed_at__isnull=True, acknowledged_at__isnull=True
    )
    for number, alarm in enumerate(old.filter(raised_at__lt=now - timedelta(hours=20)).order_by("raised_at")):
        noted = alarm.raised_at + timedelta(seconds=35 + 40 * (number % 5))
        if number % 6 == 5:
            mark_false(alarm=alarm, reason="sensor_fault", note="探头积灰", actor=officer, now=noted)
            continue
        acknowledge_alarm(alarm=alarm, actor=officer, now=noted)
        handled = noted + timedelta(minutes=9 + number % 7)
        handle_alarm(alarm=alarm, text=DONE[number % len(DONE)], actor=officer, now=handled)
        alarm.refresh_from_db()
        if alarm.cleared_at is None:
            end = handled + timedelta(hours=3)
            clear_alarm(alarm=alarm, cleared_at=end, received_at=end, actor=officer, reason="复核后解除")
        alarm.refresh_from_db()
        if alarm.cleared_at is not None and number % 3:
            close_alarm(alarm=alarm, actor=officer, now=max(alarm.cleared_at, handled) + timedelta(minutes=5))
