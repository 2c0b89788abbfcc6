"""The site of the killings: a fenced pit, people with helmets, gateways. Runs inside the stage's Django."""

from __future__ import annotations

import json
from typing import Any

from django.db import transaction
from django.utils import timezone

from spatial.devices.operations import register_device, write_broker_credentials
from spatial.people.operations import create_person
from tests.ingest.cast import build_cast, place


def build(*, devices: int, gateways: int) -> str:
    """Build the cast, committed, and return it as JSON: where the edge of the pit is and who may connect."""
    first = build_site(devices=devices, gateways=gateways)
    other = build_site(devices=8, gateways=0)
    write_broker_credentials()
    return json.dumps({**first, "other": other})


def build_site(*, devices: int, gateways: int) -> dict[str, Any]:
    """Build one site with its pit, people and devices."""
    now = timezone.now()
    with transaction.atomic():
        cast = build_cast(now)
        found: dict[str, list[dict[str, str]]] = {"helmets": [], "local": [], "gateways": []}
        for kind, count in (("helmets", devices), ("local", devices if gateways else 0), ("gateways", gateways)):
            for number in range(count):
                person = create_person(site=cast.site, full_name=f"工人{kind}{number}", trade="钢筋工")
                device, password = register_device(
                    site=cast.site,
                    code=f"{cast.site.code}-{kind[0]}{number}",
                    name=f"{kind} {number}",
                    kind="gateway" if kind == "gateways" else "helmet",
                    report_interval_s=5,
                    person=None if kind == "gateways" else person,
                    actor=None,
                    now=now,
                )
                found[kind].append({"code": device.code, "password": password, "id": str(device.pk)})
    corner, metre = place(0, 10), place(1, 10)
    return {
        "site": cast.site.code,
        "site_id": str(cast.site.pk),
        "zone_id": str(cast.pit.pk),
        "officer": cast.officer.username,
        "edge": corner,
        "east_of_edge_1m": metre,
        **found,
    }
