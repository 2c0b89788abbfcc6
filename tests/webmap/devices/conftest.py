"""The cast of the pages about devices, and short words for its devices."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from spatial.devices.models import Device
from spatial.devices.operations import register_device
from spatial.devices.sightings import Seen, note_sightings
from tests.webmap.field_cast import build_cast

BASE = "/sites/field/live/devices/"


@pytest.fixture
def cast():
    cast = build_cast()
    for user in (cast.worker, cast.safety, cast.stranger):
        user.language = "en"
        user.save(update_fields=["language"])
    return cast


def client_of(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    client.cookies["django_language"] = "en"
    return client


def device(cast, code="H-1", kind="helmet", **more) -> Device:
    given = {"name": f"设备{code}", "report_interval_s": 5, "actor": cast.safety, "now": timezone.now()}
    return register_device(site=cast.site, code=code, kind=kind, **{**given, **more})[0]


def seen(row, ago_s: float, **more) -> None:
    note_sightings(seen=[Seen(row.pk, timezone.now() - timedelta(seconds=ago_s), **more)])
