"""The pages about devices: how they stand, everything about one, papers, places."""

from __future__ import annotations

from datetime import timedelta
from time import perf_counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from spatial.devices.equipment import record_paper
from spatial.devices.models import Calibration, Device, Paper
from spatial.devices.operations import keep_refused_message, place_device, retire_device
from spatial.devices.rules import DeviceFacts, is_password
from spatial.devices.sightings import Seen, note_sightings
from spatial.ledger.models import Act
from spatial.tracks.models import Message
from tests.webmap.devices.conftest import BASE, client_of, device, seen
from tests.webmap.field_cast import LAT, LON

pytestmark = pytest.mark.django_db


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
