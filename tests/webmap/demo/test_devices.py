"""The demo's registry on a site of its own: everything is registered once, some of it speaks, some is refused."""

import json
from collections import Counter

import pytest
from django.utils import timezone

from ingest.simulator.fleet_file import read_fleet
from spatial.devices.models import Calibration, Device, Mapping, RefusedMessage, StreamBinding
from spatial.devices.queries import expiring
from spatial.observations.models import Observation
from spatial.people.operations import create_user
from spatial.places.operations import create_organisation, create_site
from spatial.rulebook.operations import load_editions
from webmap.demo.loading.boxes import ensure_boxes
from webmap.demo.loading.devices import ensure_devices

pytestmark = pytest.mark.django_db


def test_the_registry_is_loaded_once_with_papers_that_end_and_messages_that_were_refused(tmp_path):
    now = timezone.now()
    load_editions()
    site = create_site(
        code="demo-x", name="示例", organisation=create_organisation(name="示例公司"), projected_srid=4547,
        ground_height_m=88.3, actor=None, now=now,
    )  # fmt: skip
    users = {"safety_officer": create_user(username="demo-safety", password="Correct-horse-9", full_name="安")}
    assert ensure_devices(site, users, now) == 13
    kinds = Counter(Device.objects.filter(site=site).values_list("kind", flat=True))
    assert kinds == {"gateway": 2, "sensor": 5, "tag": 3, "vehicle": 3}
    levels = Counter(item.standing.level.level for item in expiring(Device.objects.filter(site=site), now.date()))
    assert set(levels) == {"blue", "yellow", "orange", "expired"}
    stored, refused = Observation.objects.count(), RefusedMessage.objects.count()
    assert stored == 25 * 6 + 25 * 4 + 25 * 2 + 1
    assert refused == 6
    assert (Mapping.objects.count(), StreamBinding.objects.count(), Calibration.objects.count()) == (2, 6, 6)
    assert ensure_devices(site, users, timezone.now()) == 13
    assert (Observation.objects.count(), RefusedMessage.objects.count(), Mapping.objects.count()) == (
        stored,
        refused,
        2,
    )
    file = tmp_path / "fleet.json"
    assert ensure_boxes(site, file, now) == 3
    written = file.read_text(encoding="utf-8")
    plan = read_fleet({"site": site.code, "mqtt": {"host": "h", "port": 1}, "devices": [], **json.loads(written)})
    assert [(box.code, box.speaks, bool(box.password)) for box in plan.boxes] == [
        ("ZD-G01", "sensorthings", True),
        ("ZD-N02", "mapped", True),
        ("ZD-N03", "mapped", True),
    ]
    assert ensure_boxes(site, file, now) == 3
    assert file.read_text(encoding="utf-8") == written  # passwords stay
