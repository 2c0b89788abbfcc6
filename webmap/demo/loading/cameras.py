"""Cameras of the demo: two simulated ones that send a test picture while somebody looks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from spatial.cameras.models import Camera
from spatial.cameras.operations import CameraDraft, add_camera
from spatial.devices.models import Device
from spatial.places.models import Site

FIRST_PORT = 20_000
VIEWS = {
    "ZD-V01": {"bearing_deg": 340.0, "tilt_deg": -12.0, "field_of_view_deg": 84.0, "range_m": 70.0},
    "ZD-V02": {"bearing_deg": 135.0, "tilt_deg": -40.0, "field_of_view_deg": 100.0, "range_m": 90.0},
}


def camera_ports(http_port: int) -> list[int]:
    """Return the ports of the demo's simulated cameras beside a web port; `deploy.programs` opens the same."""
    first = FIRST_PORT + http_port % FIRST_PORT
    return [first, first + 1]


def ensure_cameras(site: Site, actor: Any, http_port: int, now: datetime) -> int:
    """This function will set up the demo's cameras where they are missing, and return how many were added."""
    added = 0
    devices = {
        device.code: device for device in Device.objects.filter(site=site, kind="camera").select_related("anchor")
    }
    for (code, view), port in zip(VIEWS.items(), camera_ports(http_port), strict=True):
        device = devices.get(code)
        if device is None or device.anchor is None or Camera.objects.filter(device=device).exists():
            continue
        place: Any = device.anchor.geometry
        point = place if place.geom_type == "Point" else place.centroid
        height_m = point.z if point.hasz else site.ground_height_m + 5
        draft = CameraDraft(
            name=device.name, address=f"rtsp://127.0.0.1:{port}/live", username="demo", password="demo-camera",
            lon=point.x, lat=point.y, height_m=height_m, **view,
        )  # fmt: skip
        add_camera(site=site, draft=draft, actor=actor, now=now, device=device)
        added += 1
    return added
