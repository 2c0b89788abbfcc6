"""The ground of the live measurements: a site with danger zones and helmets, a gateway, and its batches."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import numpy as np
import paho.mqtt.client as mqtt
from django.conf import settings
from django.contrib.gis.geos import MultiPolygon, Polygon

from ingest.columns import FIX, ColumnMessage
from ingest.decoders.binary_writing import encode_binary
from spatial import crs
from spatial.devices.models import Device
from spatial.devices.operations import register_device, write_broker_credentials
from spatial.fences.operations import create_fence
from spatial.places.operations import create_organisation, create_site
from spatial.rulebook.operations import load_editions
from spatial.tracks.operations import make_partitions
from spatial.zones.operations import create_zone

SMALL = os.environ.get("BENCH_LIVE", "full") == "small"
SRID = 4547
EAST_M, NORTH_M = 478_950.0, 3_848_600.0
EXTENT_M = 1000.0


@dataclass
class Ground:
    """A site with `zones` fenced squares of 12 m in a raster of 30 m, `helmets` helmets and one gateway."""

    site: Any
    gateway: Device
    password: str
    codes: tuple[str, ...]
    topic: str


def make_ground(*, helmets: int, zones: int = 20) -> Ground:
    """Make a site through the product's own operations; the helmets by one insert."""
    now = datetime.now(UTC)
    load_editions()
    make_partitions(first_day=now.date())
    tag = uuid4().hex[:6]
    organisation = create_organisation(name=f"测量{tag}")
    site = create_site(code=f"m-{tag}", name="测量工地", organisation=organisation, projected_srid=SRID,
                       geoid_offset_m=0.0, actor=None, now=now)  # fmt: skip
    side = max(1, int(EXTENT_M // 30))
    for number in range(zones):
        west, south = 30.0 * (number % side), 30.0 * (number // side)
        outline = [(west, south), (west + 12, south), (west + 12, south + 12), (west, south + 12), (west, south)]
        degrees = [crs.transform_point(EAST_M + e, NORTH_M + n, from_srid=SRID, to_srid=4490) for e, n in outline]
        zone = create_zone(site=site, code=f"Z{number}", name=f"区{number}", kind="pit", bottom_m=None, top_m=None,
                           actor=None, now=now, outline=MultiPolygon(Polygon(degrees), srid=4490))  # fmt: skip
        create_fence(zone=zone, actor=None, now=now)
    gateway, password = register_device(site=site, code=f"G-{tag}", name="网关", kind="gateway", report_interval_s=5,
                                        actor=None, now=now)  # fmt: skip
    codes = tuple(f"H-{tag}-{number}" for number in range(helmets))
    Device.objects.bulk_create(
        (Device(organisation=organisation, site=site, code=code, name=code, kind="helmet") for code in codes),
        batch_size=5000,
    )
    write_broker_credentials()
    return Ground(site, gateway, password, codes, f"tw/v1/{site.code}/{gateway.code}/binary")


def fixes_of(count: int, parts: int, *, seed: int, end_us: int, span_s: float = 5.0) -> np.ndarray:
    """Return fixes of `parts` helmets that walk on the site, the last ones at `end_us`."""
    rng = np.random.default_rng(seed)
    fixes = np.zeros(count, dtype=FIX)
    per = count // parts
    part = np.repeat(np.arange(parts), per)
    step = np.tile(np.arange(per), parts)
    start = rng.uniform(0, EXTENT_M, (parts, 2))
    turn = 2 * np.pi * step / per
    radius_m = min(2.0, 0.4 * span_s)  # 2.5 m/s, whatever the span
    place = start[part] + radius_m * np.column_stack([np.cos(turn) - 1.0, np.sin(turn)])  # a circle, back at its start
    move = crs.transformer(SRID, crs.STORAGE_SRID)
    fixes["x"], fixes["y"] = move.transform(EAST_M + place[:, 0], NORTH_M + place[:, 1])
    fixes["part"], fixes["height_m"], fixes["accuracy_m"] = part, 96.0, 0.3
    fixes["height_accuracy_m"], fixes["worn"], fixes["source"] = np.nan, 1, 1
    fixes["time_us"] = end_us - ((per - 1 - step) * span_s / per * 1e6).astype(np.int64)
    fixes["time_us"] -= fixes["time_us"] % 1000
    return fixes


def batches(
    ground: Ground, *, count: int, fixes: int, parts: int, boot: int, span_s: float = 5.0, end_us: int | None = None
) -> Iterator[bytes]:
    """Yield binary batches of the gateway: each of the next `parts` helmets, `fixes` positions in all.

    A helmet goes on where it was: its next batch covers the next `span_s` seconds; the last round ends at `end_us`.
    """
    rounds = -(-count * parts // len(ground.codes))
    last_us = time.time_ns() // 1000 if end_us is None else end_us
    for number in range(count):
        first = number * parts % len(ground.codes)
        codes = tuple(ground.codes[(first + n) % len(ground.codes)] for n in range(parts))
        behind_s = (rounds - 1 - number * parts // len(ground.codes)) * span_s
        columns = fixes_of(fixes, parts, seed=first, end_us=last_us - int(behind_s * 1e6), span_s=span_s)
        message = ColumnMessage(ground.gateway.code, f"{boot:016x}", number, codes, ("CGCS2000",) * parts,
                                (-1,) * parts, columns)  # fmt: skip
        yield encode_binary(message)


def connected(username: str, password: str) -> mqtt.Client:
    """Return a connected client; the broker reads new credentials within a second."""
    for _ in range(100):
        client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"m-{uuid4().hex[:10]}", protocol=mqtt.MQTTv5)
        client.max_inflight_messages_set(1000)
        client.username_pw_set(username, password)
        reasons: list[Any] = []
        client.on_connect = lambda _c, _d, _f, reason, _p, reasons=reasons: reasons.append(reason)
        client.connect(settings.TWINWALL_MQTT_HOST, settings.TWINWALL_MQTT_PORT)
        client.loop_start()
        while not reasons:
            time.sleep(0.02)
        if not reasons[0].is_failure:
            return client
        client.loop_stop()
        time.sleep(0.1)
    raise TimeoutError(f"The broker never accepted {username}.")
