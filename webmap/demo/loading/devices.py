"""Register the demo's other devices with papers and calibrations, and let some of them speak through the pipeline."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from ingest.arrivals import Arrival, read_arrivals
from ingest.batches import Work
from ingest.device_mappings import save_mapping
from ingest.directory import Directory
from ingest.pipeline import store
from ingest.refusals import RefusalBook
from ingest.simulator.maker_boxes import SimulatedBox
from spatial.devices.equipment import record_calibration, record_paper
from spatial.devices.models import Device, MappingVersion, RefusedMessage, StreamBinding
from spatial.devices.operations import let_terminal_register, place_device, register_device, revise_device
from spatial.devices.rules import DeviceFacts
from spatial.devices.speaking import bind_stream, choose_mapping
from spatial.people.models import User
from spatial.places.models import Site
from webmap.demo import devices as plan
from webmap.demo.loading.boxes import plan_of
from webmap.demo.placing import point_z

HOURS = 24
Papers = Sequence[tuple[str, str, int]]


def ensure_devices(site: Site, users: dict[str, User], now: datetime) -> int:
    """This function will register what is missing of the demo's registry; returns how many devices there are."""
    officer = users["safety_officer"]
    there = {device.code: device for device in Device.objects.filter(site=site).select_related("site", "organisation")}
    mappings = _ensure_mappings(site, officer, now)
    for row in plan.DEVICES:
        if row.code not in there:
            there[row.code] = _register(site, row, mappings, officer, now)
    for code, facts in plan.KNOWN.items():
        if code in there and not there[code].maker:
            _describe(there[code], facts, officer, now)
    if not StreamBinding.objects.filter(site=site).exists():
        for stream_id, quantity, scale in plan.STREAMS:
            bind_stream(
                sender=there["ZD-G01"], stream_id=stream_id, device=there["ZD-N01"], quantity=quantity, scale=scale,
                actor=officer, now=now,
            )  # fmt: skip
        let_terminal_register(device=there["ZD-J03"], actor=officer, now=now)
        _speak(site, now)
    return len(there)


def _ensure_mappings(site: Site, officer: User, now: datetime) -> dict[str, MappingVersion]:
    found = {}
    for name, body, example in (
        ("安泰气体探测器", plan.GAS_MAPPING, plan.GAS_EXAMPLE),
        ("通用电箱与称重", plan.BOX_MAPPING, plan.BOX_EXAMPLE),
    ):
        text, shown = (json.dumps(part, ensure_ascii=False, indent=1) for part in (body, example))
        found[name] = save_mapping(site=site, name=name, text=text, example=shown, actor=officer, now=now)
    return found


def _register(
    site: Site, row: plan.DemoDevice, mappings: dict[str, MappingVersion], officer: User, now: datetime
) -> Device:
    device, _password = register_device(
        site=site, code=row.code, name=row.name, kind=row.kind, report_interval_s=row.interval_s,
        facts=DeviceFacts(
            maker=row.maker, model=row.model, serial_number=f"SN-{row.code[3:]}-26", protocol=row.protocol,
            terminal_number=row.terminal_number,
        ),
        add_ons=row.add_ons, actor=officer, now=now,
    )  # fmt: skip
    if row.at is not None:
        lon, lat, height_m = point_z(*row.at)
        place_device(device=device, lon=lon, lat=lat, height_m=height_m, actor=officer, now=now)
    if row.protocol == Device.Protocol.MAPPED:
        name = "安泰气体探测器" if row.code == "ZD-N02" else "通用电箱与称重"
        choose_mapping(device=device, version=mappings[name], actor=officer, now=now)
    _record_papers(device, row.papers, officer, now)
    today = now.date()
    for quantity, number, scale, offset, days in row.calibrations:
        record_calibration(
            device=device, quantity=quantity, scale=scale, offset=offset, done_on=today + timedelta(days=days - 365),
            due_on=today + timedelta(days=days), certificate_number=number, laboratory="郑州计量检定所（示例）",
            actor=officer, now=now,
        )  # fmt: skip
    return device


def _describe(device: Device, facts: plan.Facts, officer: User, now: datetime) -> None:
    revise_device(
        device=device, name=device.name, report_interval_s=device.report_interval_s,
        facts=DeviceFacts(
            maker=facts.maker, model=facts.model, serial_number=f"SN-{device.code[3:]}-25", protocol=device.protocol,
            datum=device.datum,
        ),
        actor=officer, now=now,
    )  # fmt: skip
    _record_papers(device, facts.papers, officer, now)


def _record_papers(device: Device, papers: Papers, officer: User, now: datetime) -> None:
    today = now.date()
    for kind, number, days in papers:
        record_paper(
            device=device, kind=kind, number=number, issued_by="河南省特种设备检测（示例）",
            issued_on=today + timedelta(days=min(days - 365, -1)), expires_on=today + timedelta(days=days),
            actor=officer, now=now,
        )  # fmt: skip


def _speak(site: Site, now: datetime) -> None:
    """Send a day of what the boxes of makers say, a weight that came once, and some messages that are refused."""
    messages: list[tuple[str, str, bytes, datetime]] = []
    boxes = [SimulatedBox(plan_of(box, ""), site.code, lambda *_: False, Random(), 0.0) for box in plan.BOXES]
    for hour in range(HOURS, -1, -1):
        at = now - timedelta(hours=hour)
        messages += [(box.plan.code, box.plan.speaks, box.message(at.timestamp()), at) for box in boxes]
    at = now - timedelta(hours=5)
    messages.append(("ZD-N04", "mapped", json.dumps({"ts": int(at.timestamp()), "kg": 640}).encode(), at))
    _send(site, messages)
    if not RefusedMessage.objects.filter(site=site).exists():
        _send(site, [(code, kind, payload, now) for code, kind, payload in plan.REFUSED])


def _send(site: Site, messages: Sequence[tuple[str, str, bytes, datetime]]) -> None:
    directory, book = Directory(time.monotonic), RefusalBook(time.monotonic)
    for code, kind, payload, at in messages:
        arrival = Arrival(f"tw/v1/{site.code}/{code}/{kind}", payload, at)
        received, refused = read_arrivals([arrival], directory)
        for refusal in refused:
            book.note(refusal)
        if received:
            store([Work(one) for one in received], at)
    book.flush()
