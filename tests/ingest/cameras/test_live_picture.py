"""A real RTSP source is re-packaged as HLS while somebody looks, and every failure says what it is."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from ingest.cameras.relay import PLAYLIST, Look, Relays, Source, ffmpeg_arguments, ffmpeg_input, snapshot
from ingest.cameras.rtsp import describe, video_codec
from ingest.simulator.rtsp_camera import CameraPlan, SimulatedCamera
from spatial.cameras.rules import CameraRefused, read_address

ACCOUNT = {"username": "admin", "password": "p@ss/1"}


@pytest.fixture
def camera() -> Iterator[SimulatedCamera]:
    with SimulatedCamera(CameraPlan(**ACCOUNT)) as camera:
        yield camera.start()
        camera.shutdown()


@pytest.fixture
def relays(tmp_path: Path, camera: SimulatedCamera) -> Iterator[Relays]:
    relays = Relays(tmp_path / "cameras", limit=1, lease_s=1.5, own_ports=[camera.port])
    yield relays
    relays.stop_all()


def source(camera: SimulatedCamera, **change: str) -> Source:
    return Source(uuid4(), read_address(change.pop("address", camera.address)), **{**ACCOUNT, **change})


def look_until(relays: Relays, what: Source, state: str, within_s: float = 30) -> Look:
    """Look again and again, as a page does, until the picture stands like this."""
    end, pause = time.monotonic() + within_s, threading.Event()
    while (look := relays.look(what)).state != state:
        assert time.monotonic() < end and (look.state == "starting"), look
        pause.wait(0.1)
    return look


def refusal(camera: SimulatedCamera, **change: str) -> str:
    one = source(camera, **change)
    with pytest.raises(CameraRefused) as refused:
        describe(one.address, one.username, one.password, own_ports=[camera.port])
    return refused.value.code


def test_a_picture_plays_while_somebody_looks_and_stops_when_nobody_does(
    camera: SimulatedCamera, relays: Relays
) -> None:
    one = source(camera)
    assert relays.look(one) == Look("starting", began=True)
    look_until(relays, one, "playing")
    assert camera.wait_for_watchers(1, 5)
    playlist = relays.file(one.camera_id, PLAYLIST)
    assert playlist is not None and playlist.read_text().startswith("#EXTM3U")
    segment = relays.newest_segment(one.camera_id)
    assert segment is not None and relays.file(one.camera_id, segment.name) == segment
    told = subprocess.run(
        ["ffprobe", "-v", "error", "-show_streams", "-of", "json", str(segment)], capture_output=True, check=True
    )
    (stream,) = json.loads(told.stdout)["streams"]
    assert (stream["codec_name"], stream["width"], stream["height"]) == ("h264", 640, 360)
    assert snapshot(segment)[:3] == b"\xff\xd8\xff"
    pid = relays.process_of(one.camera_id)
    assert pid and relays.look(one).state == "playing"
    assert relays.process_of(one.camera_id) == pid  # a second look starts nothing

    assert relays.wait_until_ended(one.camera_id, 10)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert camera.wait_for_watchers(0, 10)
    assert not (relays.folder / str(one.camera_id)).exists() and relays.file(one.camera_id, PLAYLIST) is None


def test_the_password_of_a_camera_stands_in_no_command_line(camera: SimulatedCamera, relays: Relays) -> None:
    one = source(camera)
    look_until(relays, one, "playing")
    seen = {
        path.parent.name: path.read_bytes()
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if path.exists() and path.stat().st_uid == os.getuid()
    }
    mine = seen[str(relays.process_of(one.camera_id))]
    assert b"ffmpeg" in mine and b"pipe:0" in mine
    assert not [pid for pid, words in seen.items() if b"p%40ss" in words or b"p@ss/1" in words]
    assert b"p%40ss" not in Path(f"/proc/{relays.process_of(one.camera_id)}/environ").read_bytes()


def test_no_more_pictures_at_once_than_the_limit(camera: SimulatedCamera, relays: Relays) -> None:
    relays.look(source(camera))
    assert relays.look(source(camera)) == Look("failed", "too_many", "1")


def test_only_the_playlist_and_its_segments_can_be_fetched(camera: SimulatedCamera, relays: Relays) -> None:
    one = source(camera)
    look_until(relays, one, "playing")
    for name in ("../secret", "s1.txt", "s../x.ts", "", ".", "s000000.ts/../../x"):
        assert relays.file(one.camera_id, name) is None


@pytest.mark.parametrize(
    ("change", "code"),
    [({"password": "wrong"}, "wrong_password"), ({"username": ""}, "wrong_password")],
)  # fmt: skip
def test_a_wrong_password_is_called_one(camera: SimulatedCamera, change: dict[str, str], code: str) -> None:
    assert refusal(camera, **change) == code


def test_a_wrong_path_a_closed_port_and_something_else_that_answers_are_told_apart(camera: SimulatedCamera) -> None:
    assert refusal(camera, address=f"rtsp://127.0.0.1:{camera.port}/nothing") == "no_such_picture"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(CameraRefused) as refused:
            port = taken.getsockname()[1]
            describe(read_address(f"rtsp://127.0.0.1:{port}/"), "", "", own_ports=[port])
    assert refused.value.code == "unreachable"


def test_a_server_of_our_own_machine_is_not_asked_at_all(camera: SimulatedCamera) -> None:
    with pytest.raises(CameraRefused) as refused:
        describe(read_address(camera.address), **ACCOUNT)
    assert refused.value.code == "forbidden_host"


def test_a_codec_that_a_browser_cannot_play_is_named() -> None:
    with SimulatedCamera(CameraPlan(codec="hevc")) as camera:
        camera.start()
        with pytest.raises(CameraRefused, match="H265") as refused:
            describe(read_address(camera.address), "", "", own_ports=[camera.port])
        camera.shutdown()
    assert refused.value.code == "codec"
    assert video_codec("v=0\r\nm=audio 0 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\nm=video 0 RTP/AVP 26\r\n") == "JPEG"


def test_a_failure_is_told_to_the_page_that_looks(camera: SimulatedCamera, relays: Relays) -> None:
    one = source(camera, password="wrong")
    assert look_until(relays, one, "failed").code == "wrong_password"


def test_ffmpeg_may_read_rtsp_only_and_the_address_cannot_be_an_option(camera: SimulatedCamera, tmp_path: Path) -> None:
    words = ffmpeg_arguments(tmp_path)
    assert words[words.index("-protocol_whitelist") + 1] == "pipe,rtsp,rtsps,rtp,tcp,tls,crypto"
    assert words[words.index("-i") + 1] == "pipe:0"
    listed = ffmpeg_input(source(camera), "127.0.0.1").decode().splitlines()
    assert listed[:2] == [
        "ffconcat version 1.0",
        f"file 'rtsp://admin:p%40ss%2F1@127.0.0.1:{camera.port}/live'",
    ]
    quoted = source(camera, address=f"rtsp://127.0.0.1:{camera.port}/a&b='x'".replace("'", "%27"))
    assert ffmpeg_input(quoted, "127.0.0.1").decode().count("\nfile ") == 1
    assert words.index("-protocol_whitelist") < words.index("-i") and "-c" in words and "copy" in words
    assert "p@ss/1" not in repr(source(camera))
