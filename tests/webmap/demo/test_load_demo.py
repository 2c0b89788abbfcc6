"""The demo as it stands in the database after `load_demo`: loaded once for this module, rolled back at its end."""

from __future__ import annotations

import json
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from bim.models import Element, Revision
from spatial.alarms.confined_spaces import follow_confined_spaces
from spatial.alarms.models import Alarm
from spatial.cameras.models import Camera
from spatial.cameras.sealing import unseal
from spatial.devices.models import Device
from spatial.fences.models import FenceProfile
from spatial.hazards.models import Hazard, Photo
from spatial.ledger.models import Act
from spatial.patrols.models import Patrol
from spatial.patrols.queries import open_patrols, standing
from spatial.people.models import Person, User
from spatial.permits.models import WorkPermit
from spatial.permits.operations import note_passage
from spatial.places.models import Site, SiteMap, Storey
from spatial.risks.models import RiskPoint
from spatial.rulebook.queries import edition_for
from spatial.zones.models import Zone
from spatial.zones.queries import site_colours, sites_colours
from webmap.demo.loading.run import DemoLoad, DemoPlace
from webmap.demo.ticket_plan import OVERDUE_AFTER, OVERDUE_TICKET
from webmap.demo.zones import OVERDUE_ZONE

pytestmark = pytest.mark.django_db
"""Makes pytest-django set up the database also when this file runs alone; each test undoes what it changed."""


@dataclass(frozen=True)
class Loaded:
    """The loader, its folder, its words, and the ticket that is due in about a minute."""

    load: DemoLoad
    folder: Path
    said: list[str]
    ticket: Hazard


@pytest.fixture(scope="module")
def loaded(
    services: Any, django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Loaded]:
    folder = tmp_path_factory.mktemp("demo")
    said: list[str] = []
    with django_db_blocker.unblock(), transaction.atomic():
        load = DemoLoad(DemoPlace(folder, ("127.0.0.1", 1883)), said.append)
        ticket = load.load()
        yield Loaded(load, folder, said, ticket)
        transaction.set_rollback(True)


@pytest.fixture
def site(loaded: Loaded) -> Site:
    return Site.objects.get(code="ZD-TOWER")


def _zone(site: Site, code: str) -> Zone:
    return Zone.objects.get(site=site, code=code)


def test_the_model_came_through_the_import_without_a_gap(loaded: Loaded, site: Site) -> None:
    revision = Revision.objects.get(site=site)
    assert revision.state == "imported"
    assert revision.verdict is not None
    assert revision.verdict["gaps"] == []
    assert revision.verdict["storeys"] == 15
    assert revision.placed
    assert Element.objects.filter(revision=revision, ifc_class="IfcColumn").count() == 335
    assert Storey.objects.get(site=site, name="四层").elevation_m == pytest.approx(103.6)


def test_plan_zones_people_devices_and_sites_are_there(loaded: Loaded, site: Site) -> None:
    assert Site.objects.count() == 25
    assert SiteMap.objects.get(site=site).residual_rms_m < 0.01
    assert Zone.objects.filter(site=site).count() == 35
    assert FenceProfile.objects.filter(site=site).count() == 23
    assert set(FenceProfile.objects.filter(revised_at__isnull=False).values_list("zone__code", flat=True)) == {
        "Z01", "Z05", "Z12", "Z17", "Z22", "Z28", "Z29", "Z35",
    }  # fmt: skip
    assert _zone(site, "Z16").parent == _zone(site, "Z23")
    assert [row.number for row in _zone(site, "Z30").versions.all()] == [2, 1]
    assert RiskPoint.objects.filter(site=site).count() == 47
    assert Person.objects.filter(site=site).count() == 44
    kinds = Counter(Device.objects.filter(site=site).values_list("kind", flat=True))
    machines = {"crane": 3, "hoist": 1, "vehicle": 5}
    assert kinds == {"helmet": 40, "sensor": 14, "camera": 2, "gateway": 3, "tag": 3, **machines}


def test_the_sump_is_a_confined_space_where_nobody_is_without_an_attendant(loaded: Loaded, site: Site) -> None:
    sump, permit = _zone(site, "Z35"), WorkPermit.objects.get(site=site, kind="confined_space")
    assert (sump.parent, sump.fence.rule) == (_zone(site, "Z01"), "C-01")
    assert (permit.zone, permit.state) == (sump, "running")
    assert list(permit.gas_tests.order_by("taken_at").values_list("passed", flat=True)) == [False, True]
    begun = permit.started_at
    assert begun is not None
    assert follow_confined_spaces(now=begun + timedelta(minutes=1)) == 0
    note_passage(entrant=permit.entrants.earliest("pk"), inwards=True, actor=None, now=begun + timedelta(minutes=2))
    assert follow_confined_spaces(now=begun + timedelta(minutes=3)) == 1
    alarm = Alarm.objects.get(site=site, rule="C-01")
    assert (alarm.level, alarm.zone, alarm.condition) == ("red", sump, "confined/attendant_away")


def test_every_risk_point_is_anchored_on_an_element_of_the_model(loaded: Loaded, site: Site) -> None:
    ids = set(Element.objects.filter(revision__site=site).values_list("global_id", flat=True))
    for point in RiskPoint.objects.filter(site=site).select_related("anchor"):
        assert point.anchor.element_global_id in ids
        assert point.anchor.model_id == Revision.objects.get(site=site).model_id
        assert len(point.anchor.offset_m) == 3


def test_the_passwords_open_the_accounts_and_only_the_owner_may_read_them(loaded: Loaded) -> None:
    file = loaded.folder / "logins.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    logins = json.loads(file.read_text(encoding="utf-8"))
    assert sorted(logins) == [
        *("bim_engineer", "company_head", "company_safety"),
        *("project_manager", "regulator", "safety_officer", "worker"),
    ]
    for username, password in logins.values():
        assert User.objects.get(username=username).check_password(password)


def test_the_fleet_file_drives_every_helmet(loaded: Loaded, site: Site) -> None:
    file = loaded.folder / "fleet.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    fleet = json.loads(file.read_text(encoding="utf-8"))
    assert fleet["site"] == "ZD-TOWER"
    assert fleet["mqtt"] == {"host": "127.0.0.1", "port": 1883}
    moving = Device.objects.filter(site=site, kind__in=("helmet", "vehicle"))
    codes = set(moving.exclude(protocol="jt808").values_list("code", flat=True))
    assert {device["code"] for device in fleet["devices"]} == codes
    assert {machine["code"] for machine in fleet["machines"]} == {"ZD-C01", "ZD-C02", "ZD-C03", "ZD-L01"}
    for device in fleet["devices"]:
        assert len(device["password"]) >= 16
        assert all(len(row) == 5 and 113.7 < row[0] < 113.8 and 80 < row[2] < 150 for row in device["route"])


def test_tickets_are_in_every_state_of_the_spine_with_their_evidence(loaded: Loaded, site: Site) -> None:
    states = Counter(Hazard.objects.filter(site=site).values_list("state", flat=True))
    assert {"SUBMITTED", "RETURNED", "ASSIGNED", "RECTIFIED", "CLOSED"} <= set(states)
    assert Photo.objects.filter(site=site, flagged="").count() == Photo.objects.filter(site=site).count()
    for hazard in Hazard.objects.filter(site=site, state="CLOSED"):
        assert set(hazard.photos.values_list("step", flat=True)) == {"before", "after", "recheck"}


def test_the_zone_of_the_overdue_ticket_turns_red_at_its_deadline_and_so_does_the_site(
    loaded: Loaded, site: Site
) -> None:
    zone, deadline = _zone(site, OVERDUE_ZONE), loaded.ticket.deadline
    assert deadline is not None
    before = site_colours(site, now=deadline - timedelta(seconds=1))
    after = site_colours(site, now=deadline)
    assert before.zones[zone.pk].grade == 2
    assert before.site.grade == 3
    assert after.zones[zone.pk].grade == 4
    assert after.site.grade == 4
    assert before.zones[zone.pk].next_change_at == deadline


def test_the_patrol_that_nobody_walked_lifts_its_risk_point_and_says_so(loaded: Loaded, site: Site) -> None:
    now = loaded.ticket.received_at
    assert Counter(standing(patrol, now) for patrol in open_patrols(site))["missed"] == 1
    [missed] = [patrol for patrol in open_patrols(site) if standing(patrol, now) == "missed"]
    colour = site_colours(site, now=now).risk_points[missed.risk_point_id]
    assert (missed.risk_point.code, missed.risk_point.residual_grade, colour.grade) == ("R-14", 1, 2)
    assert "CONTROL_MISSED" in {reason.kind for reason in colour.reasons}
    assert Patrol.objects.filter(site=site, outcome="finding").exists()


def test_two_enterprises_follow_other_rules_than_the_rest(loaded: Loaded, site: Site) -> None:
    followed = {edition_for(one, on=loaded.ticket.received_at).pack[:4] for one in Site.objects.all()}
    assert followed == {"cn-n", "cn-h", "own-"}
    assert edition_for(site, on=loaded.ticket.received_at).pack == "cn-national"


def test_the_district_shows_all_four_colours(loaded: Loaded, site: Site) -> None:
    others = Site.objects.exclude(pk=site.pk)
    colours = sites_colours(others, now=loaded.ticket.created_at)
    grades = Counter(colour.site.grade for colour in colours.values())
    assert grades == {4: 2, 3: 5, 2: 10, 1: 7}


def test_a_second_load_changes_nothing(loaded: Loaded) -> None:
    acts, fleet = Counter(Act.objects.values_list("verb", flat=True)), (loaded.folder / "fleet.json").read_bytes()
    logins, model = (loaded.folder / "logins.json").read_bytes(), (loaded.folder / "ZD-TOWER.ifc").stat().st_mtime_ns
    again = loaded.load.load()
    assert again.pk == loaded.ticket.pk
    assert Counter(Act.objects.values_list("verb", flat=True)) - acts == Counter()
    assert (loaded.folder / "fleet.json").read_bytes() == fleet
    assert (loaded.folder / "logins.json").read_bytes() == logins
    assert (loaded.folder / "ZD-TOWER.ifc").stat().st_mtime_ns == model


def test_a_new_start_points_simulated_cameras_at_their_ports_and_leaves_other_cameras_alone(
    loaded: Loaded, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWINWALL_FIRST_CAMERA_PORT", "12001")
    monkeypatch.setenv("TWINWALL_SECOND_CAMERA_PORT", "12002")
    first, second = (Camera.objects.get(site=site, device__code=code) for code in ("ZD-V01", "ZD-V02"))
    with transaction.atomic():
        own = "rtsp://192.168.1.20:554/live"
        Camera.objects.filter(pk=second.pk).update(address=own)
        loaded.load.refresh_deadline()
        moved = Camera.objects.get(pk=first.pk)
        assert moved.address == "rtsp://127.0.0.1:12001/live"
        assert unseal(moved.sealed_password) == "demo-camera"
        assert (moved.anchor_id, moved.bearing_deg, moved.range_m) == (
            first.anchor_id,
            first.bearing_deg,
            first.range_m,
        )
        assert Camera.objects.get(pk=second.pk).address == own
        transaction.set_rollback(True)


def test_refreshing_the_deadline_closes_the_old_ticket_and_gives_a_new_one_due_in_a_minute(
    loaded: Loaded, site: Site
) -> None:
    with transaction.atomic():
        renewed = loaded.load.refresh_deadline()
        old = Hazard.objects.get(pk=loaded.ticket.pk)
        assert old.state == "CLOSED"
        assert renewed.pk != old.pk
        assert renewed.description == OVERDUE_TICKET.description
        assert renewed.deadline is not None
        assert renewed.assigned_at is not None
        assert renewed.deadline - renewed.assigned_at == OVERDUE_AFTER
        red = site_colours(site, now=renewed.deadline + timedelta(seconds=1))
        assert red.zones[_zone(site, OVERDUE_ZONE).pk].grade == 4
        transaction.set_rollback(True)
