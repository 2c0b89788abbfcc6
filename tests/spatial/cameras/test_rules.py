"""Addresses of cameras: only RTSP, never the server itself, nothing that a program could read as an option."""

from __future__ import annotations

import pytest

from spatial.cameras.rules import CameraRefused, check_place_of_host, check_view, read_address


def code_of(text: str) -> str:
    with pytest.raises(CameraRefused) as refused:
        read_address(text)
    return refused.value.code


def test_an_address_is_taken_apart_and_its_credential_is_kept_out_of_it() -> None:
    address = read_address(" rtsp://admin:p%40ss@192.168.1.20/Streaming/Channels/101?transport=tcp ")
    assert address.text == "rtsp://192.168.1.20:554/Streaming/Channels/101?transport=tcp"
    assert (address.username, address.password) == ("admin", "p@ss")
    assert read_address("rtsps://cam.site.lan").text == "rtsps://cam.site.lan:322/"
    assert read_address("rtsp://[fd00::20]:8554/a").at("fd00::20") == "rtsp://[fd00::20]:8554/a"


@pytest.mark.parametrize(
    "text",
    [
        "file:///etc/passwd",
        "http://10.0.0.1/",
        "concat:rtsp://a|file:///x",
        "-i",
        "",
        "tcp://10.0.0.1:22",
        "RTSPX://a/",
    ],
)
def test_another_protocol_is_refused(text: str) -> None:
    assert code_of(text) == "scheme"


@pytest.mark.parametrize(
    "text",
    [
        "rtsp://",
        "rtsp:///path",
        "rtsp://a b/",
        "rtsp://host/a b",
        "rtsp://host/a|file:/etc/passwd",
        "rtsp://host/a\nx",
        "rtsp://host:99999/",
        "rtsp://host:0/",
        "rtsp://host/#x",
        "rtsp://-host/",
        "rtsp://host/a'b",
        "rtsp://host/" + "a" * 600,
    ],
)
def test_an_address_that_could_mean_something_else_is_refused(text: str) -> None:
    assert code_of(text) == "address"


@pytest.mark.parametrize(
    "number",
    [
        "127.0.0.1",
        "127.9.9.9",
        "::1",
        "0.0.0.0",
        "::",
        "169.254.169.254",
        "fe80::1%eth0",
        "224.0.0.1",
        "::ffff:127.0.0.1",
        "10.0.0.5",
    ],
)
def test_the_server_itself_and_what_cannot_be_a_camera_are_never_asked(number: str) -> None:
    with pytest.raises(CameraRefused, match="server itself"):
        check_place_of_host([number], own=["10.0.0.5"], port=554, own_ports=[])


def test_one_bad_number_among_good_ones_is_enough() -> None:
    with pytest.raises(CameraRefused):
        check_place_of_host(["192.168.1.20", "127.0.0.1"], own=[], port=554, own_ports=[])
    assert check_place_of_host(["192.168.1.20", "10.1.1.1"], own=[], port=554, own_ports=[]) == "192.168.1.20"


def test_a_port_of_this_machine_that_is_named_may_be_asked() -> None:
    assert check_place_of_host(["127.0.0.1"], own=[], port=28554, own_ports=[28554]) == "127.0.0.1"
    with pytest.raises(CameraRefused):
        check_place_of_host(["127.0.0.1"], own=[], port=6379, own_ports=[28554])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"bearing_deg": 360}, "bearing"),
        ({"tilt_deg": -91}, "tilt"),
        ({"field_of_view_deg": 0}, "field_of_view"),
        ({"range_m": 0}, "range"),
    ],
)
def test_a_view_that_no_camera_has_is_refused(change: dict[str, float], code: str) -> None:
    view = {"bearing_deg": 0.0, "tilt_deg": -15.0, "field_of_view_deg": 80.0, "range_m": 60.0, **change}
    with pytest.raises(CameraRefused) as refused:
        check_view(**view)
    assert refused.value.code == code
