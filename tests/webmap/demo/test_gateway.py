"""The demo's gateway: registered once, its file and its cables written, and a second load changes nothing."""

from __future__ import annotations

import json

import pytest

from ingest.gateway.config import load_config
from ingest.simulator.fleet_file import read_fleet
from spatial.devices.models import Device
from spatial.devices.rules import is_password
from tests.ingest.cast import START, build_cast
from webmap.demo.loading.gateway import CODE, HELMETS, ensure_gateway

pytestmark = pytest.mark.django_db


def test_some_helmets_are_on_the_cables_of_a_gateway_and_a_second_load_changes_nothing(tmp_path):
    site = build_cast().site
    route = [[113.77, 34.76, 96.0, 1.0, 0.0]]
    device = {"password": "x", "interval_s": 1, "batch": 1, "source": "UWB", "accuracy_m": 0.3, "route": route}
    fleet = {"site": site.code, "mqtt": {"host": "127.0.0.1", "port": 1883},
             "devices": [{"code": f"H-{n}", **device} for n in range(10)]}  # fmt: skip
    (tmp_path / "fleet.json").write_text(json.dumps(fleet))
    assert ensure_gateway(site, tmp_path, ("127.0.0.1", 1883), 8192, START) == HELMETS
    plan = read_fleet(json.loads((tmp_path / "fleet.json").read_text()))
    assert plan.gateway is not None
    assert plan.gateway.devices == {f"H-{n}" for n in range(4, 10)}
    config = load_config(tmp_path / "gateway.json")
    assert (config.gateway, config.form, config.listen_port) == (CODE, "binary", plan.gateway.port)
    row = Device.objects.get(code=CODE)
    assert is_password(config.password, row.credential_hash)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    ensure_gateway(site, tmp_path, ("127.0.0.1", 1883), 8192, START)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before
