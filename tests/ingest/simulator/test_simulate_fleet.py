"""`manage.py simulate_fleet` against the real broker and ingest service: nothing is lost, nothing doubled."""

from __future__ import annotations

import json

from django.utils import timezone

from deploy.supervision import wait_until
from spatial.devices.models import RefusedMessage
from spatial.devices.operations import register_device
from spatial.tracks.models import LatestPosition, Message, Position
from tests.ingest.cast import place
from tests.ingest.conftest import manage


def test_a_fleet_with_faults_arrives_complete(services, live_cast, ingest, tmp_path):
    devices = []
    for number in range(3):
        code = f"{live_cast.helmet.code}-{number}"
        _, password = register_device(
            site=live_cast.site,
            code=code,
            name=code,
            kind="helmet",
            report_interval_s=1,
            actor=None,
            now=timezone.now(),
        )
        corners = [(-60, 0), (-40, 0), (-40, 20)]
        route = [[*place(*corner), 96.6, 1.2, 0] for corner in corners]
        faults = {"late_share": 0.0, "duplicate_share": 0.3, "garbage_share": 0.3}
        devices.append(
            {
                "code": code,
                "password": password,
                "interval_s": 0.2,
                "batch": 2,
                "source": "UWB",
                "accuracy_m": 0.3,
                "start_offset_s": number,
                "route": route,
                "loop": True,
                "faults": faults,
            }
        )
    fleet = tmp_path / "fleet.json"
    address = {"host": services.mqtt_host, "port": services.mqtt_port}
    fleet.write_text(json.dumps({"site": live_cast.site.code, "mqtt": address, "devices": devices}))
    simulator = manage("simulate_fleet", str(fleet), "--seed", "5", log=services.folder / "fleet.log")
    try:
        codes = [device["code"] for device in devices]
        assert wait_until(lambda: Message.objects.filter(device__code__in=codes).count() >= 60, 60)
    finally:
        simulator.terminate()
        assert simulator.wait(15) == 0
    for code in codes:
        numbers = sorted(Message.objects.filter(device__code=code).values_list("sequence", flat=True))
        assert numbers == list(range(1, len(numbers) + 1))
        assert Position.objects.filter(device__code=code).count() == 2 * len(numbers)
    assert set(Position.objects.values_list("plausible", flat=True)) == {True}
    assert LatestPosition.objects.filter(device__code__in=codes, storey=live_cast.ground_floor).count() == 3
    assert RefusedMessage.objects.filter(device_code__in=codes).count() > 0
