"""How a device connects: address, name, topics, and an example message that is really taken, for each protocol."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ingest.decoders.jt808 import CHINA
from ingest.jt808.bodies import LOCATION
from ingest.jt808.frames import Frame, Header, write_frame
from spatial.devices.models import Device
from webmap.device_addresses import broker_address, terminal_address


@dataclass(frozen=True)
class Recipe:
    """What a maker of devices has to know."""

    way: str
    address: str
    user: str
    publish: str
    subscribe: str
    payload: str
    page: str


def recipe_of(device: Device, seen_host: str, now: datetime) -> Recipe | None:
    """Return how a device connects, with a message of now; None for one that sends nothing.

    `seen_host` is the name by which the reader's browser reaches this machine.
    """
    site: Any = device.site
    base = f"tw/v1/{site.code}/{device.code}"
    broker = broker_address(seen_host)
    lon, lat, height_m = _place(device)
    milliseconds = int(now.timestamp() * 1000)
    if device.protocol == Device.Protocol.SILENT:
        return None
    if device.protocol == Device.Protocol.JT808:
        address = terminal_address(seen_host)
        frame = jt808_example(device.terminal_number, lon, lat, height_m, now)
        return Recipe("JT/T 808 · TCP", address, device.terminal_number, "0x0200", "0x8001", frame.hex(" "), "jt808")
    if device.protocol == Device.Protocol.SENSORTHINGS:
        bound = device.datastreams.order_by("stream_id").first()
        point = {"type": "Point", "coordinates": [lon, lat, height_m]}
        body: Any = {
            "Datastream": {"@iot.id": bound.stream_id if bound else "1"},
            "phenomenonTime": now.isoformat(timespec="milliseconds"),
            "result": 20.9 if bound and bound.quantity else point,
        }
        return Recipe("MQTT", broker, device.code, f"{base}/sensorthings", f"{base}/ack", _text(body), "sensorthings")
    if device.protocol == Device.Protocol.MAPPED:
        example = device.mapping.example if device.mapping else ""
        return Recipe("MQTT", broker, device.code, f"{base}/mapped", f"{base}/ack", example, "mapping")
    fix = {
        "t": milliseconds, "lon": lon, "lat": lat, "h": height_m, "h_ref": "yellow_sea", "acc": 5.0, "src": "GNSS",
    }  # fmt: skip
    body = {"v": 1, "boot": "00c0ffee", "seq": milliseconds // 1000, "battery": 80, "fixes": [fix]}
    return Recipe("MQTT", broker, device.code, f"{base}/positions", f"{base}/ack", _text(body), "device-protocol")


def jt808_example(number: str, lon: float, lat: float, height_m: float, now: datetime) -> bytes:
    """Return a location of a terminal as a whole frame."""
    words = (0, 0b10, round(lat * 1e6), round(lon * 1e6))
    body = b"".join(word.to_bytes(4) for word in words)
    body += round(height_m).to_bytes(2, signed=True) + bytes(4)
    body += bytes.fromhex(now.astimezone(CHINA).strftime("%y%m%d%H%M%S"))
    return write_frame(Frame(Header(LOCATION, number, 1, 1 if len(number) > 12 else None), body))


def _place(device: Device) -> tuple[float, float, float]:
    site: Any = device.site
    shape = device.anchor.geometry.centroid if device.anchor else site.location
    if shape is None and site.boundary is not None:
        shape = site.boundary.centroid
    lon, lat = (shape.x, shape.y) if shape is not None else (113.77, 34.765)
    return round(lon, 7), round(lat, 7), round(site.ground_height_m + 1.0, 2)


def _text(body: Any) -> str:
    return json.dumps(body, ensure_ascii=False, indent=1)
