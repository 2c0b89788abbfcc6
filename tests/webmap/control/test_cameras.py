"""Camera pages: set up, looked at, and never a password on a page; the picture comes from our own origin."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from ingest.cameras.relay import Relays
from ingest.simulator.rtsp_camera import CameraPlan, SimulatedCamera
from spatial.cameras.models import Camera
from spatial.cameras.operations import CameraDraft, add_camera
from spatial.ledger.models import Act
from tests.webmap.control.test_control_room import client_of
from tests.webmap.field_cast import LAT, LON, Cast, build_cast
from webmap.pages.cameras import picture

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
FORM: dict[str, Any] = {
    "name": "东门", "address": "rtsp://admin:secret-7@192.168.1.20/live", "username": "", "password": "", "lon": LON,
    "lat": LAT, "height_m": 99, "bearing_deg": 90, "tilt_deg": -10, "field_of_view_deg": 80, "range_m": 50,
}  # fmt: skip


@pytest.fixture
def cast() -> Cast:
    return build_cast()


@pytest.fixture
def source() -> Iterator[SimulatedCamera]:
    with SimulatedCamera(CameraPlan(username="admin", password="secret-7")) as camera:
        yield camera.start()
        camera.shutdown()


@pytest.fixture
def relays(tmp_path: Path, source: SimulatedCamera, monkeypatch: pytest.MonkeyPatch) -> Iterator[Relays]:
    made = Relays(tmp_path, lease_s=20, own_ports=[source.port])
    monkeypatch.setattr(picture, "relays", lambda: made)
    yield made
    made.stop_all()


def camera_of(cast: Cast, address: str = "rtsp://192.168.1.20/live", password: str | None = "secret-7") -> Camera:
    draft = CameraDraft(
        name="东门", address=address, username="admin", password=password, lon=LON, lat=LAT, height_m=99.0
    )
    return add_camera(site=cast.site, draft=draft, actor=cast.safety, now=NOW)


def look_until(client: Client, path: str, state: str) -> dict[str, Any]:
    """Ask as the page does until the picture stands like this."""
    end, pause = time.monotonic() + 30, threading.Event()
    while (answer := client.post(path).json())["state"] != state:
        assert time.monotonic() < end, answer
        pause.wait(0.2)
    return answer


def test_a_camera_is_set_up_on_its_page_and_no_page_ever_shows_its_password(cast: Cast) -> None:
    client = client_of(cast.safety)
    answer = client.post("/sites/field/live/cameras/new/", FORM, follow=True)
    assert answer.status_code == 200
    camera = Camera.objects.get()
    pages = [
        client.get(f"/sites/field/live/{path}").content.decode()
        for path in ("cameras/", "cameras.json", f"cameras/{camera.pk}/", f"cameras/{camera.pk}/change/")
    ]
    assert all("secret-7" not in page and camera.sealed_password not in page for page in pages)
    assert "东门" in pages[0] and '"bearing_deg": 90.0' in pages[1] and "rtsp://" not in pages[1]
    client.post(f"/sites/field/live/cameras/{camera.pk}/retire/")
    assert client.get(f"/sites/field/live/cameras/{camera.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("change", "words"),
    [({"address": "file:///etc/passwd"}, "rtsp://"), ({"bearing_deg": 400}, "359.9"), ({"range_m": "far"}, "number")],
)  # fmt: skip
def test_a_form_that_cannot_be_kept_says_what_to_do_and_writes_nothing(cast: Cast, change: dict, words: str) -> None:
    answer = client_of(cast.safety).post("/sites/field/live/cameras/new/", FORM | change)
    assert answer.status_code == 422 and words in answer.content.decode()
    assert not Camera.objects.exists() and not Act.objects.filter(subject_kind="camera").exists()


def test_a_worker_sees_cameras_but_sets_none_up_and_a_stranger_finds_none(cast: Cast) -> None:
    camera = camera_of(cast)
    worker, stranger = client_of(cast.worker), client_of(cast.stranger)
    assert worker.get("/sites/field/live/cameras/").status_code == 200
    assert worker.get("/sites/field/live/cameras/new/").status_code == 403
    assert worker.post(f"/sites/field/live/cameras/{camera.pk}/retire/").status_code == 403
    for path in ("", "change/", "snapshot.jpg", "hls/index.m3u8"):
        assert stranger.get(f"/sites/field/live/cameras/{camera.pk}/{path}").status_code == 404
    assert stranger.post(f"/sites/field/live/cameras/{camera.pk}/look/").status_code == 404
    assert stranger.post(f"/sites/next-door/live/cameras/{camera.pk}/look/").status_code == 404


def test_a_picture_is_served_to_who_may_see_it_and_the_look_is_noted_once(
    cast: Cast, source: SimulatedCamera, relays: Relays
) -> None:
    camera = camera_of(cast, source.address)
    client = client_of(cast.worker)
    base = f"/sites/field/live/cameras/{camera.pk}/"
    answer = look_until(client, f"{base}look/", "playing")
    playlist = client.get(answer["playlist"])
    assert playlist.headers["Content-Type"] == "application/vnd.apple.mpegurl"
    lines = b"".join(playlist).decode().splitlines()  # type: ignore[arg-type]
    segment = next(line for line in lines if line.endswith(".ts"))
    assert b"".join(client.get(f"{base}hls/{segment}"))[:1] == b"\x47"  # type: ignore[arg-type]
    assert client.get(f"{base}snapshot.jpg").content[:3] == b"\xff\xd8\xff"
    assert client_of(cast.stranger).get(answer["playlist"]).status_code == 404
    assert client.get(f"{base}hls/../../secret").status_code == 404
    act = Act.objects.get(verb="look_at_camera")
    assert (act.actor, act.details["name"]) == (cast.worker, "东门")


@pytest.mark.parametrize(("password", "words"), [("wrong", "refuses the account"), (None, "refuses the account")])
def test_a_wrong_password_says_what_to_do(
    cast: Cast, source: SimulatedCamera, relays: Relays, password: str | None, words: str
) -> None:
    camera = camera_of(cast, source.address, password)
    answer = look_until(client_of(cast.safety), f"/sites/field/live/cameras/{camera.pk}/look/", "failed")
    assert words in answer["text"] and "Change" in answer["text"]


def test_a_camera_at_the_server_itself_is_not_asked(cast: Cast, relays: Relays) -> None:
    camera = camera_of(cast, "rtsp://127.0.0.1:6379/")
    answer = look_until(client_of(cast.safety), f"/sites/field/live/cameras/{camera.pk}/look/", "failed")
    assert "the server itself" in answer["text"]
