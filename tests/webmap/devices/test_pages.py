"""The pages about devices: how they stand, everything about one, refused messages, mappings, files."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime, timedelta
from time import perf_counter

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from ingest.decoders.jt808 import decode_jt808
from ingest.decoders.mapped import decode_mapped, example_mapping, example_payload
from ingest.decoders.mapping_form import read_mapping
from ingest.decoders.messages_json import decode_json
from ingest.decoders.sensorthings import Bound, decode_sensorthings
from ingest.jt808.frames import read_frame
from spatial.devices.equipment import record_paper
from spatial.devices.models import Calibration, Device, Mapping, Paper, RefusedMessage, StreamBinding
from spatial.devices.operations import keep_refused_message, place_device, register_device, retire_device
from spatial.devices.rules import DeviceFacts, is_password
from spatial.devices.sightings import Seen, note_sightings
from spatial.devices.speaking import bind_stream
from spatial.ledger.models import Act
from spatial.tracks.models import Message
from tests.webmap.field_cast import LAT, LON, build_cast
from webmap.pages.devices.recipes import recipe_of

pytestmark = pytest.mark.django_db
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


def test_the_list_shows_who_is_silent_since_when_with_battery_clock_and_missing_messages(cast):
    live, silent, never = device(cast, "H-1"), device(cast, "H-2"), device(cast, "H-3")
    camera = device(cast, "CAM-1", "camera", facts=DeviceFacts(protocol="silent"))
    for delay in (800, 1000, 1200, 60_000):
        seen(live, 10, boot_id="aa", battery_percent=15, delay=timedelta(milliseconds=delay))
    seen(silent, 3 * 3600 + 60)
    for sequence in (1, 2, 5, 6):
        Message.objects.create(device=live, boot_id="aa", sequence=sequence, received_at=timezone.now())
    keep_refused_message(
        topic="t", device_code="H-1", site=cast.site, payload=b"{}", reason="v: must be 1", received_at=timezone.now()
    )
    page = client_of(cast.safety).get(BASE)
    lines = {line["device"].code: line for line in page.context["lines"]}
    assert [line["state"] for line in page.context["lines"]] == ["silent", "never", "live", "quiet"]
    assert (lines["H-2"]["ago"], lines["H-3"]["ago"]) == ("3 h ago", "")
    found = lines["H-1"]["row"]
    assert (found.battery, found.missing, found.looked_at, found.brief.refused) == (15, 2, 6, 1)
    assert (lines["H-1"]["clock"], lines["H-1"]["clock_off"]) == ("+1.1 s ± 0.1", False)
    assert page.context["counts"] == {"live": 1, "silent": 1, "never": 1, "quiet": 1, "retired": 0}
    retire_device(device=never, actor=None, now=timezone.now())
    text = client_of(cast.safety).get(BASE, {"state": "retired"})
    assert [line["device"].code for line in text.context["lines"]] == ["H-3"]
    assert camera.code in client_of(cast.safety).get(BASE, {"kind": "camera"}).content.decode()
    assert "No device is as asked for" in client_of(cast.safety).get(BASE, {"q": "nothing"}).content.decode()


def test_strangers_find_nothing_and_workers_see_but_do_not_change(cast):
    row = device(cast)
    for path in ("", "papers/", "refused/", "mappings/", f"{row.pk}/", "devices.xlsx"):
        assert client_of(cast.stranger).get(BASE + path).status_code == 404, path
        assert client_of(cast.worker).get(BASE + path).status_code == 200, path
    before = row.credential_hash
    for path in ("new/", "import/", "mappings/new/"):
        assert client_of(cast.worker).get(BASE + path).status_code == 403
    assert client_of(cast.worker).post(f"{BASE}{row.pk}/password/").status_code == 403
    assert client_of(cast.stranger).post(f"{BASE}{row.pk}/password/").status_code == 404
    row.refresh_from_db()
    assert row.credential_hash == before
    assert "New password" not in client_of(cast.worker).get(f"{BASE}{row.pk}/").content.decode()


def test_a_device_is_registered_and_its_password_shown_once(cast):
    client = client_of(cast.safety)
    given = {
        "code": "GAS-1",
        "name": "气体",
        "kind": "sensor",
        "report_interval_s": 30,
        "protocol": "mapped",
        "datum": "WGS84",
    }
    page = client.post(f"{BASE}new/", given)
    row = Device.objects.get(code="GAS-1")
    assert is_password(page.context["password"], row.credential_hash)
    assert page.context["password"] not in client.get(f"{BASE}{row.pk}/").content.decode()
    again = client.post(f"{BASE}new/", given)
    assert again.status_code == 422
    assert "The code GAS-1 is taken; every device of this Twinwall has its own." in again.content.decode()


def test_everything_on_a_device_page_is_done_through_its_forms(cast):
    row, client = device(cast, "GAS-1", "sensor", add_ons=["gas_oxygen"]), client_of(cast.safety)
    base = f"{BASE}{row.pk}/"

    def post(act, **given):
        return client.post(f"{base}{act}/", given)

    facts = {
        "name": "氧气",
        "report_interval_s": 30,
        "protocol": "twinwall",
        "datum": "WGS84",
        "maker": "MSA",
        "serial_number": "S1",
    }
    assert post("revise", **facts).status_code == 302
    assert post("place", lon=LON, lat=LAT, height_m=97).status_code == 302
    assert post("fit", kind="gas_co", channel="b").status_code == 302
    day = {"done_on": "2026-01-01", "due_on": "2099-01-01"}
    calibration = {"quantity": "oxygen", "scale": "1.02", "offset": "0.1", "certificate_number": "JZ-1", **day}
    assert post("calibrate", **calibration).status_code == 302
    paper = {"kind": "inspection", "number": "B-1", "issued_on": "2026-01-01", "expires_on": "2026-06-30"}
    assert post("paper", **paper).status_code == 302
    row.refresh_from_db()
    assert (row.name, row.maker, row.anchor.storey, row.anchor.geometry.z) == ("氧气", "MSA", cast.storey, 97.0)
    assert set(row.add_ons.values_list("quantity", "channel")) == {("oxygen", ""), ("co", "b")}
    assert (Calibration.objects.get().scale, Paper.objects.get().number) == (1.02, "B-1")
    wrong = post("paper", **{**paper, "expires_on": "2025-01-01"})
    assert wrong.status_code == 422
    assert "The last day, 2025-01-01, lies before the day of issue." in wrong.content.decode()
    assert post("withdraw", what="paper", id=Paper.objects.get().pk).status_code == 302
    assert post("remove", id=row.add_ons.get(quantity="co").pk).status_code == 302
    assert row.add_ons.filter(removed_at__isnull=False).count() == 1
    shown = post("password")
    row.refresh_from_db()
    assert is_password(shown.context["password"], row.credential_hash)
    assert post("retire").status_code == 302
    assert post("explode").status_code == 404
    verbs = list(Act.objects.filter(subject_id=str(row.pk)).order_by("id").values_list("verb", flat=True))
    assert verbs == [
        "register_device", "revise_device", "place_device", "fit_add_on", "record_calibration", "record_paper",
        "withdraw_paper", "remove_add_on", "renew_device_password", "retire_device",
    ]  # fmt: skip


def test_a_device_moves_to_a_site_whose_devices_one_keeps_and_nowhere_else(cast):
    from spatial.people.operations import grant_role

    row, client = device(cast), client_of(cast.safety)
    assert client.post(f"{BASE}{row.pk}/transfer/", {"site": "next-door"}).status_code == 302
    row.refresh_from_db()
    assert row.site == cast.site
    grant_role(user=cast.safety, role="site_safety", site=cast.other_site)
    page = client.post(f"{BASE}{row.pk}/transfer/", {"site": "next-door"})
    row.refresh_from_db()
    assert row.site == cast.other_site
    assert is_password(page.context["password"], row.credential_hash)
    assert client.get(f"{BASE}{row.pk}/").status_code == 404


def test_refused_messages_are_counted_filtered_shown_safely_and_downloaded(cast):
    now = timezone.now()
    row = device(cast)
    for seconds in range(3):
        keep_refused_message(
            topic="tw/v1/field/H-1/positions", device_code="H-1", site=cast.site, payload=b'{"v": 2}',
            reason=f"fixes[0].t: {3600 + seconds} s ahead of the server's clock", received_at=now,
        )  # fmt: skip
    keep_refused_message(
        topic="t",
        device_code="=X()",
        site=cast.site,
        payload=b"\x00\x7e<script>",
        reason="v: must be 1",
        received_at=now,
    )
    keep_refused_message(
        topic="t", device_code="far", site=cast.other_site, payload=b"secret", reason="other", received_at=now
    )
    client = client_of(cast.safety)
    page = client.get(f"{BASE}refused/")
    assert [(r["kind"], r["count"]) for r in page.context["reasons"]] == [
        ("fixes[…].t: … s ahead of the server's clock", 3), ("v: must be …", 1),
    ]  # fmt: skip
    assert [(r["device_code"], r["count"], r["id"]) for r in page.context["devices"]] == [
        ("H-1", 3, row.pk),
        ("=X()", 1, None),
    ]
    assert "00 7e 3c 73 63 72 69 70 74 3e" in page.content.decode()
    kind = page.context["reasons"][0]["kind"]
    assert client.get(f"{BASE}refused/", {"reason": kind}).context["total"] == 3
    file = b"".join(client.get(f"{BASE}refused/messages.csv").streaming_content).decode()
    assert len(file.strip().splitlines()) == 5
    assert "'=X()" in file and "secret" not in file
    message = RefusedMessage.objects.get(device_code="=X()")
    assert "00 7e" in client.get(f"{BASE}refused/{message.pk}/").content.decode()
    payload = client.get(f"{BASE}refused/{message.pk}/?payload")
    assert (payload.content, payload["Content-Type"]) == (b"\x00\x7e<script>", "application/octet-stream")
    other = RefusedMessage.objects.get(device_code="far")
    assert client.get(f"{BASE}refused/{other.pk}/").status_code == 404


def test_papers_that_end_are_listed_by_their_last_day_without_any_job(cast):
    row, today = device(cast), timezone.localdate()
    for number, days in enumerate((40, 20, 10, 3, -2)):
        kind = Paper.Kind.values[number]
        record_paper(
            device=row, kind=kind, number=f"N{number}", issued_on=today - timedelta(days=90),
            expires_on=today + timedelta(days=days), actor=None, now=timezone.now(),
        )  # fmt: skip
    page = client_of(cast.worker).get(f"{BASE}papers/")
    levels = [line["level"].level for line in page.context["lines"]]
    assert levels == ["expired", "orange", "yellow", "blue"]
    assert "expired 2 days ago" in page.content.decode()
    assert len(client_of(cast.worker).get(f"{BASE}papers/?all").context["lines"]) == 5


def test_the_mapping_editor_shows_what_would_be_taken_and_keeps_versions(cast):
    client = client_of(cast.safety)
    body, example = json.dumps(example_mapping()), json.dumps(example_payload())
    tried = client.post(f"{BASE}mappings/try/", {"body": body, "example": example}).content.decode()
    assert "The payload is read without a fault." in tried and "position.x" in tried
    wrong = client.post(f"{BASE}mappings/try/", {"body": body, "example": '{"ts": 1772326800000}'}).content.decode()
    assert "gps: there is no such field" in wrong and "The payload would be refused." in wrong
    assert "is not JSON (line 1, column 2)" in client.post(f"{BASE}mappings/try/", {"body": "{,"}).content.decode()
    assert Mapping.objects.count() == 0
    assert (
        client.post(f"{BASE}mappings/new/", {"name": "安全帽厂", "body": body, "example": example}).status_code == 302
    )
    mapping = Mapping.objects.get()
    row = device(cast, facts=DeviceFacts(protocol="mapped"))
    assert client.post(f"{BASE}{row.pk}/mapping/", {"version": mapping.versions.get().pk}).status_code == 302
    changed = json.dumps({**example_mapping(), "battery": "$.power"})
    edit = f"{BASE}mappings/{mapping.pk}/"
    assert client.post(edit, {"body": changed, "example": example, "use": "on"}).status_code == 302
    row.refresh_from_db()
    assert (row.mapping.number, row.mapping.body["battery"]) == (2, "$.power")
    assert client.post(edit, {"body": changed, "example": example}).status_code == 302
    assert mapping.versions.count() == 2
    refused = client.post(edit, {"body": '{"time": 1}', "example": ""})
    assert refused.status_code == 422 and mapping.versions.count() == 2
    assert client.get(edit).status_code == 200


def test_the_example_of_every_recipe_is_really_taken(cast):
    now = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)
    plain = device(cast, "H-1")
    recipe = recipe_of(plain, "site.example", now)
    assert recipe.publish == "tw/v1/field/H-1/positions"
    assert decode_json(recipe.payload.encode(), sender_code="H-1").parts[0].fixes[0].time == now
    truck = device(cast, "V-1", "vehicle", facts=DeviceFacts(protocol="jt808", terminal_number="13912345678"))
    frame = read_frame(bytes.fromhex(recipe_of(truck, "site.example", now).payload)[1:-1])
    assert frame.header.number == "013912345678"
    assert decode_jt808(frame.body, sender_code="V-1").parts[0].fixes[0].time == now
    sender = device(cast, "GW-1", "gateway", facts=DeviceFacts(protocol="sensorthings"))
    bind_stream(sender=sender, stream_id="42", device=plain, quantity="oxygen", actor=None, now=now)
    streams = {"42": Bound("H-1", "oxygen")}
    assert decode_sensorthings(
        recipe_of(sender, "site.example", now).payload.encode(), sender_code="GW-1", streams=streams
    ).parts
    text = json.dumps(example_payload()).encode()
    assert decode_mapped(text, sender_code="H-1", form=read_mapping(example_mapping())).parts[0].fixes
    assert recipe_of(device(cast, "CAM-1", "camera", facts=DeviceFacts(protocol="silent")), "site.example", now) is None
    assert StreamBinding.objects.count() == 1


def workbook(rows: list[dict]) -> bytes:
    book = Workbook()
    sheet = book.active
    heads = list(dict.fromkeys(key for row in rows for key in row))
    sheet.append(heads)
    for row in rows:
        sheet.append([row.get(head) for head in heads])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def upload(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("设备.xlsx", content)


GOOD = [
    {"设备编码*": "H-10", "设备名称*": "安全帽10", "设备类别*": "智能安全帽", "出厂编号": 1001, "生产厂家": "示例",
     "证件类型": "合格证", "证件编号": "HG-1", "发证日期": date(2026, 1, 1), "有效期至": "2027-01-01"},
    {"设备编码*": "GAS-10", "设备名称*": "气体", "设备类别*": "传感器", "接入协议": "映射JSON", "上报间隔(秒)": 30,
     "经度": LON, "纬度": LAT, "附加模块": "氧气探头、一氧化碳探头", "校准项目": "氧气", "校准证书编号": "JZ-9",
     "校准日期": "2026-01-01", "下次校准日期": "2027-01-01", "校准系数": 1.01},
    {"设备编码*": "V-10", "设备名称*": "渣土车", "设备类别*": "车辆", "接入协议": "JT/T 808",
     "终端号(JT/T 808)": 13900000010},
]  # fmt: skip


def test_devices_are_imported_from_excel_after_a_preview_and_again_without_change(cast, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client = client_of(cast.safety)
    page = client.post(f"{BASE}import/", {"file": upload(workbook(GOOD))})
    assert page.status_code == 200, page.context.get("preview")
    assert (
        page.context["preview"]["new"],
        Device.objects.count(),
        Act.objects.filter(subject_kind="device").count(),
    ) == (3, 0, 0)
    done = client.post(f"{BASE}import/", {"ticket": page.context["preview"]["ticket"]})
    passwords = done.context["outcome"].passwords
    rows = {row.code: row for row in Device.objects.all()}
    assert set(passwords) == set(rows) == {"H-10", "GAS-10", "V-10"}
    assert all(is_password(passwords[code], rows[code].credential_hash) for code in rows)
    assert (rows["H-10"].serial_number, rows["V-10"].terminal_number) == ("1001", "13900000010")
    assert set(rows["GAS-10"].add_ons.values_list("quantity", flat=True)) == {"oxygen", "co"}
    assert (rows["GAS-10"].anchor.geometry.x, rows["GAS-10"].calibrations.get().scale) == (LON, 1.01)
    assert rows["H-10"].papers.get().expires_on == date(2027, 1, 1)
    exported = client.get(f"{BASE}devices.xlsx").content
    assert load_workbook(io.BytesIO(exported)).active.max_row == 4
    again = client.post(f"{BASE}import/", {"file": upload(exported)})
    assert again.status_code == 200, again.context["preview"]["problems"]
    assert (again.context["preview"]["same"], again.context["preview"]["new"]) == (3, 0)


def test_a_file_with_faults_names_each_by_row_and_column_and_writes_nothing(cast, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    device(cast, "H-1")
    there, acts = Device.objects.count(), Act.objects.count()
    rows = [
        {"设备编码*": "H-20", "设备名称*": "一", "设备类别*": "烤面包机"},
        {"设备编码*": "H 21", "设备名称*": "二", "设备类别*": "车辆", "接入协议": "JT/T 808"},
        {"设备编码*": "H-22", "设备类别*": "传感器", "经度": 300, "附加模块": "味觉", "发证日期": "昨天"},
        {"设备编码*": "H-23", "设备名称*": "四", "设备类别*": "车辆", "接入协议": "JT/T 808"},
        {"设备编码*": "H-1", "设备名称*": "五", "设备类别*": "传感器"},
    ]
    page = client_of(cast.safety).post(f"{BASE}import/", {"file": upload(workbook(rows))})
    found = {(line["row"], line["column"]) for line in page.context["preview"]["problems"]}
    assert page.status_code == 422
    assert found == {
        (2, "kind"), (3, "code"), (4, "name"), (4, "longitude"), (4, "latitude"), (4, "add-ons"), (4, "issued on"),
        (4, "paper"), (4, "paper number"), (4, "last day"), (5, "terminal number"), (6, "code"),
    }  # fmt: skip
    words = {(line["row"], line["column"]): line["words"] for line in page.context["preview"]["problems"]}
    assert words[4, "longitude"] == "300 is no number from 73 to 136"
    assert "needs the number in its message headers" in words[5, "terminal number"]
    assert (Device.objects.count(), Act.objects.count()) == (there, acts)
    for content, why in ((b"PK nonsense", "cannot be read as Excel"), (workbook([{"a": 1}]), "lacks the columns")):
        refused = client_of(cast.safety).post(f"{BASE}import/", {"file": upload(content)})
        assert refused.status_code == 422 and why in refused.content.decode()


def test_the_template_is_a_file_that_can_be_imported_as_it_is(cast, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client = client_of(cast.safety)
    content = client.get(f"{BASE}import/template.xlsx").content
    page = client.post(f"{BASE}import/", {"file": upload(content)})
    assert page.context["preview"]["new"] == 3, page.context["preview"]["problems"]


def test_two_thousand_devices_cost_no_more_queries_than_two(cast):
    def ask():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            started = perf_counter()
            page = client.get(BASE)
            took = perf_counter() - started
        assert page.status_code == 200
        return len(queries), took

    client = client_of(cast.safety)
    for number in range(2):
        seen(device(cast, f"A-{number}"), 10, boot_id="aa")
    few, _took = ask()
    shared = {"organisation": cast.site.organisation, "site": cast.site, "kind": "helmet"}
    rows = Device.objects.bulk_create(Device(code=f"B-{n:04}", name=f"帽{n}", **shared) for n in range(2000))
    note_sightings(seen=[Seen(row.pk, timezone.now(), boot_id="aa", battery_percent=50) for row in rows])
    many, took = ask()
    assert many <= few + 1
    assert took < 1.5, f"{took:.2f} s"


def test_a_device_that_was_placed_is_shown_on_the_plan(cast):
    row = device(cast, "GAS-1", "sensor")
    place_device(device=row, lon=LON, lat=LAT, height_m=97.0, actor=None, now=timezone.now())
    page = client_of(cast.worker).get(f"{BASE}{row.pk}/")
    assert page.context["plan"]["place"] == {"lon": LON, "lat": LAT}
