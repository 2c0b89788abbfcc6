"""Cameras of the demo: two simulated ones that send a test picture while somebody looks."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from spatial.cameras.models import Camera
from spatial.cameras.operations import CameraDraft, add_camera, change_camera
from spatial.devices.models import Device
from spatial.places.models import Site

SIMULATED = re.compile(r"rtsp://127\.0\.0\.1:\d+/live")
VIEWS = {
    "ZD-V01": {"bearing_deg": 340.0, "tilt_deg": -12.0, "field_of_view_deg": 84.0, "range_m": 70.0},
    "ZD-V02": {"bearing_deg": 135.0, "tilt_deg": -40.0, "field_of_view_deg": 100.0, "range_m": 90.0},
}


def ensure_cameras(site: Site, actor: Any, ports: tuple[int, int], now: datetime) -> int:
    """This function will set up the demo's cameras where they are missing, and return how many were added.

    `ports` are those of the simulated cameras. One that stands elsewhere on this machine is pointed at its port;
    whoever put a camera of their own in its place keeps it.
    """
    added = 0
    devices = {
        device.code: device for device in Device.objects.filter(site=site, kind="camera").select_related("anchor")
    }
    for (code, view), port in zip(VIEWS.items(), ports, strict=True):
        device, address = devices.get(code), f"rtsp://127.0.0.1:{port}/live"
        if device is None or device.anchor is None:
            continue
        camera = Camera.objects.filter(device=device).select_related("anchor").first()
        if camera is None:
            add_camera(site=site, draft=_draft(device.name, address, device.anchor.geometry, view, site),
                       actor=actor, now=now, device=device)  # fmt: skip
            added += 1
        elif camera.active and camera.address != address and SIMULATED.fullmatch(camera.address):
            view = {name: getattr(camera, name) for name in view}
            draft = _draft(camera.name, address, camera.anchor.geometry, view, site)
            change_camera(camera=camera, draft=draft, actor=actor, now=now)
    return added


def _draft(name: str, address: str, place: Any, view: dict[str, float], site: Site) -> CameraDraft:
    point = place if place.geom_type == "Point" else place.centroid
    height_m = point.z if point.hasz else site.ground_height_m + 5
    return CameraDraft(
        name=name, address=address, username="demo", password="demo-camera",
        lon=point.x, lat=point.y, height_m=height_m, **view,
    )  # fmt: skip
