"""A file of held-back fixes by the page: checked line by line, shown, taken in pieces, cancelled in between."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone

from deploy.supervision import wait_until
from ingest.backfill_jobs import check_file, progress_of, take_confirmed_file
from spatial.devices.backfills import cancel_backfill, confirm_backfill
from spatial.devices.models import BackfillFile, Device
from spatial.devices.operations import register_device
from spatial.ledger.models import Act
from spatial.media import blob_path
from spatial.tracks.models import Message, Position
from tests.webmap.devices.conftest import client_of
from tests.webmap.field_cast import LAT, LON, build_cast

BASE = "/sites/field/live/devices/backfill/"
HEAD = "t,lon,lat,h,h_ref,acc,src,worn\n"


def cast_with_vehicle() -> Any:
    cast = build_cast()
    register_device(
        site=cast.site, code="V-1", name="渣土车", kind="vehicle", report_interval_s=5, actor=cast.safety,
        now=timezone.now(),
    )  # fmt: skip
    return cast


@pytest.fixture
def cast(settings: Any, tmp_path: Any, db: None) -> Any:
    settings.MEDIA_ROOT = tmp_path
    return cast_with_vehicle()


def csv_of(count: int, *, lon: float = LON, every_s: float = 1.0) -> bytes:
    start = timezone.now() - timedelta(seconds=count * every_s + 120)
    rows = [
        f"{int((start + timedelta(seconds=n * every_s)).timestamp() * 1000)},{lon + n * 1e-8:.8f},{LAT},96.4,"
        "yellow_sea,3,GNSS,"
        for n in range(count)
    ]
    return (HEAD + "\n".join(rows)).encode()


def upload(client: Client, content: bytes, name: str = "held.csv", device: str = "V-1", frame: str = "CGCS2000") -> Any:
    file = SimpleUploadedFile(name, content)
    return client.post(BASE, {"device": device, "frame": frame, "file": file})


def only() -> BackfillFile:
    return BackfillFile.objects.get()


def test_a_file_is_checked_shown_confirmed_and_taken_whole_once(cast: Any) -> None:
    client = client_of(cast.safety)
    content = csv_of(40)
    answer = upload(client, content)
    assert answer.status_code == 302 and Position.objects.count() == 0
    file = only()
    assert (file.state, file.facts["fixes"], file.facts["known"], file.facts["outside"]) == ("ready", 40, 0, 0)
    page = client.get(answer.url).content.decode()
    assert "Take 40 new fixes" in page and f"{LON:.7f}" in page
    assert client.post(f"{answer.url}take/").status_code == 302
    assert only().state == "waiting"
    take_confirmed_file(file.pk)
    assert (only().state, only().taken, only().duplicate, Position.objects.count()) == ("done", 40, 0, 40)
    assert not blob_path(file.sha256).exists()  # the bytes are not needed any more
    take_confirmed_file(file.pk)  # a message that comes twice
    upload(client, content)
    again = BackfillFile.objects.latest("created_at")
    assert (again.facts["known"], Position.objects.count()) == (40, 40)
    verbs = list(Act.objects.filter(subject_kind="device").order_by("id").values_list("verb", flat=True))
    assert verbs == ["register_device", "upload_backfill", "confirm_backfill", "take_backfill", "upload_backfill"]


def test_every_faulty_line_is_told_and_nothing_is_stored(cast: Any) -> None:
    client = client_of(cast.safety)
    lines = csv_of(3).decode().splitlines()
    lines[2] = lines[2].replace("GNSS", "MAGIC")
    lines[3] = "yesterday" + lines[3][lines[3].index(",") :]
    answer = upload(client, "\n".join(lines).encode())
    assert only().state == "faulty" and [line for line, _ in only().faults] == [3, 4]
    page = client.get(answer.url).content.decode()
    assert "src must be one of GNSS, UWB, BLE, manual" in page
    assert "neither milliseconds since 1970 nor ISO 8601" in page
    assert (Position.objects.count(), Message.objects.count()) == (0, 0)
    assert client.post(f"{answer.url}take/").status_code == 302
    assert only().state == "faulty"


def test_what_cannot_be_a_file_of_a_device_is_refused_at_once(cast: Any) -> None:
    client = client_of(cast.safety)
    for given, words in (
        ({"device": "V-9"}, "Choose a device of this site"),
        ({"name": "held.pdf"}, "must end in .csv"),
        ({"content": b""}, "not empty"),
    ):
        answer = upload(client, **{"content": csv_of(1), **given})
        assert answer.status_code == 422 and words in answer.content.decode()
    assert not BackfillFile.objects.exists()
    on_grid = csv_of(1).replace(b"lon,lat", b"x,y").replace(f"{LON:.8f},{LAT}".encode(), b"5.0,7.0")
    upload(client, on_grid, frame="grid:B9")
    assert only().faults == [[1, "crs: site field has no positioning grid B9"]]


def test_fixes_of_another_datum_are_seen_to_lie_outside_before_they_are_taken(cast: Any) -> None:
    upload(client_of(cast.safety), csv_of(10, lon=LON + 0.5))
    assert only().facts["outside"] == 10


def test_strangers_find_nothing_and_workers_may_only_look(cast: Any) -> None:
    upload(client_of(cast.safety), csv_of(2))
    path = f"{BASE}{only().pk}/"
    assert client_of(cast.stranger).get(path).status_code == 404
    assert client_of(cast.worker).get(path).status_code == 200
    assert client_of(cast.worker).post(f"{path}take/").status_code == 403
    assert upload(client_of(cast.worker), csv_of(2)).status_code == 403
    assert only().state == "ready"


def test_cancelled_before_its_turn_nothing_is_taken(cast: Any) -> None:
    client = client_of(cast.safety)
    path = upload(client, csv_of(5)).url
    client.post(f"{path}take/")
    client.post(f"{path}cancel/")
    take_confirmed_file(only().pk)
    assert (only().state, Position.objects.count()) == ("cancelled", 0)
    assert not blob_path(only().sha256).exists()


@pytest.mark.django_db(transaction=True)
def test_cancelled_in_the_middle_what_is_stored_stays_and_the_rest_is_left_out(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    cast = cast_with_vehicle()
    start = int((timezone.now() - timedelta(hours=20)).timestamp() * 1000)
    fix = {"lon": LON, "lat": LAT, "h": 96.4, "h_ref": "yellow_sea", "acc": 3.0, "src": "GNSS"}
    content = "\n".join(json.dumps({"t": start + n * 1000, **fix}) for n in range(45_000)).encode()
    upload(client_of(cast.safety), content, name="held.jsonl")
    file = only()
    if file.state == "checking":  # large ones are checked by a worker
        check_file(file.pk)
    confirm_backfill(file=only(), actor=cast.safety, now=timezone.now())

    def take() -> None:
        take_confirmed_file(file.pk)
        connection.close()

    worker = threading.Thread(target=take)
    worker.start()
    assert wait_until(lambda: progress_of(file.pk).get("done", 0) >= 5_000, 120)
    cancel_backfill(file=only(), actor=cast.safety, now=timezone.now())
    worker.join(120)
    file = only()
    assert (file.state, file.taken) == ("cancelled", Position.objects.count())
    assert 5_000 <= file.taken < 45_000
    assert Message.objects.count() == -(-file.taken // 2000)
    assert Device.objects.get().code == "V-1"
