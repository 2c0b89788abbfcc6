"""Pages of machines, their payload for the map, and the past: who sees what, and with which numbers."""

from __future__ import annotations

import io
import math
from datetime import timedelta

import pytest
from django.contrib.gis.geos import Polygon
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from openpyxl import load_workbook

from spatial import crs
from spatial.ledger.models import Act
from spatial.machines.dangers import forbid_swing
from spatial.machines.following import follow_machines
from spatial.machines.models import Machine, MachineCheck, MachineEvent, Obstacle, OperationRecord, PitEdge, SwingBan
from spatial.machines.motion import MachineNews
from spatial.machines.past import states_at
from spatial.machines.queries import scene_of
from spatial.observations.operations import ReadingRow, make_partitions, store_readings
from tests.spatial.conftest import LAT, LON, cast, private_folders, zone_of_site  # noqa: F401
from tests.spatial.machines.conftest import yard  # noqa: F401
from tests.spatial.machines.test_operations import GOOD, sheet
from webmap.live.machines import ground_of, machines_at, machines_of
from webmap.live.positions import positions_of

pytestmark = pytest.mark.django_db
BASE = "/sites/tower/live/machines/"
NAMES = ("slew_angle", "trolley_position", "hook_height", "hoist_load")


def speak(cast, machine, at, *values):  # noqa: F811
    news = MachineNews(machine.pk, at, dict(zip(NAMES, values, strict=True)))
    follow_machines(site=cast.site, news=[news], places=[], received_at=at)


@pytest.fixture
def as_officer(client, cast):  # noqa: F811
    client.force_login(cast.officer, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_crane_points_where_its_jib_is_in_true_directions(yard, cast):  # noqa: F811
    now = timezone.now()
    speak(cast, yard.crane, now, 37.0, 30.0, 40.0, 2.0)
    out = machines_of([cast.site.pk], now=now)[cast.site.pk][1]
    crane = scene_of(cast.site).cranes[yard.crane.pk]
    tip = crane.x + 50 * math.cos(math.radians(37)), crane.y + 50 * math.sin(math.radians(37))
    lon, lat = crs.transform_point(*tip, from_srid=4547, to_srid=4490)
    east, north = (lon - out.lon) * 111_320 * math.cos(math.radians(LAT)), (lat - out.lat) * 110_950
    assert (out.code, out.state, out.load_t, out.rated_t) == ("T1", "live", 2.0, 2.7)
    assert out.moment_percent == pytest.approx(74.1)
    assert math.degrees(math.atan2(north, east)) == pytest.approx(out.slew_deg, abs=0.1)
    assert out.slew_deg != pytest.approx(37.0, abs=0.05)  # map east is not east: convergence of the grid
    assert [zone.kind for zone in out.zones] == ["swing", "load"]


def test_a_silent_crane_is_told_as_silent_with_its_whole_swing(yard, cast):  # noqa: F811
    now = timezone.now()
    speak(cast, yard.crane, now - timedelta(seconds=20), 37.0, 30.0, 40.0, 2.0)
    outs = {out.code: out for out in positions_of([cast.site.pk], now=now, named=True)[cast.site.pk].machines}
    assert outs["T1"].state == "silent"
    assert [(zone.kind, zone.known) for zone in outs["T1"].zones] == [("swing", False)]
    assert outs["T2"].state == "never"


def test_the_past_is_read_from_the_readings_of_that_time(yard, cast):  # noqa: F811
    now = timezone.now()
    make_partitions(first_day=now.date() - timedelta(days=1))
    rows = []
    for seconds, slew in ((100, 10.0), (98, 14.0), (5, 200.0)):
        at = now - timedelta(seconds=seconds)
        for name, value in zip(NAMES, (slew, 30.0, 40.0, 2.0), strict=True):
            rows.append(ReadingRow(yard.box, "", name, at, value, at))
    store_readings(rows=rows)
    _, states = states_at(cast.site, now - timedelta(seconds=97))
    pose = states[yard.crane.pk].pose
    assert math.degrees(pose.slew_rad) == pytest.approx(14.0)
    assert math.degrees(pose.slew_rad_s) == pytest.approx(2.0)
    then = {out.code: out for out in machines_at(cast.site, now - timedelta(seconds=97))}
    assert (then["T1"].state, then["T2"].state) == ("live", "never")
    gap = {out.code: out for out in machines_at(cast.site, now - timedelta(seconds=60))}
    assert gap["T1"].state == "silent"


def test_the_ground_holds_overlaps_hatched_and_forbidden_sectors(yard, cast):  # noqa: F811
    box = Polygon.from_bbox((LON, LAT, LON + 0.0002, LAT + 0.0002))
    box.srid = 4490
    forbid_swing(site=cast.site, name="小学", outline=box, actor=None, now=cast.now)
    ground = ground_of(cast.site)
    assert len(ground.overlaps) == 1
    assert len(ground.overlaps[0]["hatch"]) > 5
    assert [ban["name"] for ban in ground.bans] == ["小学"]


def test_pages_and_answers_are_404_for_strangers(client, yard, cast):  # noqa: F811
    client.force_login(cast.stranger, backend="django.contrib.auth.backends.ModelBackend")
    for path in (BASE, f"{BASE}plan/", f"{BASE}import/", f"{BASE}template.xlsx", f"{BASE}{yard.crane.pk}/"):
        assert client.get(path).status_code == 404
    assert client.get("/api/v1/sites/tower/machines").status_code == 404
    assert client.post(f"{BASE}{yard.crane.pk}/begin/").status_code == 404


def test_the_list_shows_what_each_does_and_the_pair_check_with_its_numbers(as_officer, yard, cast):  # noqa: F811
    now = timezone.now()
    speak(cast, yard.crane, now, 37.0, 30.0, 40.0, 2.5)
    page = as_officer.get(BASE).content.decode()
    for words in ("1号塔吊", "力矩 93 %", "从未上报", "T1 – T2", "要求不小于 2.0 米"):
        assert words in page
    part = as_officer.get(BASE, headers={"X-Part": "machines"}).content.decode()
    assert "<html" not in part


def test_a_machine_has_a_page_and_its_forms_write_records(as_officer, yard, cast):  # noqa: F811
    path = f"{BASE}{yard.crane.pk}/"
    assert as_officer.get(path).status_code == 200
    assert as_officer.get(path, headers={"X-Part": "machine-now"}).status_code == 200
    as_officer.post(f"{path}begin/", {"person": str(yard.person.pk), "verified_by": "face", "work": "钢筋"})
    record = OperationRecord.objects.get()
    assert (record.verified, record.person_id) == (False, yard.person.pk)  # no certificate
    as_officer.post(f"{path}end/", {"note": "ok"})
    record.refresh_from_db()
    assert record.ended_at is not None
    as_officer.post(f"{path}check/", {"kind": "daily", "bad": ["3", "99", "x"], "done_by": "王"})
    assert len(MachineCheck.objects.get().findings) == 1


def test_a_danger_that_later_news_disproved_is_not_among_those_found(as_officer, yard, cast):  # noqa: F811
    row = MachineEvent.objects.create(
        organisation=cast.site.organisation, site=cast.site, machine=yard.crane, rule="TC-07", kind="raised",
        level="orange", other_name="宿舍楼", at=cast.now, received_at=cast.now,
    )  # fmt: skip
    path = f"{BASE}{yard.crane.pk}/"
    assert "宿舍楼" in as_officer.get(path).content.decode()
    row.withdrawn_at = cast.now
    row.save()
    assert "宿舍楼" not in as_officer.get(path).content.decode()


def test_the_plan_draws_every_crane_and_the_overlap(as_officer, yard):  # noqa: F811
    page = as_officer.get(f"{BASE}plan/").content.decode()
    assert page.count('class="crane-disc"') == 2
    assert page.count('class="crane-lens"') == 1


def test_a_sheet_is_imported_or_every_fault_is_shown(as_officer, yard):  # noqa: F811
    def send(content: bytes):
        return as_officer.post(f"{BASE}import/", {"file": SimpleUploadedFile("a.xlsx", content)})

    answer = send(sheet(GOOD, {"编号": "T6", "机械类型": "飞船"}))
    assert answer.status_code == 422
    assert "飞船" in answer.content.decode()
    assert not Machine.objects.filter(code="T5").exists()
    assert send(b"junk").status_code == 422
    assert send(sheet(GOOD)).status_code == 302
    assert Machine.objects.filter(code="T5").exists()
    book = load_workbook(io.BytesIO(as_officer.get(f"{BASE}template.xlsx").content))
    assert book.worksheets[0]["A1"].value == "编号"


def test_workers_see_machines_but_import_none(client, yard, cast):  # noqa: F811
    client.force_login(cast.worker, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(BASE).status_code == 200
    assert client.get(f"{BASE}import/").status_code == 404


def test_the_answer_of_the_api_has_machines_and_ground(as_officer, yard, cast):  # noqa: F811
    now = timezone.now()
    speak(cast, yard.crane, now, 37.0, 30.0, 40.0, 2.0)
    body = as_officer.get("/api/v1/sites/tower/machines").json()
    assert [item["code"] for item in body["items"]] == ["E1", "T1", "T2"]
    assert len(body["ground"]["overlaps"]) == 1
    past = as_officer.get("/api/v1/sites/tower/machines", {"at": (now - timedelta(hours=1)).isoformat()})
    assert [item["state"] for item in past.json()["items"]] == ["never", "never", "never"]


AREA = '{"type": "Polygon", "coordinates": [[[113.7, 34.7], [113.701, 34.7], [113.701, 34.701], [113.7, 34.7]]]}'
LINE = '{"type": "LineString", "coordinates": [[113.7, 34.7], [113.701, 34.7]]}'


def danger(**given):
    return {"act": "danger", "what": "ban", "name": "学校", "geometry": AREA, **given}


def test_what_machines_keep_away_from_is_drawn_and_taken_back(yard, cast, as_officer, zone_of_site):  # noqa: F811
    url = f"{BASE}dangers/"
    assert as_officer.get(url).status_code == 200
    for given in (
        danger(machine=str(yard.crane.pk)),
        danger(what="structure", name="楼", bottom_m="100", top_m="130"),
        danger(what="wire", name="10kV", geometry=LINE, top_m="112", voltage_kv="10"),
        {"act": "pit", "zone": str(zone_of_site.pk), "depth_m": "6.5", "supported": "on"},
    ):
        assert as_officer.post(url, given).status_code == 302, given
    scene = scene_of(cast.site)
    assert [machine for machine, _ in scene.bans] == [yard.crane.pk]
    assert (len(scene.structures), len(scene.lines), scene.pits[0].no_vehicle_m) == (1, 1, 1.5)
    ban, edge = SwingBan.objects.get(), PitEdge.objects.get()
    for kind, row in (("ban", ban), ("pit", edge)):
        assert as_officer.post(url, {"act": "withdraw", "kind": kind, "id": str(row.pk)}).status_code == 302
    scene = scene_of(cast.site)
    assert (scene.bans, scene.pits, len(scene.structures)) == ((), (), 1)
    assert SwingBan.objects.get().active is False
    assert {"withdraw_swing_ban", "forget_pit_edge"} <= set(Act.objects.values_list("verb", flat=True))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (danger(geometry=""), None),
        (danger(geometry=LINE), None),
        (danger(what="wire", top_m="110", voltage_kv="10"), None),
        (danger(what="structure"), "top_m"),
        (danger(what="wire", geometry=LINE, top_m="110"), "voltage_kv"),
        (danger(geometry=AREA.replace("113.701, 34.701", "113.7, 34.702")), None),
    ],
)
def test_what_cannot_be_kept_away_from_is_refused_with_its_field(yard, cast, as_officer, given, field):  # noqa: F811
    given = dict(given)
    if given["geometry"].count("113.7, 34.702"):
        given["geometry"] = (
            '{"type": "Polygon", "coordinates": [[[113.7, 34.7], [113.701, 34.701], [113.701, 34.7], [113.7, 34.701],'
            " [113.7, 34.7]]]}"
        )
    answer = as_officer.post(f"{BASE}dangers/", given)
    assert answer.status_code == 422
    assert list(answer.context["danger"].errors) == [field or "__all__"]
    assert not SwingBan.objects.exists() and not Obstacle.objects.exists()


def test_only_keepers_change_what_machines_keep_away_from(yard, cast, client):  # noqa: F811
    client.force_login(cast.worker, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(f"{BASE}dangers/").status_code == 200
    assert client.post(f"{BASE}dangers/", danger()).status_code == 403
    client.force_login(cast.stranger, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(f"{BASE}dangers/").status_code == 404


def test_a_paper_is_filed_on_the_machines_page_and_an_impossible_one_is_not(yard, cast, as_officer):  # noqa: F811
    url = f"{BASE}{yard.crane.pk}/paper/"
    as_officer.post(url, {"kind": "insurance", "number": "B1", "valid_until": "2030-01-01"})
    as_officer.post(url, {"kind": "inspection", "done_on": "2030-01-02", "valid_until": "2030-01-01"})
    as_officer.post(url, {"kind": "poem"})
    assert list(yard.crane.documents.values_list("kind", "number")) == [("insurance", "B1")]
